import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../shared/kernel/errors.ts';
import { readNotification } from '../../shared/wire/receipt.ts';
import { ownMessageId, snsEnvelope } from '../fixtures/ses-events.ts';
import { inboundSms, phone, smsEvent } from '../fixtures/sms-events.ts';
import fc from '../property.ts';

const at = Date.parse('2026-11-22T10:00:04.500Z');
const read = (event: unknown, envelope: object = {}) => readNotification(snsEnvelope(event, { ...envelope }));

describe('an event of a text message', () => {
  it.each<[string, object]>([
    ['TEXT_DELIVERED', { was: 'delivered', recipients: [] }],
    ['TEXT_SUCCESSFUL', { was: 'delivered', recipients: [] }],
    ['TEXT_UNREACHABLE', { was: 'bounced', permanent: false, recipients: [phone] }],
    ['TEXT_CARRIER_UNREACHABLE', { was: 'bounced', permanent: false, recipients: [phone] }],
    ['TEXT_TTL_EXPIRED', { was: 'bounced', permanent: false, recipients: [phone] }],
    ['TEXT_BLOCKED', { was: 'bounced', permanent: false, recipients: [phone] }],
    ['TEXT_CARRIER_BLOCKED', { was: 'bounced', permanent: false, recipients: [phone] }],
    ['TEXT_INVALID', { was: 'bounced', permanent: true, recipients: [phone] }],
    ['TEXT_INVALID_MESSAGE', { was: 'rejected', recipients: [] }],
    ['TEXT_SPAM', { was: 'rejected', recipients: [] }],
    ['TEXT_PROTECT_BLOCKED', { was: 'rejected', recipients: [] }],
  ])('%s is a receipt of our message, with the id of its envelope', (type, expected) => {
    expect(read(smsEvent(type))).toEqual({
      id: 'f3b5a7c9-0000-5000-8000-0123456789ab',
      channel: 'sms',
      message: ownMessageId,
      at,
      ...expected,
    });
  });

  it.each(['TEXT_QUEUED', 'TEXT_PENDING', 'TEXT_SENT', 'TEXT_UNKNOWN', 'VOICE_ANSWERED', 'constructor'])(
    '%s says nothing that anybody waits for',
    (type) => {
      expect(read(smsEvent(type))).toEqual({ ignored: 'other-type' });
    },
  );

  it('of a number on the opt-out list says that its owner wants nothing', () => {
    const event = smsEvent('TEXT_BLOCKED', { messageStatusDescription: 'Phone number is opted out' });
    expect(read(event)).toMatchObject({ was: 'bounced', permanent: false, optedOut: true });
  });

  it.each([undefined, {}, { godwit_message: 'somebody else’s' }, { godwit_message: 7 }, 'text'])(
    'with the context %j is not about a message of ours',
    (context) => {
      expect(read(smsEvent('TEXT_DELIVERED', { context }))).toEqual({ ignored: 'no-tag' });
    },
  );

  it.each([{ eventType: undefined }, { eventTimestamp: '2026-11-22' }, { destinationPhoneNumber: 7 }])(
    'with %j cannot be read',
    (change) => {
      expect(() => read(smsEvent('TEXT_DELIVERED', change))).toThrow(InvalidInput);
    },
  );
});

describe('what somebody answers', () => {
  it('is a text from a number, at the time it was published', () => {
    expect(read(inboundSms('Hello?'))).toEqual({
      id: 'f3b5a7c9-0000-5000-8000-0123456789ab',
      from: phone,
      text: 'Hello?',
      at: Date.parse('2026-11-22T10:00:05.000Z'),
    });
  });

  it.each<[object, object]>([
    [{ originationNumber: undefined }, {}],
    [{ messageBody: 7 }, {}],
    [{}, { Timestamp: 'soon' }],
  ])('with %j in an envelope with %j cannot be read', (change, envelope) => {
    expect(() => read(inboundSms('STOP', { ...change }), envelope)).toThrow(InvalidInput);
  });
});

it('whatever comes in the fields of either, it is read or refused by name', () => {
  const fields = { context: fc.anything(), messageStatusDescription: fc.anything(), messageBody: fc.anything() };
  fc.assert(
    fc.property(fc.record(fields), fc.constantFrom(smsEvent('TEXT_BLOCKED'), inboundSms('STOP')), (change, base) => {
      try {
        expect(read({ ...base, ...change })).toBeTypeOf('object');
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInput);
      }
    }),
  );
});
