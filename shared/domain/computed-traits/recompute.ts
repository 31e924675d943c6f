import type { MessageFact } from '../audiences/message-clauses.ts';
import type { CustomerEvent } from '../customer-event.ts';
import type { Profile } from '../profiles/profile.ts';
import { accumulate } from './accumulate.ts';
import type { Accumulator } from './accumulator.ts';
import { type Feed, fedByEvent, fedByMessage } from './feed.ts';

export type Happened = { readonly event: CustomerEvent } | { readonly message: MessageFact };

/**
 * What a profile would remember if these had been fed from the beginning: for filling a computed trait from the journal.
 * The result does not depend on the order of what happened, as far as an accumulator does not (accumulator.ts).
 *
 * @param feeds those to be filled (`feedsOf`). @param zone the customer's: the local time of what happened is taken from it.
 */
export function recomputeFrom(
  happened: Iterable<Happened>,
  feeds: readonly Feed[],
  zone: string,
): NonNullable<Profile['computed']> {
  const computed: { [feed: string]: Accumulator } = {};
  for (const one of happened) {
    for (const feed of feeds) {
      const occurred =
        'event' in one ? fedByEvent(feed, one.event, zone).occurred : fedByMessage(feed, one.message, zone);
      const next = accumulate(computed[feed.id], occurred, feed);
      if (next !== undefined) computed[feed.id] = next;
    }
  }
  return computed;
}
