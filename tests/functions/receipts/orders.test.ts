import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MessageRecord } from '../../../shared/app/ports.ts';
import { receiveReceipts } from '../../../shared/app/receive-receipts.ts';
import { messageReceipts } from '../../../shared/data/message-receipts.ts';
import { messageStore } from '../../../shared/data/message-store.ts';
import { suppressionStore } from '../../../shared/data/suppression-store.ts';
import { unknownMessages } from '../../../shared/data/unknown-messages.ts';
import { decide } from '../../../shared/domain/decide.ts';
import type { MailRecord } from '../../../shared/domain/mail-record.ts';
import { addressHash } from '../../../shared/domain/messaging/address.ts';
import { digest, profileKey } from '../../../shared/kernel/ids.ts';
import { formatInstant, MINUTE_MS } from '../../../shared/kernel/time.ts';
import { journey, message, World } from '../../domain/engine/world.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';
import { recipient, sesEvents, sesMail, snsEnvelope } from '../../fixtures/ses-events.ts';

/**
 * Receipts come in any order, twice, and days late. What stands in the end depends on which came and not on their order:
 * on the message's row, in the profile, among the suppressions. All orders of up to four of them are tried, over the
 * tables, with what the mailbox got decided by the actor.
 */
let dynamo: DynamoEmulator;
beforeAll(async () => {
  dynamo = await startDynoxide();
  await Promise.all([createTable(dynamo.client, 'messages'), createTable(dynamo.client, 'suppressions')]);
});
afterAll(() => dynamo.stop());

/** SES's name, the part that has its time, and minutes after the hand-over. */
const kinds = {
  delivered: ['Delivery', 'delivery', 5],
  opened: ['Open', 'open', 30],
  clicked: ['Click', 'click', 31],
  bounced: ['Bounce', 'bounce', 40],
  complained: ['Complaint', 'complaint', 45],
} as const;
type Kind = keyof typeof kinds;

function* arrangements(of: readonly Kind[], most: number): Generator<readonly Kind[]> {
  for (const first of of) {
    yield [first];
    if (most === 1) continue;
    const others = of.filter((one) => one !== first);
    for (const rest of arrangements(others, most - 1)) yield [first, ...rest];
  }
}

const start = Date.parse('2026-11-22T10:00:00Z');
const late = start + 4 * 24 * 60 * MINUTE_MS;
const base = sentMessage();

/** A customer with one message in their caps, and predicates that ask for everything that may become of it. */
function sentMessage() {
  const asked = ['delivered', 'opened', 'clicked', 'bounced'].map((was) => ({
    if: `${was} topic news ever`,
    next: 'e',
  }));
  const look = { b: { type: 'branch', cases: asked, else: 'e' }, e: { type: 'exit', reason: 'r' } };
  const watch = journey({ id: 'watch', entry: [{ on: 'event', event: 'Never' }], steps: look });
  const world = new World({
    at: formatInstant(start),
    journeys: [journey({ steps: { hello: message() } }), watch],
    policy: { caps: [{ max: 3, per: 'P1D' }] },
  });
  world.identify('ann', { email: recipient.toLowerCase() });
  world.track('ann', 'Signed Up');
  const key = profileKey('user', 'ann');
  return { key, catalog: world.catalog, request: world.messages[0]!, profile: world.profiles.get(key)! };
}

const rowOf = (id: string, st: 'sent' | 'unknown'): MessageRecord => ({
  ...{
    key: base.key,
    id,
    st,
    by: 'one/0',
    copy: 'c',
    decidedAt: start,
    at: start + 1_000,
    channel: 'email',
    topic: 'news',
  },
  ...{ journey: 'welcome', step: 'hello', version: 1 },
  ...(st === 'unknown' && { why: 'email.no-answer', run: base.request.origin!.run }),
});

