import { afterAll, beforeAll, expect, it } from 'vitest';
import { messageReceipts } from '../../../shared/data/message-receipts.ts';
import { messageStore } from '../../../shared/data/message-store.ts';
import { suppressionStore } from '../../../shared/data/suppression-store.ts';
import { unknownMessages } from '../../../shared/data/unknown-messages.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';
import { memoryReceiptStores } from './memory.ts';
import { arrangements, kindsOf, type OrderedChannel, play, type ReceiptStores } from './orders.ts';

/**
 * Receipts come in any order, twice, and days late. What stands in the end depends on which came and not on their order:
 * on the message's row, in the profile, among the suppressions. With what the mailbox got decided by the actor, orders of
 * e-mail are tried over the tables, and all orders of all channels in memory, which the first part compares with the tables.
 */
let dynamo: DynamoEmulator;
let tables: ReceiptStores;
beforeAll(async () => {
  dynamo = await startDynoxide();
  const { client } = dynamo;
  await Promise.all([createTable(client, 'messages'), createTable(client, 'suppressions')]);
  const messages = messageStore(client, 'messages', 90);
  tables = {
    messages: {
      put: async (record) => void (await messages.put(record, 'absent')),
      read: (key, id) => messages.read(key, id),
    },
    suppressions: suppressionStore(client, 'suppressions'),
    marks: messageReceipts(client, 'messages'),
    unknown: unknownMessages(client, 'messages', Date.now),
  };
});
afterAll(() => dynamo.stop());

const cameBack = ['bounced', 'came-back', 'opted-out', 'rejected'];
const arrived = ['delivered', 'opened', 'clicked', 'complained'];

function settledBy(which: readonly string[]): 'failed' | 'sent' | 'unknown' {
  if (cameBack.some((kind) => which.includes(kind))) return 'failed';
  return arrived.some((kind) => which.includes(kind)) ? 'sent' : 'unknown';
}

/** The weightiest of what was said of the address. */
const suppressedBy = (which: readonly string[]): string[] =>
  [
    ['complained', 'complaint'],
    ['bounced', 'bounce'],
    ['opted-out', 'unsubscribe'],
  ]
    .filter(([kind]) => which.includes(kind!))
    .slice(0, 1)
    .map(([, reason]) => reason!);

type End = Awaited<ReturnType<typeof play>>;

function isAsItsReceiptsSay(channel: OrderedChannel, st: 'sent' | 'unknown', which: readonly string[], end: End): void {
  const { row, actor, suppressed } = end;
  const where = `${channel} ${st}: ${which}`;
  const marks = new Set(which.map((kind) => kindsOf[channel][kind]!.was));
  expect(Object.keys(row.receipts!).sort(), where).toEqual([...marks].sort());
  const settled = st === 'sent' ? 'sent' : settledBy(which);
  expect(row.st, where).toBe(settled);
  expect(suppressed, where).toEqual(suppressedBy(which));
  const buried = suppressedBy(which).filter((reason) => reason !== 'unsubscribe');
  expect(Object.values(actor.deadAddresses), where).toEqual(buried);
  expect(
    Object.values(actor.consents).some((one) => one.state === 'withdrawn'),
    where,
  ).toBe(which.includes('opted-out'));
  // Only what was found out to have failed gives its place in the caps back, and each of these does.
  expect(actor.sends.length === 0, where).toBe(settled === 'failed');
}

/** Two bounces of one message are two: what is counted is counted since the first that was heard (did-clauses.ts). */
const withoutSince = ({ actor, ...rest }: End) => {
  const seen = Object.entries(actor.seen).map(([clause, { since: _, ...counted }]) => [clause, counted]);
  return { ...rest, actor: { ...actor, seen: Object.fromEntries(seen) } };
};

const sets = (kinds: readonly string[], most: number) =>
  Map.groupBy(arrangements(kinds, most), (order) => [...order].sort().join(' '));

it.each([
  ['sent', 3],
  ['unknown', 4],
] as const)('of an e-mail that is %s: all orders of up to %d receipts, over the tables', async (st, most) => {
  let serial = st === 'sent' ? 0 : 10_000;
  for (const orders of sets(['delivered', 'opened', 'clicked', 'bounced', 'complained'], most).values()) {
    const from = serial;
    serial += orders.length;
    const ends = await Promise.all(orders.map((order, index) => play('email', order, st, from + index, tables)));
    const [first, ...others] = ends;
    for (const [index, end] of others.entries()) expect(end, orders[index + 1]!.join(', ')).toEqual(first);
    isAsItsReceiptsSay('email', st, orders[0]!, first!);
    expect(await play('email', orders[0]!, st, from, memoryReceiptStores()), 'in memory').toEqual(first);
  }
});

it.each([
  ['email', 20_000],
  ['sms', 20_100],
  ['push', 20_200],
] as const)('%s: all kinds of receipts end in memory as they do over the tables', async (channel, serial) => {
  const kinds = Object.keys(kindsOf[channel]);
  for (const [index, order] of [kinds, kinds.toReversed()].entries()) {
    const stored = await play(channel, order, 'unknown', serial + index, tables);
    expect(await play(channel, order, 'unknown', serial + index, memoryReceiptStores())).toEqual(stored);
  }
});

it.each([
  ['email', 'sent', 2_080],
  ['email', 'unknown', 2_080],
  ['sms', 'sent', 205],
  ['sms', 'unknown', 205],
  ['push', 'sent', 64],
  ['push', 'unknown', 64],
] as const)('%s that is %s: all kinds of receipts, up to four of them, in all %d orders', async (channel, st, all) => {
  let played = 0;
  for (const orders of sets(Object.keys(kindsOf[channel]), 4).values()) {
    const ends: End[] = [];
    for (const order of orders) ends.push(await play(channel, order, st, 0, memoryReceiptStores()));
    played += ends.length;
    const [first, ...others] = ends;
    for (const [index, end] of others.entries()) {
      expect(withoutSince(end), orders[index + 1]!.join(', ')).toEqual(withoutSince(first!));
    }
    isAsItsReceiptsSay(channel, st, orders[0]!, first!);
  }
  expect(played).toBe(all);
});
