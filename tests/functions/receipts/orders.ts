import type { MessageRecord } from '../../../shared/app/ports.ts';
import { type ReceiptPorts, receiveReceipts } from '../../../shared/app/receive-receipts.ts';
import { decide } from '../../../shared/domain/decide.ts';
import type { MailRecord } from '../../../shared/domain/mail-record.ts';
import { addressHash } from '../../../shared/domain/messaging/address.ts';
import type { Suppression } from '../../../shared/domain/messaging/suppression.ts';
import { Topic } from '../../../shared/domain/messaging/topic.ts';
import { digest, profileKey } from '../../../shared/kernel/ids.ts';
import { formatInstant, MINUTE_MS } from '../../../shared/kernel/time.ts';
import { journey, message, World } from '../../domain/engine/world.ts';
import { recipient, sesEvents, sesMail, snsEnvelope } from '../../fixtures/ses-events.ts';
import { phone, smsEvent } from '../../fixtures/sms-events.ts';

/** One message of a customer, what may be told of it, and what stands in the end when it was told in some order. */
export type OrderedChannel = 'email' | 'sms' | 'push';

const start = Date.parse('2026-11-22T10:00:00Z');
/** Days late: whoever is told of it. */
const late = start + 4 * 24 * 60 * MINUTE_MS;
const deviceToken = 'fcm:ann';

/** What a body of the queue of receipts says: of which message, to which address, at which time. */
type Told = (id: string, address: string, at: number, serial: string) => string;

const bySes =
  (type: string, part: string, more: object = {}): Told =>
  (id, address, at, MessageId) => {
    const said = JSON.parse(JSON.stringify(sesEvents[type]).replaceAll(recipient, address)) as Record<string, object>;
    const detail = { ...said[part], ...more, timestamp: formatInstant(at) };
    return snsEnvelope({ ...said, mail: sesMail({ godwit_message: [id] }), [part]: detail }, { MessageId });
  };
const bySms =
  (type: string, more: object = {}): Told =>
  (id, address, at, MessageId) => {
    const about = { destinationPhoneNumber: address, eventTimestamp: at, context: { godwit_message: id } };
    return snsEnvelope(smsEvent(type, { ...about, ...more }), { MessageId });
  };
const byApp =
  (was: string, more: object = {}): Told =>
  (message, _address, at) =>
    JSON.stringify({ schema: 1, app: 'push', message, was, at, ...more });

interface Kind {
  readonly told: Told;
  readonly was: string;
  /** After the hand-over. */
  readonly minutes: number;
}

export const kindsOf: { readonly [C in OrderedChannel]: { readonly [name: string]: Kind } } = {
  email: {
    delivered: { told: bySes('Delivery', 'delivery'), was: 'delivered', minutes: 5 },
    opened: { told: bySes('Open', 'open'), was: 'opened', minutes: 30 },
    clicked: { told: bySes('Click', 'click'), was: 'clicked', minutes: 31 },
    bounced: { told: bySes('Bounce', 'bounce'), was: 'bounced', minutes: 40 },
    complained: { told: bySes('Complaint', 'complaint'), was: 'complained', minutes: 45 },
    delayed: { told: bySes('DeliveryDelay', 'deliveryDelay'), was: 'delayed', minutes: 3 },
    'came-back': { told: bySes('Bounce', 'bounce', { bounceType: 'Transient' }), was: 'bounced', minutes: 35 },
    rejected: { told: bySes('Reject', 'reject'), was: 'rejected', minutes: 1 },
  },
  sms: {
    delivered: { told: bySms('TEXT_DELIVERED'), was: 'delivered', minutes: 5 },
    bounced: { told: bySms('TEXT_INVALID'), was: 'bounced', minutes: 40 },
    'came-back': { told: bySms('TEXT_UNREACHABLE'), was: 'bounced', minutes: 35 },
    'opted-out': {
      told: bySms('TEXT_BLOCKED', { messageStatusDescription: 'Phone number is opted out' }),
      was: 'bounced',
      minutes: 50,
    },
    rejected: { told: bySms('TEXT_SPAM'), was: 'rejected', minutes: 1 },
  },
  push: {
    delivered: { told: byApp('delivered'), was: 'delivered', minutes: 5 },
    opened: { told: byApp('opened'), was: 'opened', minutes: 30 },
    clicked: { told: byApp('clicked', { link: '/cart' }), was: 'clicked', minutes: 30 },
    'came-back': { told: byApp('bounced'), was: 'bounced', minutes: 35 },
  },
};

export function* arrangements(of: readonly string[], most: number): Generator<readonly string[]> {
  for (const first of of) {
    yield [first];
    if (most === 1) continue;
    const others = of.filter((one) => one !== first);
    for (const rest of arrangements(others, most - 1)) yield [first, ...rest];
  }
}

