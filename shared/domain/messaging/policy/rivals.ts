import { addDuration } from '../../../kernel/zone.ts';
import type { Journey, MessageStep } from '../../journeys/journey.ts';
import { priorityOf } from '../../journeys/priority.ts';
import type { Run } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import type { Channel } from '../channel.ts';
import { templateChannels } from '../channel-order.ts';
import { parseTemplateName } from '../template-name.ts';
import type { Check, Proposal } from './check.ts';
import { isMarketing } from './check.ts';
import { checkAddress, checkDeadAddress } from './check-address.ts';
import { checkAge } from './check-age.ts';
import { checkConsent } from './check-consent.ts';
import { checkHoldout } from './check-holdout.ts';
import { checkTemplate } from './check-template.ts';

/** Over which what quiet hours held is released (check-hours.ts): priority would be a matter of chance otherwise. */
export const DEFAULT_RESERVE = 'PT15M';

/** A marketing message of the same customer, of a journey with a higher priority, that is known to come. */
export interface Rival {
  readonly journey: string;
  readonly step: string;
  readonly priority: number;
  /** Epoch milliseconds. */
  readonly due: number;
  readonly topic: string;
  /** Those on which nothing lasting stands against it. */
  readonly channels: readonly Channel[];
}

/** What will not pass by itself: what it stops takes no place. */
const lasting: readonly Check[] = [checkTemplate, checkConsent, checkAddress, checkDeadAddress, checkAge, checkHoldout];

/**
 * What is known to come within `policy.reserve`: messages that are held, and those right behind a wait. What lies behind a
 * branch, or waits for something to happen, may never come, and a paused journey sends nothing. First those that are due first.
 */
export function rivalsOf(turn: Turn, journey: Journey | undefined, runId: string | undefined, zone: string): Rival[] {
  const { profile, catalog, now } = turn;
  // Nothing but a cap leaves too little room for two.
  if (catalog.policy.caps.length === 0) return [];
  const runs = Object.entries(profile.runs).filter(([id]) => id !== runId);
  const held = Object.values(profile.held);
  if (runs.length + held.length === 0) return [];
  const ours = priorityOf(journey);
  const until = addDuration(now, catalog.policy.reserve ?? DEFAULT_RESERVE, zone);
  const rivals: Rival[] = [];
  for (const run of [...runs.map(([, one]) => one), ...held.map(({ at }) => at)]) {
    const { document } = catalog.version(run.journey, run.version);
    const priority = priorityOf(document);
    if (priority <= ours || !isGoingOn(turn, run.journey)) continue;
    const coming = comingMessage(run, document);
    if (coming === undefined || coming.due > until) continue;
    const topic = coming.step.topic ?? document.topic;
    const channels = openChannels(turn, document, coming.step, topic, zone);
    if (channels.length === 0) continue;
    rivals.push({ journey: document.id, step: coming.id, priority, due: coming.due, topic, channels });
  }
  return rivals.sort((a, b) => a.due - b.due || b.priority - a.priority || (a.journey < b.journey ? -1 : 1));
}

const isGoingOn = ({ catalog }: Turn, journey: string): boolean => {
  const state = catalog.journeys.get(journey)?.state;
  return state === 'live' || state === 'draining';
};

/** The message step at which it is held, or to which its wait leads. */
function comingMessage(run: Run, { steps }: Journey) {
  const due = run.until === undefined ? run.due : (run.until ?? undefined);
  const at = steps[run.step];
  if (due === undefined || at === undefined) return undefined;
  const id = run.stand === 'held' ? run.step : run.stand === 'wait' && at.type === 'wait' ? at.next : undefined;
  const step = id === undefined ? undefined : steps[id];
  return step?.type === 'message' ? { id: id!, step, due } : undefined;
}

function openChannels(turn: Turn, journey: Journey, step: MessageStep, topicId: string, zone: string): Channel[] {
  const { profile, catalog, now } = turn;
  const topic = catalog.topics.get(topicId);
  if (topic === undefined) return [];
  const template = parseTemplateName(step.template);
  const written = step.channels === 'by-policy' ? templateChannels(catalog, template.id) : step.channels;
  return written.filter((channel) => {
    const proposal: Proposal = { profile, catalog, now, zone, channel, topic, template, journey, seed: '' };
    return isMarketing(proposal) && lasting.every((check) => check(proposal) === undefined);
  });
}
