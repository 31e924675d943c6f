import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PastReader, pastOf } from '../../shared/app/past.ts';
import type {
  CarriedEntries,
  Journal,
  JournalEntry,
  MessageRecord,
  MessageStore,
  ProfileStore,
  ScanFilter,
  StoredProfile,
} from '../../shared/app/ports.ts';
import type { ProfileHistory } from '../../shared/app/profiles/ports.ts';
import { journal } from '../../shared/data/journal.ts';
import { journalPast } from '../../shared/data/journal-past.ts';
import { carriedEntries, messageStore } from '../../shared/data/message-store.ts';
import { profileHistory } from '../../shared/data/profile-history.ts';
import { MAX_ITEM_BYTES } from '../../shared/data/profile-item.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { emptyProfile, type Run } from '../../shared/domain/profiles/profile.ts';
import { profileKey, testKey } from '../../shared/kernel/ids.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import { createTable, type DynamoEmulator, startDynalite, startDynoxide } from '../emulators/dynamo.ts';
import {
  type JournalItems,
  memoryCarried,
  memoryJournal,
  memoryMessages,
  memoryPast,
  memoryProfiles,
} from '../protocol/memory-stores.ts';

interface Stores {
  readonly profiles: ProfileStore;
  readonly journal: Journal;
  readonly messages: MessageStore;
  readonly past: PastReader;
  readonly history?: ProfileHistory;
  readonly carried: CarriedEntries;
  stop(): Promise<void>;
  /** Items of a key as they are stored, one per table. */
  raw?(key: string): Promise<(Record<string, unknown> | undefined)[]>;
}

async function onDynamo(emulator: DynamoEmulator): Promise<Stores> {
  const { client } = emulator;
  const raw = async (of: string) => {
    const found = ['profiles', 'journal', 'messages'].map(async (TableName) => {
      const query = { TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: of } } };
      return (await client.send(new QueryCommand(query))).Items?.[0];
    });
    return Promise.all(found);
  };
  return {
    raw,
    profiles: profileStore(client, await createTable(client, 'profiles')),
    journal: journal(client, await createTable(client, 'journal'), 90),
    past: journalPast(client, { journal: 'journal', messages: 'messages' }, 90, () => at),
    messages: messageStore(client, await createTable(client, 'messages'), 90),
    history: profileHistory(client, { journal: 'journal', messages: 'messages' }, () => at),
    carried: carriedEntries(client, 'messages', { journal: 90, messages: 90 }),
    stop: () => emulator.stop(),
  };
}

const at = Date.UTC(2026, 10, 22, 9);
const key = profileKey('user', 'u1');
const stored = (more: Partial<StoredProfile> = {}): StoredProfile => ({
  key,
  version: 1,
  at,
  epoch: 3,
  profile: { ...emptyProfile, createdAt: at, ids: { user: 'u1' } },
  ...more,
});
const entry = (more: Partial<JournalEntry> = {}): JournalEntry => ({
  key,
  jk: '2026-11-22|e1',
  v: 4,
  st: 'moved',
  t: 'event',
  why: [{ code: 'entry.entered', journey: 'welcome' }],
  at,
  in: { name: 'Started', deep: [[[1.5e300]]] },
  ...more,
});
const claim = (more: Partial<MessageRecord> = {}): MessageRecord => ({
  key,
  id: 'm1',
  st: 'handing',
  by: 'one/0',
  copy: 'c1',
  decidedAt: at,
  at,
  channel: 'email',
  journey: 'welcome',
  step: 'first',
  version: 2,
  ...more,
});

