import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageRecord, MessageStore, UnknownMessages } from '../../shared/app/ports.ts';
import { messageStore } from '../../shared/data/message-store.ts';
import { unknownMessages } from '../../shared/data/unknown-messages.ts';
import { profileKey, testKey } from '../../shared/kernel/ids.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { createTable, type DynamoEmulator, startDynalite, startDynoxide } from '../emulators/dynamo.ts';

const at = Date.UTC(2026, 10, 22, 23, 59, 59, 500);
const key = profileKey('user', 'u1');

describe.each([
  ['dynoxide', startDynoxide],
  ['dynalite', startDynalite],
] as const)('what nobody can tell of, on %s', (_, start) => {
  let dynamo: DynamoEmulator;
  let messages: MessageStore;
  let unknown: UnknownMessages;
  beforeAll(async () => {
    dynamo = await start();
    await createTable(dynamo.client, 'messages');
    messages = messageStore(dynamo.client, 'messages', 90);
    unknown = unknownMessages(dynamo.client, 'messages', () => at);
  });
  afterAll(() => dynamo.stop());

  const row = (id: string, more: Partial<MessageRecord> = {}): MessageRecord => ({
    ...{ key, id, st: 'unknown', by: 'one/0', copy: 'c', decidedAt: at - 5, at, channel: 'email' },
    why: 'email.no-answer',
    ...more,
  });
  const idsOf = async (day: string, until?: number) =>
    (await unknown.list(day, { limit: 100 }, until)).data.map(({ id }) => id);

  it('lists each once, by the day on which it became so, newest first', async () => {
    for (const [id, since] of [
      ['m1', at],
      ['m2', at - 1_000],
      ['m3', at + 500],
      ['m1', at],
    ] as const) {
      await messages.noteUnknown({ key, id, at: since });
    }
    await messages.noteUnknown({ key: testKey('welcome', 'r1'), id: 'of-a-test', at });
    expect(await idsOf('2026-11-22')).toEqual(['m1', 'm2']);
    expect(await idsOf('2026-11-23')).toEqual(['m3']);
    expect(await idsOf('2026-11-22', at)).toEqual(['m2']);
    expect((await unknown.list('2026-11-22', { limit: 1 })).data).toEqual([{ key, id: 'm1', at }]);
  });

  it('pages, and refuses a cursor that is none', async () => {
    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await unknown.list('2026-11-22', { limit: 1, ...(cursor !== undefined && { cursor }) });
      pages.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(pages).toEqual(['m1', 'm2']);
    for (const bad of ['x', Buffer.from('2026-11-22').toString('base64url')]) {
      await expect(unknown.list('2026-11-22', { limit: 1, cursor: bad })).rejects.toMatchObject({
        code: 'list.cursor',
      });
    }
  });

  it('goes from unknown over sent to failed, each once, and keeps since when and why it was unknown', async () => {
    await messages.put(row('s1'), 'absent');
    const settle = (st: 'sent' | 'failed', more: number) =>
      unknown.settle({ key, id: 's1', at }, { st, at: at + more, why: `settled.${st}` });
    const read = () => messages.read(key, 's1');
    expect([await settle('sent', 10), await settle('sent', 20)]).toEqual([true, false]);
    const kept = { unknownAt: at, unknownWhy: 'email.no-answer', by: 'receipts' };
    expect(await read()).toMatchObject({ st: 'sent', at: at + 10, why: 'settled.sent', ...kept });
    expect([await settle('failed', 30), await settle('failed', 40), await settle('sent', 50)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(await read()).toMatchObject({ st: 'failed', at: at + 30, why: 'settled.failed', ...kept });
    // A sender that comes back late, with a put that it believes lost.
    expect(await messages.put(row('s1'), [{ by: 'one/0' }])).toBe(false);
  });

  it.each(['sent', 'handing', 'not-sent'] as const)('leaves alone what is %s, and what is not there', async (st) => {
    await messages.put(row(st, { st }), 'absent');
    const found = { st: 'failed', at, why: 'settled.failed' } as const;
    expect(await unknown.settle({ key, id: st, at }, found)).toBe(false);
    expect(await unknown.settle({ key, id: 'nothing', at: at - 90 * DAY_MS }, found)).toBe(false);
    expect(await messages.read(key, st)).toEqual(row(st, { st }));
  });
});
