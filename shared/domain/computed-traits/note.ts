import { MINUTE_MS } from '../../kernel/time.ts';
import type { MessageFact } from '../audiences/message-clauses.ts';
import type { CustomerEvent } from '../customer-event.ts';
import { zoneOf } from '../journeys/engine/scope.ts';
import { jsonBytes, MAX_COMPUTED_BYTES, MAX_PROFILE_BYTES, MAX_VALUE_BYTES } from '../profiles/limits.ts';
import type { Profile } from '../profiles/profile.ts';
import { countedSince } from '../profiles/remember.ts';
import type { Turn } from '../turn.ts';
import { accumulate } from './accumulate.ts';
import type { Accumulator, Occurred } from './accumulator.ts';
import { type Feed, fedByEvent, fedByMessage } from './feed.ts';

/** Remembers it for every computed trait that it feeds. */
export function noteEvent(turn: Turn, event: CustomerEvent): void {
  const feeds = turn.catalog.computed.byEvent.get(event.name);
  if (feeds === undefined) return;
  const zone = zoneOf(turn, undefined);
  note(turn, feeds, event.name, countedSince(turn, event), (feed) => {
    const { occurred, tooLong } = fedByEvent(feed, event, zone);
    if (tooLong > 0) {
      const saw = { limitBytes: MAX_VALUE_BYTES, values: tooLong, event: event.name };
      turn.because({ code: 'computed.value-too-long', saw });
    }
    return occurred;
  });
}

/** The same for what became of a message. */
export function noteMessage(turn: Turn, fact: MessageFact): void {
  const feeds = turn.catalog.computed.byOutcome.get(fact.was);
  if (feeds === undefined) return;
  const zone = zoneOf(turn, undefined);
  note(turn, feeds, `message ${fact.was}`, fact.at, (feed) => fedByMessage(feed, fact, zone));
}

/**
 * All of it or none: of traits that one event feeds none is ahead of the others.
 *
 * @param from since when a feed that begins with it is complete
 */
function note(
  turn: Turn,
  feeds: readonly Feed[],
  what: string,
  from: number,
  fed: (feed: Feed) => readonly Occurred[],
): void {
  const before = turn.profile.computed ?? {};
  const next: { [feed: string]: Accumulator } = {};
  for (const feed of feeds) {
    const own = Object.hasOwn(before, feed.id) ? before[feed.id] : undefined;
    const accumulated = accumulate(own, fed(feed), feed);
    if (accumulated !== undefined) next[feed.id] = own === undefined ? completeFrom(accumulated, from) : accumulated;
  }
  putComputed(turn, next, what);
}

const completeFrom = ([kind, , ...rest]: Accumulator, from: number) =>
  [kind, Math.ceil(from / MINUTE_MS), ...rest] as unknown as Accumulator;

/** In their places, all of them or none; false when nothing changes, or it does not fit. */
export function putComputed(turn: Turn, next: NonNullable<Profile['computed']>, what: string): boolean {
  const before = turn.profile.computed ?? {};
  const computed = { ...before, ...next };
  if (Object.keys(computed).every((id) => computed[id] === before[id])) return false;
  // What no trait asks for any more goes when something else is written anyway.
  for (const id of Object.keys(before)) if (!turn.catalog.computed.feeds.has(id)) delete computed[id];
  const [bytes, actualBytes] = [jsonBytes(before), jsonBytes(computed)];
  const more = actualBytes - bytes;
  const isFull = actualBytes > MAX_COMPUTED_BYTES || turn.ownBytes + more > MAX_PROFILE_BYTES;
  if (more <= 0 || !isFull) {
    turn.change({ computed });
    return true;
  }
  turn.because({ code: 'computed.too-large', saw: { limitBytes: MAX_COMPUTED_BYTES, actualBytes, event: what } });
  return false;
}