const bases = new Map<OrderedChannel, ReturnType<typeof sentMessage>>();

/** A customer with one message in their caps, and predicates that ask for everything that may become of it. */
function sentMessage(channel: OrderedChannel) {
  const asked = ['delivered', 'opened', 'clicked', 'bounced'].map((was) => ({
    if: `${was} topic news ever`,
    next: 'e',
  }));
  const look = { b: { type: 'branch', cases: asked, else: 'e' }, e: { type: 'exit', reason: 'r' } };
  const watch = journey({ id: 'watch', entry: [{ on: 'event', event: 'Never' }], steps: look });
  const consent = { email: 'opt-out', sms: 'opt-out', push: 'opt-out' };
  const world = new World({
    at: formatInstant(start),
    journeys: [journey({ steps: { hello: message('end', { channels: [channel] }) } }), watch],
    topics: [Topic.parse({ id: 'news', kind: 'marketing', consent })],
    policy: { caps: [{ max: 3, per: 'P1D' }] },
  });
  const context = { device: { token: deviceToken } };
  world.identify('ann', { email: recipient.toLowerCase(), phone }, { context });
  world.track('ann', 'Signed Up');
  const key = profileKey('user', 'ann');
  return { key, catalog: world.catalog, request: world.messages[0]!, profile: world.profiles.get(key)! };
}

function baseOf(channel: OrderedChannel) {
  const base = bases.get(channel) ?? sentMessage(channel);
  bases.set(channel, base);
  return base;
}

/** Where it is all kept. */
export interface ReceiptStores extends Pick<ReceiptPorts, 'marks' | 'unknown'> {
  readonly messages: {
    put(record: MessageRecord): Promise<void>;
    read(key: string, id: string): Promise<MessageRecord | undefined>;
  };
  readonly suppressions: Pick<ReceiptPorts['suppressions'], 'put'> & {
    ofAddress(channel: OrderedChannel, addressHash: string): Promise<readonly Suppression[]>;
  };
}

/** Made once: to stores of their own, all orders may tell of the same message. */
const bodies = new Map<string, string>();

/** Each in a call of its own, days late; then the first two once more, behind all that came since. */
export async function play(
  channel: OrderedChannel,
  order: readonly string[],
  st: 'sent' | 'unknown',
  serial: number,
  stores: ReceiptStores,
) {
  const { key, request, catalog, profile: before } = baseOf(channel);
  const id = `${key}-${digest('order', String(serial))}`;
  // The request's own id is that of the profile's memory.
  const inActor = (record: MailRecord) =>
    ({ ...record, ...('message' in record && { message: request.id }) }) as MailRecord;
  const address = channel === 'email' ? `${serial}-${recipient}`.toLowerCase() : `+49151${10_000_000 + serial}`;
  await stores.messages.put({
    ...{ key, id, st, channel, by: 'one/0', copy: 'c', decidedAt: start, at: start + 1_000, topic: 'news' },
    ...{ journey: 'welcome', step: 'hello', version: 1 },
    ...(st === 'unknown' && { why: `${channel}.no-answer`, run: request.origin!.run }),
  });
  const heard = new Map<string, MailRecord>();
  const ports: ReceiptPorts = {
    ...{ marks: stores.marks, unknown: stores.unknown, metrics: { count: () => undefined }, now: () => late },
    suppressions: { ...stores.suppressions, optIn: () => Promise.reject(new Error('nobody texts')) },
    mailbox: {
      send: async (mails) => {
        for (const one of mails) if (!heard.has(one.id)) heard.set(one.id, one.mail.records[0]!);
        return [];
      },
    },
    /** None of them comes again. */
    onFailed: (_id, error) => {
      throw error;
    },
  };
  for (const name of [...order, ...order.slice(0, 2)]) {
    const { told, minutes } = kindsOf[channel][name]!;
    const known = `${channel} ${serial} ${name}`;
    const body = bodies.get(known) ?? told(id, address, start + minutes * MINUTE_MS, `${serial}-${name}`);
    bodies.set(known, body);
    await receiveReceipts([{ id: name, body }], ports);
  }
  let profile = before;
  for (const record of heard.values()) {
    const decision = decide(profile, key, inActor(record), catalog, late);
    if (decision.changed) profile = decision.profile;
  }
  const { id: _, ...row } = (await stores.messages.read(key, id))!;
  const held = await stores.suppressions.ofAddress(channel, addressHash(channel, address));
  const { seen, sends, deadAddresses, consents } = profile;
  const suppressed = held.map(({ reason }) => reason);
  return { row, suppressed, actor: { seen, sends, deadAddresses, consents } };
}
