import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../shared/kernel/errors.ts';
import { testKey } from '../../shared/kernel/ids.ts';
import { readNotification } from '../../shared/wire/receipt.ts';
import { ownMessageId, recipient, sesEvents, sesMail, snsEnvelope } from '../fixtures/ses-events.ts';
import fc from '../property.ts';

const at = Date.parse('2026-11-22T10:00:04.500Z');
const read = (event: unknown) => readNotification(snsEnvelope(event));
const event = (type: string, change: object = {}) => ({ ...sesEvents[type], ...change });

describe('an SES event', () => {
  it.each([
    ['Delivery', { was: 'delivered', at, recipients: [] }],
    ['DeliveryDelay', { was: 'delayed', at, recipients: [] }],
    ['Bounce', { was: 'bounced', at, permanent: true, recipients: [recipient] }],
    ['Complaint', { was: 'complained', at, recipients: [recipient] }],
    ['Open', { was: 'opened', at, userAgent: 'Mail/1.0', recipients: [] }],
    ['Click', { was: 'clicked', at, link: 'https://shop.example/cart', userAgent: 'Mail/1.0', recipients: [] }],
    ['Reject', { was: 'rejected', at: Date.parse('2026-11-22T10:00:05Z'), recipients: [] }],
    ['Rendering Failure', { was: 'rejected', at: Date.parse('2026-11-22T10:00:05Z'), recipients: [] }],
  ])('%s is a receipt of our message, with the id of its envelope and the provider’s', (type, expected) => {
    expect(read(sesEvents[type])).toEqual({
      id: 'f3b5a7c9-0000-5000-8000-0123456789ab',
      channel: 'email',
      message: ownMessageId,
      providerId: sesMail().messageId,
      ...expected,
    });
  });

  it('of a test run is one, too', () => {
    const own = `${testKey('welcome', 'r1')}-AbCdEfGhIjKlMnOpQrStUv`;
    expect(read(event('Open', { mail: sesMail({ godwit_message: [own] }) }))).toMatchObject({ message: own });
  });

  it.each(['Transient', 'Undetermined', undefined])('Bounce of type %s is not for good', (bounceType) => {
    expect(
      read(event('Bounce', { bounce: { ...(sesEvents['Bounce']!['bounce'] as object), bounceType } })),
    ).toMatchObject({ permanent: false });
  });

  it.each([
    ['nobody', { bouncedRecipients: [] }],
    ['no list', { bouncedRecipients: 'x' }],
  ])('Bounce that names %s is about everybody the mail went to', (_title, change) => {
    const bounce = { ...(sesEvents['Bounce']!['bounce'] as object), ...change };
    expect(read(event('Bounce', { bounce }))).toMatchObject({ recipients: [recipient] });
  });

  it.each([
    ['Send', sesEvents['Send'], 'other-type'],
    ['Subscription', sesEvents['Subscription'], 'other-type'],
    ['an unknown type', event('Delivery', { eventType: 'constructor' }), 'other-type'],
    ['a mail without tags', event('Delivery', { mail: { ...sesMail(), tags: undefined } }), 'no-tag'],
    ['somebody else’s mail', event('Delivery', { mail: sesMail({ campaign: ['x'] }) }), 'no-tag'],
    ['a tag that is no id of ours', event('Delivery', { mail: sesMail({ godwit_message: ['42'] }) }), 'no-tag'],
    [
      'feedback that it was not spam',
      event('Complaint', { complaint: { complaintFeedbackType: 'not-spam', timestamp: '2026-11-22T10:00:00Z' } }),
      'not-spam',
    ],
    [
      'the trial message of a new destination',
      'Successfully validated SNS topic for Amazon SES event publishing.',
      'not-a-receipt',
    ],
  ])('%s is ignored', (_title, message, why) => {
    expect(read(message)).toEqual({ ignored: why });
  });

  it('confirmation of a subscription is ignored', () => {
    expect(readNotification(snsEnvelope('x', { Type: 'SubscriptionConfirmation' }))).toEqual({
      ignored: 'not-a-receipt',
    });
  });

  it.each([
    ['no JSON', 'hello'],
    ['no envelope', '{}'],
    ['an envelope without id', snsEnvelope(sesEvents['Open'], { MessageId: undefined })],
    ['an id that no queue would take', snsEnvelope(sesEvents['Open'], { MessageId: 'a b' })],
    ['a message that is no JSON', snsEnvelope('{')],
    ['an event without mail', snsEnvelope({ eventType: 'Open' })],
  ])('that is malformed (%s) is an error', (_title, body) => {
    expect(() => readNotification(body)).toThrow(InvalidInput);
  });

  it('never throws anything but InvalidInput', () => {
    const part = fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(sesEvents)));
    fc.assert(
      fc.property(
        part,
        fc.dictionary(fc.constantFrom('Type', 'MessageId', 'Message', 'Timestamp'), fc.jsonValue()),
        (message, envelope) => {
          try {
            readNotification(snsEnvelope(message, envelope));
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidInput);
          }
        },
      ),
    );
  });
});
