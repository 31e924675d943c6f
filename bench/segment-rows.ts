import type { ApiClient } from '../local/demo/api-client.ts';
import { fiftyTouched, order, tenComputedTraits, untouched } from './commerce-catalog.ts';
import type { Bench } from './rows.ts';

/** The most live segments of an environment. */
const LIVE_SEGMENTS = 1_000;
const ORDERS_BEFORE = 4;

async function save(api: ApiClient, route: string, documents: readonly { readonly id: string }[]): Promise<void> {
  for (const one of documents) await api.put(`/v1/${route}/${one.id}`, one);
}

/** Computed traits and live segments: of the event that feeds them, and of those that they have nothing to do with. */
export async function measureSegments({ api, measure, each, advance, itemBytes }: Bench): Promise<number> {
  await save(api, 'computed-traits', tenComputedTraits);
  // What they count is counted back first: that is not the event's cost.
  await advance();
  const ordered = (number: number) => () =>
    each((userId) => ({ type: 'track', userId, event: 'Order Completed', properties: order(number) }));
  await ordered(0)();
  await measure('event that feeds ten computed traits, no segment', ordered(1));
  await save(api, 'segments', fiftyTouched);
  await advance();
  for (let number = 2; number <= ORDERS_BEFORE; number += 1) await ordered(number)();
  await measure('the same, and 50 live segments ask for it: a member of 10, none crossed', ordered(ORDERS_BEFORE + 1));
  const bytes = await itemBytes();
  // Minutes: whoever saves a segment looks at all others.
  await save(api, 'segments', untouched(LIVE_SEGMENTS - fiftyTouched.length));
  await advance();
  await measure('the same among 1,000 live segments', ordered(ORDERS_BEFORE + 2));
  // Not the event of before, which a segment counts by now.
  await measure('event that changes nothing, 1,000 live segments', () =>
    each((userId) => ({ type: 'track', userId, event: 'Strolled', properties: { page: 7 } })),
  );
  await measure('new profile with name and e-mail, 1,000 live segments', () =>
    each((userId) => ({
      type: 'identify',
      userId: `new-${userId}`,
      traits: { firstName: 'Ada', email: `new-${userId}@mail.example` },
    })),
  );
  await measure('first order of a new profile: ten segments entered', () =>
    each((userId) => ({ type: 'track', userId: `new-${userId}`, event: 'Order Completed', properties: order(0) })),
  );
  return bytes;
}
