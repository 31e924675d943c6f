import type { Problem } from '../../kernel/errors.ts';
import type { Predicate } from '../audiences/predicate.ts';
import { parseRef } from '../audiences/ref.ts';
import type { Channel } from '../messaging/channel.ts';
import type { Journey, Step } from './journey.ts';
import { predicatesOf, walkPredicate } from './predicates-of.ts';

/**
 * What the grammar says and today's engine does not do: the only place that knows. Whoever makes the engine do one of
 * these things removes it here and its row from the test's table.
 */
export function notYet(journey: Journey): Problem[] {
  const found: Problem[] = [];
  const refuse = (pointer: string, what: string, fix?: string) => {
    found.push({ pointer, code: 'journey.not-yet', detail: `${what}: not yet`, ...(fix === undefined ? {} : { fix }) });
  };

  for (const [id, step] of Object.entries(journey.steps)) refuseStep(step, `/steps/${id}`, refuse);
  for (const { pointer, predicate } of predicatesOf(journey)) refusePredicate(predicate, pointer, refuse);
  return found;
}

type Refuse = (pointer: string, what: string, fix?: string) => void;

export const sentChannels: readonly Channel[] = ['email', 'in-app', 'push', 'sms', 'webhook'];

function refuseStep(step: Step, pointer: string, refuse: Refuse): void {
  if (step.type !== 'message' || step.channels === 'by-policy') return;
  for (const [i, channel] of step.channels.entries()) {
    if (sentChannels.includes(channel)) continue;
    refuse(`${pointer}/channels/${i}`, `channel ${channel}`, `write one of ${sentChannels.join(', ')}`);
  }
}

/** The same of a predicate that stands in another document. */
export function notYetIn(predicate: Predicate, at: string): Problem[] {
  const found: Problem[] = [];
  refusePredicate(predicate, at, (pointer, what, fix) => {
    found.push({ pointer, code: 'journey.not-yet', detail: `${what}: not yet`, ...(fix === undefined ? {} : { fix }) });
  });
  return found;
}

function refusePredicate(predicate: Predicate, at: string, refuse: Refuse): void {
  for (const { predicate: part, pointer } of walkPredicate(predicate, at)) {
    if ('did' in part) {
      if (part.where !== undefined) refuseInDid(part.where, `${pointer}/where`, refuse);
    } else if ('sequence' in part) {
      for (const [i, { where }] of part.sequence.entries()) {
        if (where !== undefined) refuseInDid(where, `${pointer}/sequence/${i}/where`, refuse);
      }
    }
  }
}

/** Counted when the event comes, for all journeys and runs together: no run's values, no other counts, no clock. */
function refuseInDid(where: Predicate, at: string, refuse: Refuse): void {
  for (const { predicate: part, pointer } of walkPredicate(where, at)) {
    if ('did' in part) refuse(`${pointer}/did`, 'did within the where of a did');
    if ('sequence' in part) refuse(`${pointer}/sequence`, 'sequence within the where of a did');
    if ('clock' in part) refuse(`${pointer}/clock`, 'clock within the where of a did');
    if ('journey' in part) refuse(`${pointer}/journey`, 'journey within the where of a did');
    if ('message' in part) refuse(`${pointer}/message`, 'message within the where of a did');
    if ('consent' in part) refuse(`${pointer}/consent`, 'consent within the where of a did');
    if ('segment' in part) refuse(`${pointer}/segment`, 'segment within the where of a did');
    if (!('ref' in part)) continue;
    const operand = Object.values(part).find(
      (value) => typeof value === 'object' && value !== null && 'ref' in value,
    ) as { ref: string } | undefined;
    for (const ref of [part.ref, ...(operand === undefined ? [] : [operand.ref])]) {
      const root = parseRef(ref)?.root;
      if (root === 'entry' || root === 'steps') {
        refuse(`${pointer}/ref`, `${root}.* within the where of a did`, 'compare with event.* or profile.*');
      }
    }
  }
}
