import { digest, type ProfileKey } from '../../../kernel/ids.ts';
import { formatInstant } from '../../../kernel/time.ts';
import { type CompiledCatalog, onlyTested } from '../../compiled-catalog.ts';
import type { MailRecord, TestSend, ToldRecord } from '../../mail-record.ts';
import { parseTemplateName } from '../../messaging/template-name.ts';
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
  return test === undefined ? catalog : onlyTested(catalog, test);
}

export function tellTime(turn: Turn): void {
  if (turn.profile.test !== undefined) turn.because({ code: 'test.time', saw: { at: formatInstant(turn.now) } });
}

/** In a holdout nobody would see anything, so a test is never in one. */
export function beginTest(turn: Turn, { id, test, customer, event, properties, send }: TestRecord): void {
  const live = test.journey === undefined ? undefined : turn.catalog.journeys.get(test.journey);
  const holdout = live?.journey.document.holdout;
  const { holdout: global } = turn.catalog.policy;
  turn.change({
    ...customer,
    test: { ...test, startedAt: turn.now },
    ...((holdout ?? global) !== undefined && {
      holdouts: {
        ...(global && { [global.group]: 'in' as const }),
        ...(holdout && { [holdout.group ?? live!.journey.id]: 'in' as const }),
      },
    }),
  });
  tellTime(turn);
  if (send !== undefined) sendTest(turn, id, send);
  if (live !== undefined && event === undefined)
    enter(turn, live, { properties: properties ?? {}, recordId: digest('test', id) });
}

/** What spares customers (consent, caps, hours) is not asked: it goes to its author, who wants to see it. */
function sendTest(turn: Turn, id: string, { template, channel, topic, sender, values }: TestSend): void {
  const message = testMessageId(turn.key, id);
  turn.effect({
    e: 'message',
    message: {
      ...{ id: message, key: turn.key, channel, decidedAt: turn.now, topic, values },
      transactional: turn.catalog.topics.get(topic)?.kind === 'transactional',
      template: parseTemplateName(template),
      ...(sender !== undefined && { sender }),
      testSend: true,
      onUnknown: 'count',
      report: 'non-success',
    },
  });
  turn.because({ code: 'message.decided', message, channel, topic });
}

export const testMessageId = (key: ProfileKey, id: string): string => `${key}-${digest('message', id)}`;