describe.each([
  ['dynoxide', async () => onDynamo(await startDynoxide())],
  ['dynalite', async () => onDynamo(await startDynalite())],
  [
    'memory',
    async (): Promise<Stores> => {
      const items: JournalItems = new Map();
      const rows = new Map<string, MessageRecord>();
      return {
        profiles: memoryProfiles(),
        journal: memoryJournal(items),
        messages: memoryMessages(rows),
        past: memoryPast(items, 90, rows),
        carried: memoryCarried(rows),
        stop: async () => undefined,
      };
    },
  ],
] as const)('stores of the actor on %s', (_, start) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await start();
  });
  afterAll(() => stores.stop());

  describe('profiles', () => {
    it('G4: only the writer that read the latest version commits', async () => {
      const { profiles } = stores;
      expect(await profiles.read(key)).toBeUndefined();
      expect(await profiles.commit(stored())).toBe(true);
      expect(await profiles.commit(stored())).toBe(false);
      expect(await profiles.commit(stored({ version: 3 }))).toBe(false);
      expect(await profiles.commit(stored({ version: 2, at: at + 1 }))).toBe(true);
      expect(await profiles.commit(stored({ version: 2, at: at + 2 }))).toBe(false);
      expect((await profiles.read(key))?.at).toBe(at + 1);
    });

    it('gives back what was committed, effects and odd values included', async () => {
      const other = profileKey('user', 'u2');
      const next = stored({
        key: other,
        profile: {
          ...emptyProfile,
          createdAt: at,
          traits: { odd: { value: { a: ['\uFFFE', 1e308, -0.1, '', null] }, at, source: 'api' } },
          asked: { [key]: { since: at, origin: 'alias' } },
        },
        pending: {
          v: 1,
          at,
          ids: [{ jk: 'x|1', st: 'moved', t: 'event', why: [{ code: 'a.b' }] }],
          last: 'x|1',
          eff: [{ e: 'wake', due: at + 5 }],
          hop: 2,
        },
      });
      await stores.profiles.commit(next);
      expect(await stores.profiles.read(other)).toEqual(next);
      const { pending: _, ...settled } = next;
      await stores.profiles.commit({ ...settled, version: 2 });
      expect(await stores.profiles.read(other)).toEqual({ ...settled, version: 2 });
    });

    it('a test run expires, and no sweep finds its waits', async () => {
      const test = testKey('welcome', 'r1');
      const waiting: Run = {
        journey: 'welcome',
        version: -5,
        step: 'w',
        since: at,
        enteredAt: at,
        stand: 'wait',
        due: at,
      };
      const of = { journey: 'welcome', version: -5, sendTo: 'me@team.example', speed: 60, startedAt: at };
      await stores.profiles.commit(stored({ key: test, profile: { ...emptyProfile, test: of, runs: { r: waiting } } }));
      await stores.journal.put(entry({ key: test }));
      await stores.messages.put(claim({ key: test }), 'absent');
      expect((await stores.profiles.read(test))?.profile).toMatchObject({ test: of, runs: { r: waiting } });
      if (stores.raw === undefined) return;
      const ttl = at / 1_000 + 7 * 86_400;
      const [profile, journaled, message] = await stores.raw(test);
      expect([profile?.['ttl'], journaled?.['ttl'], message?.['ttl']]).toEqual(
        [ttl, ttl, ttl].map((n) => ({ N: `${n}` })),
      );
      expect(profile).not.toHaveProperty('due');
    });

    it('refuses an item that the table would not take, and writes nothing', async () => {
      const large = profileKey('user', 'large');
      const traits = { t: { value: 'x'.repeat(MAX_ITEM_BYTES), at, source: 'api' as const } };
      const commit = stores.profiles.commit(stored({ key: large, profile: { ...emptyProfile, traits } }));
      await expect(commit).rejects.toMatchObject({ code: 'profile.too-large' });
      expect(await stores.profiles.read(large)).toBeUndefined();
    });

    it('G6: a scan meets what is overdue, asking, frozen or uncertified, page by page, and nothing else', async () => {
      const run = (due: number): Run => ({
        journey: 'welcome',
        version: 1,
        step: 'long',
        since: at,
        enteredAt: at,
        stand: 'wait',
        due,
      });
      const pending = (then: number) => ({ pending: { v: 1, at: then, ids: [], last: '', eff: [], hop: 0 } });
      const of = (name: string, more: Partial<StoredProfile>) =>
        stored({ key: profileKey('anonymous', name), ...more });
      const found = {
        overdue: of('overdue', { profile: { ...emptyProfile, runs: { r: run(at - 1) } } }),
        asking: of('asking', { profile: { ...emptyProfile, asked: { [key]: { since: at, origin: 'identify' } } } }),
        erasing: of('erasing', {
          profile: {
            ...emptyProfile,
            inc: 1,
            erased: { at, from: 1, left: { since: at, inc: 0, wipes: {}, addresses: [], counts: {} } },
          },
        }),
        frozen: of('frozen', { profile: { ...emptyProfile, movedTo: key, frozen: true } }),
        recent: of('recent', pending(at - 100)),
        old: of('old', pending(at - 9_000)),
      };
      const others = {
        waiting: of('waiting', { profile: { ...emptyProfile, runs: { r: run(at) } } }),
        stripped: of('stripped', { profile: { ...emptyProfile, movedTo: key } }),
        between: of('between', pending(at - 5_000)),
        fresh: of('fresh', pending(at - 5)),
      };
      for (const one of Object.values({ ...found, ...others })) await stores.profiles.commit(one);
      let scanned = 0;
      const met = async (filter?: ScanFilter, of = 1): Promise<string[]> => {
        const keys: string[] = [];
        scanned = 0;
        for (let index = 0; index < of; index++) {
          let cursor: string | undefined;
          do {
            const ask = { segment: { index, of }, ...(filter && { filter }), ...(cursor && { cursor }) };
            const page = await stores.profiles.scan(ask);
            keys.push(...page.profiles.map((one) => one.key).filter((one) => one.startsWith('a')));
            scanned += page.scanned;
            cursor = page.cursor;
          } while (cursor !== undefined);
        }
        return keys.sort();
      };
      const keysOf = (some: object) =>
        Object.values(some as Record<string, StoredProfile>)
          .map((one) => one.key)
          .sort();
      const pendingAt = [
        [at - 1_000, at - 10],
        [0, at - 8_000],
      ] as const;
      expect(await met({ dueBefore: at, pendingAt })).toEqual(keysOf(found));
      expect(await met({ dueBefore: at })).toEqual([found.overdue.key]);
      expect(await met()).toEqual(keysOf({ ...found, ...others }));
      // Every segment is another part, and together they are all.
      expect(await met(undefined, 3)).toEqual(keysOf({ ...found, ...others }));
      const everybody = scanned;
      await met({ dueBefore: at });
      expect(scanned, 'what the filter leaves out is read as well').toBe(everybody);
    });
  });

  describe('journal', () => {
    it('G2: an entry without effect never replaces one, a moved one always does', async () => {
      const { journal } = stores;
      const jk = 'order';
      expect(await journal.read(key, jk, 'strong')).toBeUndefined();
      expect(await journal.putIfAbsent(entry({ jk, v: 0, st: 'inert' }))).toBe(true);
      expect(await journal.putIfAbsent(entry({ jk, v: 9, st: 'fwd' }))).toBe(false);
      expect(await journal.read(key, jk, 'strong')).toEqual({ v: 0, st: 'inert' });
      await journal.put(entry({ jk, v: 7 }));
      expect(await journal.read(key, jk, 'eventual')).toEqual({ v: 7, st: 'moved' });
      expect(await journal.putIfAbsent(entry({ jk, v: 8, st: 'parked' }))).toBe(false);
    });

    it('G1: what is too large for an item is not kept, and the entry is written all the same', async () => {
      const { journal } = stores;
      const why = Array.from({ length: 1_000 }, () => ({ code: 'step.branch', saw: 'x'.repeat(500) }));
      await journal.put(entry({ jk: 'large', in: { report: 'x'.repeat(450_000) }, why }));
      expect(await journal.read(key, 'large', 'strong')).toEqual({ v: 4, st: 'moved' });
      expect(await journal.putIfAbsent(entry({ jk: 'parked-large', st: 'parked', in: 'x'.repeat(900_000) }))).toBe(
        true,
      );
    });

    it('what was in a record is added where it lacks, and is never lost to whoever has less', async () => {
      const { journal, past } = stores;
      const { in: _, ...bare } = entry({ jk: '2026-11-22|bare', key: profileKey('user', 'bare') });
      const input = { name: 'Started', n: 1 };
      const held = async () =>
        (await past.read(bare.key, { events: new Set(['Started']), messages: false }, 1)).entries;
      await journal.put(bare);
      expect(await journal.read(bare.key, bare.jk, 'strong')).toEqual({ v: 4, st: 'moved', lacksInput: true });
      expect(await held()).toEqual([]);
      await journal.putInput({ ...bare, in: input });
      expect(await held()).toEqual([{ ...bare, in: input }]);
      await journal.putInput({ ...bare, in: { name: 'Started', n: 2 } });
      await journal.put({ ...bare, why: [] });
      expect(await held()).toEqual([{ ...bare, in: input }]);
      await journal.put({ ...bare, v: 5, in: { name: 'Started', n: 3 } });
      expect(await held()).toEqual([{ ...bare, v: 5, in: { name: 'Started', n: 3 } }]);
      await journal.putInput({ key: bare.key, jk: 'nothing', in: input });
      expect(await journal.read(bare.key, 'nothing', 'strong')).toBeUndefined();
    });

    it.each(['parked', 'trying'] as const)('G1: what is only %s may still be decided', async (st) => {
      const { journal } = stores;
      expect(await journal.putIfAbsent(entry({ jk: st, v: 0, st }))).toBe(true);
      expect(await journal.putIfAbsent(entry({ jk: st, v: 0, st: 'inert' }))).toBe(true);
      expect((await journal.read(key, st, 'strong'))?.st).toBe('inert');
    });

    it('a parked entry may be entered in the list any number of times', async () => {
      const { journal } = stores;
      const parked = { key, jk: 'listed', t: 'event', why: [{ code: 'record.undecidable' }], at } as const;
      for (let times = 0; times < 2; times++) await journal.listParked(parked);
      expect(await journal.read(key, 'listed', 'strong')).toBeUndefined();
    });

    it('counts tries of a parked record, which stays parked: another copy of it may have been acknowledged', async () => {
      const { journal } = stores;
      const [jk, input] = ['parked-and-tried', { name: 'Seen' }];
      await journal.putIfAbsent(entry({ jk, v: 0, st: 'parked', in: input }));
      expect(await journal.countTry({ key, jk, t: 'event', at })).toBe(1);
      expect(await journal.countTry({ key, jk, t: 'event', at })).toBe(2);
      expect(await journal.read(key, jk, 'strong')).toEqual({ v: 0, st: 'parked' });
      expect(await journal.putIfAbsent(entry({ jk, v: 0, st: 'inert' }))).toBe(true);
    });

    it('counts tries until the record is decided', async () => {
      const { journal } = stores;
      const tried = { key, jk: 'kills', t: 'event', at } as const;
      expect(await journal.countTry(tried)).toBe(1);
      expect(await journal.countTry(tried)).toBe(2);
      await journal.forgetTries(tried);
      expect(await journal.countTry(tried)).toBe(1);
      await journal.put(entry({ jk: 'kills' }));
      expect(await journal.countTry(tried)).toBe(0);
      await journal.forgetTries(tried);
      expect((await journal.read(key, 'kills', 'strong'))?.st).toBe('moved');
    });
  });

  describe('past', () => {
    const of = profileKey('user', 'past');
    const event = (jk: string, name: string, more: Partial<JournalEntry> = {}) =>
      entry({ key: of, jk, in: { id: jk, name }, why: [], ...more });
    const decided = [{ code: 'message.decided', message: 'm', channel: 'email', topic: 'news' }] as const;
    const wake = { t: 'wake', in: undefined } as unknown as Partial<JournalEntry>;

    it('is what was decided of the events that are asked for, and of messages if they are', async () => {
      const { journal, past } = stores;
      const read = async (events: readonly string[], messages: boolean) =>
        (await past.read(of, { events: new Set(events), messages }, 1_000_000)).entries.map(({ jk }) => jk).sort();
      await journal.put(event('1', 'Bought'));
      await journal.put(event('2', 'Looked "around"', { st: 'inert' }));
      await journal.put(event('3', 'Bought', { why: decided }));
      for (const st of ['parked', 'trying', 'fwd'] as const) await journal.putIfAbsent(event(st, 'Bought', { st }));
      await journal.put(event('4', 'Left', { why: decided }));
      await journal.put(event('5', '', { t: 'receipt', in: { t: 'receipt', was: 'opened' } }));
      await journal.put(event('6', '', { t: 'outcome', in: { t: 'outcome', outcome: 'failed' } }));
      await journal.put(event('7', '', { ...wake, why: decided }));
      await journal.put(event('8', '', wake));
      await journal.put(event('9', 'Bought', { key: profileKey('user', 'another') }));
      expect(await read(['Bought'], false)).toEqual(['1', '3']);
      expect(await read(['Looked "around"', 'Left'], false)).toEqual(['2', '4']);
      expect(await read([], true)).toEqual(['3', '4', '5', '6', '7']);
      expect(await read(['Bought'], true)).toEqual(['1', '3', '4', '5', '6', '7']);
      expect(await read([], false)).toEqual([]);
    });

    it('has the deliveries of which the profile was not told, where messages are asked for', async () => {
      if (stores.raw === undefined) return;
      const { messages, past } = stores;
      const reader = profileKey('user', 'reader');
      const delivered = { receipts: { delivered: at + 9 } };
      const about = { key: reader, topic: 'news', st: 'sent' } as const;
      await messages.put(claim({ ...about, id: 'm1', unasked: true }), 'absent');
      await messages.put(claim({ ...about, id: 'm2' }), 'absent');
      await messages.put(claim({ ...about, id: 'm3', unasked: true }), 'absent');
      await messages.put(claim({ ...about, id: 'm1', ...delivered }), [{ by: 'one/0' }]);
      await messages.put(claim({ ...about, id: 'm2', ...delivered }), [{ by: 'one/0' }]);
      const read = async (asked: boolean) =>
        pastOf((await past.read(reader, { events: new Set(['Bought']), messages: asked }, 1_000_000)).entries, 0);
      expect((await read(true)).messages).toEqual([
        { was: 'delivered', at: at + 9, channel: 'email', topic: 'news', journey: 'welcome', step: 'first' },
      ]);
      expect((await read(false)).messages).toEqual([]);
      const history = stores.history!;
      expect((await history.journal(reader)).data).toMatchObject([
        { t: 'receipt', at: at + 9, why: [{ code: 'receipt.delivered', message: 'm1', channel: 'email' }] },
      ]);
    });

    it('is cut where it is too long, and says since when it is whole', async () => {
      const { journal, past } = stores;
      if (stores.raw === undefined) return;
      const long = profileKey('user', 'long');
      const jk = (n: number) => `2026-11-${String(10 + n)}T00:00:00Z|e${n}`;
      const put = (n: number) =>
        journal.put(event(jk(n), 'Bought', { key: long, in: { name: 'Bought', x: 'x'.repeat(290_000) } }));
      for (let n = 0; n < 10; n++) await put(n);
      const ask = { events: new Set(['Bought']), messages: false };
      const all = await past.read(long, ask, 100_000_000);
      expect([all.entries.length, all.since]).toEqual([10, undefined]);
      const some = await past.read(long, ask, 1);
      expect(some.entries.length).toBeLessThan(10);
      const oldest = Date.parse(some.entries.at(-1)!.jk.split('|')[0]!);
      expect([oldest, oldest + 26 * 3_600_000]).toEqual([expect.any(Number), some.since]);
    });
  });

  describe('messages', () => {
    it('G3: one claim wins; changes are conditional on whose it is', async () => {
      const { messages } = stores;
      expect(await messages.put(claim(), 'absent')).toBe(true);
      expect(await messages.put(claim({ by: 'two/0' }), 'absent')).toBe(false);
      expect(await messages.put(claim({ st: 'unknown', by: 'two/0' }), [{ st: 'handing', by: 'three/0' }])).toBe(false);
      expect(
        await messages.put(claim({ st: 'unknown', by: 'two/0', why: 'sender.died' }), [{ st: 'handing', by: 'one/0' }]),
      ).toBe(true);
      expect(await messages.read(key, 'm1')).toEqual(claim({ st: 'unknown', by: 'two/0', why: 'sender.died' }));
      const sent = claim({ st: 'sent', providerId: 'p', detail: { template: 'hello' } });
      expect(await messages.put(sent, [{ by: 'one/0' }, { st: 'unknown' }])).toBe(true);
      expect(await messages.read(key, 'm1')).toEqual(sent);
    });

    it('keeps when a message was asked for first, whatever else changes', async () => {
      const { messages } = stores;
      await messages.put(claim({ id: 'held' }), 'absent');
      await messages.put(claim({ id: 'held', by: 'two/0', requestedAt: at - 9 }), [{ by: 'one/0' }]);
      await messages.put(claim({ id: 'held', st: 'sent', by: 'two/0', renderedAt: at }), [{ by: 'two/0' }]);
      const kept = { requestedAt: at - 9, renderedAt: at };
      expect(await messages.read(key, 'held')).toEqual(claim({ id: 'held', st: 'sent', by: 'two/0', ...kept }));
    });

    it('G7: keeps what a message carries of the journal, whatever else changes', async () => {
      const { messages, carried, past } = stores;
      const of = profileKey('user', 'carrier');
      const id = 'carrier';
      const run = { journey: 'welcome', version: 2, run: 'r1' };
      const decided = {
        code: 'message.decided',
        ...run,
        step: 'first',
        message: id,
        channel: 'email',
        topic: 'news',
      } as const;
      const first = {
        jk: `${formatInstant(at)}|w|3`,
        v: 3,
        at,
        why: [decided, { code: 'step.wait', ...run, step: 'b' }],
      };
      const second = { jk: `${formatInstant(at + 9)}|x|12`, v: 12, at: at + 9, why: [{ code: 'message.decided' }] };
      await messages.put(claim({ key: of, id, entries: [first] }), 'absent');
      await messages.put(claim({ key: of, id, by: 'two/0', entries: [second] }), [{ by: 'one/0' }]);
      await messages.put(claim({ key: of, id, st: 'sent', by: 'two/0' }), [{ by: 'two/0' }]);
      expect((await messages.read(of, id))?.entries).toEqual([first, second]);
      const has = (jk: string, v: number) => carried.has(of, id, { jk, v });
      expect([await has(first.jk, 3), await has(second.jk, 12)]).toEqual([true, true]);
      expect([await has(second.jk, 3), await has(first.jk, 4), await carried.has(of, 'none', first)]).toEqual([
        false,
        false,
        false,
      ]);
      const ask = (asked: boolean) => past.read(of, { events: new Set(['Bought']), messages: asked }, 1e6);
      const entry = { key: of, st: 'moved', t: 'wake' };
      expect((await ask(true)).entries).toEqual([
        { ...first, ...entry },
        { ...second, ...entry },
      ]);
      expect((await ask(false)).entries).toEqual([]);
    });

    it('never makes a record out of a change', async () => {
      expect(await stores.messages.put(claim({ id: 'none' }), [{ by: 'one/0' }, {}])).toBe(false);
      expect(await stores.messages.read(key, 'none')).toBeUndefined();
    });
  });
});
