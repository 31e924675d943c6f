import { chance, type ProfileKey } from '../../../kernel/ids.ts';
import { addDuration } from '../../../kernel/zone.ts';
import type { CompiledCatalog } from '../../compiled-catalog.ts';
import type { Assigned, Profile } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import type { Journey } from '../journey.ts';
import type { CompiledJourney } from './compiled-journey.ts';
import { zoneOf } from './scope.ts';

/**
 * Who is kept out for comparison, per group; a journey that names none is a group of its own.
 *
 * 1. Drawn from the key of the profile where the customer first comes to an entry of the group, and then remembered:
 *    neither another key (a merge) nor another percentage changes it.
 * 2. Who has been in the journey before it had a holdout stays in: its messages have arrived.
 * 3. Of two profiles that turn out to be one person and were assigned differently, "in" stays, for the same reason.
 */
export function assignedTo(
  { profile }: Turn,
  { id, document }: CompiledJourney,
  key: ProfileKey,
): Assigned | undefined {
  const { holdout } = document;
  if (holdout === undefined) return undefined;
  const group = holdout.group ?? id;
  const before = assignedBefore(profile, group);
  if (before !== undefined) return before;
  if (hasBeenIn(profile, id)) return 'in';
  return drawn(group, key, holdout.percent);
}

/**
 * The holdout of the environment (policy.holdout), drawn and remembered where the customer first comes to an entry or a
 * marketing message. Who has been in a journey before is drawn as everybody else is: both sides had messages until then.
 */
export function assignGlobally(turn: Turn): Assigned | undefined {
  const { holdout } = turn.catalog.policy;
  if (holdout === undefined) return undefined;
  const { group, percent } = holdout;
  const assigned = assignedBefore(turn.profile, group) ?? drawn(group, turn.key, percent);
  remember(turn, group, assigned);
  return assigned;
}

/**
 * Journeys of nothing but marketing do not let in who is held out of all of it, so that their figures and the comparison
 * are about those who get it. Others do: their marketing messages are stopped one by one (policy/check-holdout.ts).
 */
export function isAllMarketing({ topic, steps }: Journey, topics: CompiledCatalog['topics']): boolean {
  const messages = Object.values(steps).filter((step) => step.type === 'message');
  return messages.length > 0 && messages.every((step) => topics.get(step.topic ?? topic)?.kind !== 'transactional');
}

function assignedBefore({ holdouts = {} }: Profile, group: string): Assigned | undefined {
  return Object.hasOwn(holdouts, group) ? holdouts[group] : undefined;
}

const drawn = (group: string, key: ProfileKey, percent: number): Assigned =>
  chance('holdout', group, key) * 100 < percent ? 'out' : 'in';

/** Writes the assignment down; the same again changes nothing. */
export const rememberAssignment = (turn: Turn, { id, document }: CompiledJourney, assigned: Assigned): void =>
  remember(turn, document.holdout?.group ?? id, assigned);

function remember(turn: Turn, group: string, assigned: Assigned): void {
  const { holdouts = {} } = turn.profile;
  if (Object.hasOwn(holdouts, group) && holdouts[group] === assigned) return;
  turn.change({ holdouts: { ...holdouts, [group]: assigned } });
}

/**
 * Of a journey with a holdout, its own or that of the environment: counts the customer for the comparison, once per journey, and watches their goal from now on. Who was in the journey
 * before it had a holdout is no part of it.
 */
export function compare(turn: Turn, { id, version, document }: CompiledJourney, side: Assigned): void {
  const { compared = {} } = turn.profile;
  const { goal } = document;
  if (Object.hasOwn(compared, id) || (side === 'in' && hasBeenIn(turn.profile, id))) return;
  turn.count(id, version, `holdout/${side}/people`);
  const until = goal === undefined ? undefined : addDuration(turn.now, goal.within, zoneOf(turn, document));
  if (until === undefined && side === 'in') return;
  const current = Object.entries(compared).filter(([, one]) => one.side === 'out' || one.until! > turn.now);
  const mine = { side, from: turn.now, ...(until !== undefined && { until }) };
  turn.change({ compared: { ...Object.fromEntries(current), [id]: mine } });
}

export const hasBeenIn = ({ entered }: Profile, journey: string): boolean =>
  Object.hasOwn(entered, journey) || Object.keys(entered).some((key) => key.startsWith(`${journey}|`));
