import { digest } from '../../../kernel/ids.ts';
import { formatInstant } from '../../../kernel/time.ts';
import { type CompiledCatalog, onlyJourney } from '../../compiled-catalog.ts';
import type { MailRecord, ToldRecord } from '../../mail-record.ts';
import type { Profile } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import { enter } from './enter.ts';

export type TestRecord = Extract<ToldRecord, { readonly t: 'test' }>;

/**
 * A test run is an actor of its own, decided as every other is.
 *
 * 1. Its state is a copy, so that nothing that happens to it happens to the customer.
 * 2. It knows one journey, which is live for it, and enters no other.
 * 3. Its `now` is a time of its own (app/actor-time.ts); whatever is decided says when that was (`test.time`).
 */
export function catalogFor(catalog: CompiledCatalog, profile: Profile, record: MailRecord): CompiledCatalog {
  const test = profile.test ?? (record.t === 'test' ? record.test : undefined);
  return test === undefined ? catalog : onlyJourney(catalog, test.journey, test.version);
}

export function tellTime(turn: Turn): void {
  if (turn.profile.test !== undefined) turn.because({ code: 'test.time', saw: { at: formatInstant(turn.now) } });
}

/** In a holdout nobody would see anything, so a test is never in one. */
export function beginTest(turn: Turn, { id, test, customer, event, properties }: TestRecord): void {
  const live = turn.catalog.journeys.get(test.journey)!;
  const { holdout } = live.journey.document;
  const { holdout: global } = turn.catalog.policy;
  turn.change({
    ...customer,
    test: { ...test, startedAt: turn.now },
    ...((holdout ?? global) !== undefined && {
      holdouts: {
        ...(global && { [global.group]: 'in' as const }),
        ...(holdout && { [holdout.group ?? test.journey]: 'in' as const }),
      },
    }),
  });
  tellTime(turn);
  if (event === undefined) enter(turn, live, { properties: properties ?? {}, recordId: digest('test', id) });
}
