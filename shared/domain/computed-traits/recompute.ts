import { MINUTE_MS } from '../../kernel/time.ts';
import type { Past } from '../profiles/past.ts';
import type { Profile } from '../profiles/profile.ts';
import { accumulate } from './accumulate.ts';
import type { Accumulator, Occurred } from './accumulator.ts';
import { type Feed, fedByEvent, fedByMessage } from './feed.ts';

/**
 * What a profile would remember if its past had been fed from the beginning: for filling a computed trait from the journal.
 * The result does not depend on the order of what happened, as far as an accumulator does not (accumulator.ts). Complete
 * since the past is.
 *
 * @param feeds those to be filled (`feedsOf`). @param zone the customer's: the local time of what happened is taken from it.
 */
export function recomputeFrom(
  { events, messages, since }: Past,
  feeds: readonly Feed[],
  zone: string,
): NonNullable<Profile['computed']> {
  const computed: { [feed: string]: Accumulator } = {};
  const feed = (one: Feed, occurred: readonly Occurred[]) => {
    const next = accumulate(computed[one.id], occurred, one);
    if (next !== undefined) computed[one.id] = next;
  };
  for (const one of feeds) {
    for (const { event } of events) feed(one, fedByEvent(one, event, zone).occurred);
    for (const fact of messages) feed(one, fedByMessage(one, fact, zone));
  }
  return Object.fromEntries(
    Object.entries(computed).map(([id, [kind, , ...rest]]) => [
      id,
      [kind, Math.ceil(since / MINUTE_MS), ...rest] as unknown as Accumulator,
    ]),
  );
}
