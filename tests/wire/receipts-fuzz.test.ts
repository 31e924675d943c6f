import { describe, expect, it } from 'vitest';
import { keywordIn } from '../../shared/app/receive-keywords.ts';
import { InvalidInput } from '../../shared/kernel/errors.ts';
import { isMachine } from '../../shared/wire/email-machines.ts';
import { readNotification } from '../../shared/wire/receipt.ts';
import { ownMessageId, sesEvents } from '../fixtures/ses-events.ts';
import { inboundSms, smsEvent } from '../fixtures/sms-events.ts';
import { anyJsonText, jsonWith, mutantOf, times, wordsOf } from '../hostile.ts';
import fc from '../property.ts';

const app = { schema: 1, app: 'push', message: ownMessageId, was: 'clicked', at: 1_795_341_600_000, link: '/cart' };
const events = [
  ...Object.values(sesEvents),
  ...['TEXT_DELIVERED', 'TEXT_UNREACHABLE', 'TEXT_SENT'].map((type) => smsEvent(type)),
  ...['STOP', 'hello', '  stop. '].map((text) => inboundSms(text)),
];
const envelope = (document: unknown) => ({
  Type: 'Notification',
  MessageId: '0b7f2a51-0000-4000-8000-0123456789ab',
  Timestamp: '2026-11-22T10:00:05.000Z',
  Message: typeof document === 'string' ? document : JSON.stringify(document),
});

const values = jsonWith(wordsOf(events, app, envelope('')));
const document = fc.constantFrom(...events).chain((event) => mutantOf(event, values));
const body = fc.oneof(
  { weight: 6, arbitrary: document.map((event) => JSON.stringify(envelope(event))) },
  { weight: 2, arbitrary: mutantOf(app, values).map((told) => JSON.stringify(told)) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...events)
      .chain((event) => mutantOf(envelope(event), values))
      .map((one) => JSON.stringify(one)),
  },
  { weight: 1, arbitrary: anyJsonText.map((text) => JSON.stringify(envelope(text))) },
  { weight: 1, arbitrary: anyJsonText },
);

describe('whatever comes in the place of a receipt (G13)', () => {
  it('what is right is read', () => {
    for (const event of events) expect(readNotification(JSON.stringify(envelope(event)))).toBeTypeOf('object');
    expect(readNotification(JSON.stringify(app))).toMatchObject({ was: 'clicked', byApp: true });
  });

  it('is read, ignored or refused, never grows, and its values stand in no error', () => {
    fc.assert(
      fc.property(body, (text) => {
        try {
          const read = readNotification(text);
          expect(JSON.stringify(read).length).toBeLessThan(text.length * 2 + 500);
          if ('ignored' in read) return;
          expect(read.id).toMatch(/^[A-Za-z0-9_-]{1,100}$/);
          if ('was' in read) {
            expect(Number.isSafeInteger(read.at)).toBe(true);
            expect(isMachine(read, read.at)).toBeTypeOf('boolean');
          } else keywordIn(read);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInput);
          expect((error as InvalidInput).code).toMatch(/^[a-z-]+\.[a-z-]+$/);
          expect((error as Error).message.length).toBeLessThan(300);
          expect((error as Error).message).not.toMatch(/example|\+49/i);
        }
      }),
      { numRuns: times(3_000) },
    );
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('a user agent as long as anybody likes is looked at, and soon', () => {
    const userAgent = '(compatible;'.repeat(50_000);
    expect(isMachine({ was: 'opened', at: 0, userAgent }, undefined)).toBe(false);
  });

  it('a text as long as anybody likes is no keyword, and soon', () => {
    const text = `${'.'.repeat(200_000)}x`;
    expect(keywordIn(readNotification(JSON.stringify(envelope(inboundSms(text)))) as never)).toBeUndefined();
  });
});