/** Each in a call of its own, days late; then the first two once more, behind all that came since. */
async function play(order: readonly Kind[], st: 'sent' | 'unknown', serial: number) {
  const { client } = dynamo;
  const id = `${base.key}-${digest('order', String(serial))}`;
  // The request's own id is that of the profile's memory.
  const inActor = (record: MailRecord) =>
    ({ ...record, ...('message' in record && { message: base.request.id }) }) as MailRecord;
  const address = `${serial}-${recipient}`.toLowerCase();
  const messages = messageStore(client, 'messages', 90);
  const suppressions = suppressionStore(client, 'suppressions');
  await messages.put(rowOf(id, st), 'absent');
  const heard = new Map<string, MailRecord>();
  const ports = {
    suppressions,
    marks: messageReceipts(client, 'messages'),
    unknown: unknownMessages(client, 'messages'),
    metrics: { count: () => undefined },
    mailbox: {
      send: async (
        mails: readonly { readonly id: string; readonly mail: { readonly records: readonly MailRecord[] } }[],
      ) => {
        for (const one of mails) if (!heard.has(one.id)) heard.set(one.id, one.mail.records[0]!);
        return [];
      },
    },
    onFailed: (_id: string, error: unknown) => {
      throw error;
    },
    now: () => late,
  };
  for (const kind of [...order, ...order.slice(0, 2)]) {
    const [type, part, minutes] = kinds[kind];
    const timestamp = formatInstant(start + minutes * MINUTE_MS);
    const said = JSON.parse(JSON.stringify(sesEvents[type]).replaceAll(recipient, address)) as Record<string, object>;
    const event = { ...said, mail: sesMail({ godwit_message: [id] }), [part]: { ...said[part], timestamp } };
    const body = snsEnvelope(event, { MessageId: `${serial}-${kind}` });
    expect(await receiveReceipts([{ id: kind, body }], ports)).toEqual([]);
  }
  let { profile } = base;
  for (const record of heard.values()) {
    const decision = decide(profile, base.key, inActor(record), base.catalog, late);
    if (decision.changed) profile = decision.profile;
  }
  const { id: _, ...row } = (await messages.read(base.key, id))!;
  const held = await suppressions.ofAddress('email', addressHash('email', address));
  const { seen, sends, deadAddresses } = profile;
  return { row, suppressed: held.map(({ reason }) => reason), actor: { seen, sends, deadAddresses } };
}

it.each([
  ['sent', 3],
  ['unknown', 4],
] as const)('of a message that is %s: all orders of up to %d receipts', async (st, most) => {
  let serial = st === 'sent' ? 0 : 10_000;
  const all = [...arrangements(Object.keys(kinds) as Kind[], most)];
  const byWhich = Map.groupBy(all, (order) => [...order].sort().join(' '));
  const cameBack: string[] = [];
  for (const [which, orders] of byWhich) {
    const from = serial;
    serial += orders.length;
    const ends = await Promise.all(orders.map((order, index) => play(order, st, from + index)));
    const [first, ...others] = ends;
    for (const [index, end] of others.entries()) expect(end, orders[index + 1]!.join(', ')).toEqual(first);
    const { row, actor, suppressed } = first!;
    expect(Object.keys(row.receipts!).sort().join(' ')).toBe(which);
    const has = (...some: Kind[]) => some.some((kind) => which.includes(kind));
    const settled = has('bounced')
      ? 'failed'
      : has('delivered', 'opened', 'clicked', 'complained')
        ? 'sent'
        : 'unknown';
    expect(row.st, which).toBe(st === 'sent' ? 'sent' : settled);
    expect(suppressed, which).toEqual(has('complained') ? ['complaint'] : has('bounced') ? ['bounce'] : []);
    if (actor.sends.length === 0) cameBack.push(which);
  }
  // Only what was found out to have failed gives its place in the caps back, and each of these does.
  expect(cameBack).toEqual(st === 'sent' ? [] : [...byWhich.keys()].filter((which) => which.includes('bounced')));
});
