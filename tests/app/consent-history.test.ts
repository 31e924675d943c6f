import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EvaluatePorts, evaluate } from '../../shared/app/evaluate.ts';
import { Leases } from '../../shared/app/leases.ts';
import type { StoredProfile } from '../../shared/app/ports.ts';
import { allStatements, readStatements } from '../../shared/app/profiles/consent-history.ts';
import type { ConsentReader } from '../../shared/app/profiles/ports.ts';
import { consentStore } from '../../shared/data/consent-store.ts';
import { compileCatalog } from '../../shared/domain/compiled-catalog.ts';
import { decide, isPaused, neededVersions } from '../../shared/domain/decide.ts';
import type { MailRecord } from '../../shared/domain/mail-record.ts';
import { asksOfDelivery } from '../../shared/domain/messaging/asked-deliveries.ts';
import type { ConsentStatement } from '../../shared/domain/messaging/consent-statement.ts';
import type { Consent } from '../../shared/domain/profiles/profile.ts';
import { Transient } from '../../shared/kernel/errors.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';
import {
  memoryCounters,
  memoryJournal,
  memoryPast,
  memoryProfiles,
  nothingCarried,
} from '../protocol/memory-stores.ts';

const start = Date.UTC(2026, 10, 22, 9);
const said = (state: Consent['state'], at: number, more: Partial<Consent> = {}): Consent => ({
  ...{ channel: 'email', topic: 'news', state, at, source: 'api' },
  ...more,
});
const record = (id: string, ...consents: Consent[]): MailRecord => ({ t: 'consent', id, at: start, consents });

describe('the history of consents', () => {
  let emulator: DynamoEmulator;
  let store: ReturnType<typeof consentStore>;
  beforeAll(async () => {
    emulator = await startDynoxide();
    store = consentStore(emulator.client, await createTable(emulator.client, 'consents'));
  });
  afterAll(() => emulator.stop());

  /** An actor whose store of statements may fail; everything else is there at once. */
  function actor(user: string) {
    const key = profileKey('user', user);
    const items = new Map<string, StoredProfile>();
    const journal = new Map();
    const world = { now: start, puts: 0, failAt: -1 };
    const catalog = compileCatalog({
      ...{ epoch: 1, journeys: [], templates: [], segments: [], endpoints: [] },
      topics: [{ id: 'news', kind: 'marketing', consent: { email: 'opt-out' } }],
      policy: { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] },
    });
    const ports: EvaluatePorts = {
      clock: () => world.now,
      metrics: { count: () => undefined },
      rules: { decide, neededVersions, isPaused, asksOfDelivery },
      catalogs: { current: async () => catalog },
      stats: { add: async () => undefined },
      permits: new Leases(memoryCounters(new Map()), () => world.now),
      suppressions: { put: async () => undefined },
      consents: {
        async put(of, statement) {
          if (world.puts++ === world.failAt) throw new Transient('table.throttled', 'throttled');
          await store.put(of, statement);
        },
      },
      profiles: memoryProfiles(items),
      journal: memoryJournal(journal),
      carried: nothingCarried,
      past: memoryPast(journal),
      mailbox: { send: async () => [] },
      messageQueues: { send: async () => [] },
      timers: { arm: async () => [] },
    };
    const tell = (...records: MailRecord[]) =>
      evaluate([{ id: 'd', receives: 1, mail: { schema: 1, key, received: world.now, hop: 0, records } }], ports);
    const statements = async () => (await store.statementsOf(key)).data.map(({ statement }) => statement).toReversed();
    return { key, items, world, tell, statements, stored: () => items.get(key)! };
  }

  it('keeps every statement, with the words that somebody agreed to: what held, and what came too late to', async () => {
    const a = actor('every');
    await a.tell(record('1', said('granted', start, { textVersion: 'v3', evidence: 'form 7' })));
    a.world.now += 60_000;
    await a.tell(record('2', said('withdrawn', start + 10)), record('3', said('pending', start - 10)));
    expect(await a.statements()).toEqual([
      { ...said('pending', start - 10), recordedAt: start + 60_000, outcome: 'older' },
      { ...said('granted', start, { textVersion: 'v3', evidence: 'form 7' }), recordedAt: start, outcome: 'held' },
      { ...said('withdrawn', start + 10), recordedAt: start + 60_000, outcome: 'held' },
    ]);
  });

  it('a record that comes again, under its own name or another, adds nothing and alters nothing', async () => {
    const a = actor('again');
    const consent = said('granted', start);
    await a.tell(record('1', consent));
    a.world.now += 1_000;
    await a.tell(record('1', consent), record('from-a-file', consent));
    expect(await a.statements()).toEqual([{ ...consent, recordedAt: start, outcome: 'held' }]);
  });

  it.each([0, 1, 2])('what was committed is kept, wherever the keeping broke off (before put %i)', async (failAt) => {
    const a = actor(`broken-${failAt}`);
    const all = record('1', said('granted', start), said('pending', start + 1), said('withdrawn', start + 2));
    a.world.failAt = failAt;
    expect(await a.tell(all)).toHaveLength(1);
    expect(await a.statements()).toHaveLength(failAt);
    // Meanwhile it is read from where it was committed.
    expect((await allStatements(store, a.stored())).statements.map(({ state }) => state)).toEqual([
      'withdrawn',
      'pending',
      'granted',
    ]);
    expect(await a.tell(all)).toEqual([]);
    expect((await a.statements()).map(({ state, recordedAt }) => [state, recordedAt])).toEqual([
      ['granted', start],
      ['pending', start],
      ['withdrawn', start],
    ]);
  });

  it('what a provider reports as an unsubscribe is a statement about every marketing topic', async () => {
    const a = actor('stop');
    const receipt = { t: 'receipt', id: 'r', at: start, message: 'm', channel: 'email', was: 'rejected' } as const;
    await a.tell({ ...receipt, suppress: 'unsubscribe' });
    expect(await a.statements()).toEqual([
      { ...said('withdrawn', start, { source: 'receipt', stopped: true }), recordedAt: start, outcome: 'held' },
    ]);
  });

  it('STOP and START are statements', async () => {
    const a = actor('keyword');
    await a.tell(record('1', said('granted', start, { channel: 'sms' })));
    const keyword = (word: 'stop' | 'start', at: number): MailRecord => ({
      ...{ t: 'keyword', id: word, at, channel: 'sms', word },
      named: [{ kind: 'phone', id: '+14155550100' }],
    });
    const { profile, ...stored } = a.stored();
    const named = { phone: ['+14155550100'] };
    a.items.set(a.key, { ...stored, profile: { ...profile, ids: { ...profile.ids, named } } });
    await a.tell(keyword('stop', start + 1));
    await a.tell(keyword('start', start + 2));
    expect((await a.statements()).map(({ state, source }) => [state, source])).toEqual([
      ['granted', 'api'],
      ['withdrawn', 'keyword'],
      ['granted', 'keyword'],
    ]);
  });

  it('nothing but statements is written: other records put none', async () => {
    const a = actor('quiet');
    await a.tell({ t: 'patch', id: 'p', at: start, traits: { plan: 'gold' } });
    await a.tell({ t: 'receipt', id: 'r', at: start, message: 'm', channel: 'email', was: 'delivered' });
    expect(a.world.puts).toBe(0);
  });
});

describe('reading it', () => {
  const root = profileKey('user', 'ada');
  const other = profileKey('anonymous', 'device');
  const statement = (consent: Consent, recordedAt: number): ConsentStatement => ({
    ...consent,
    recordedAt,
    outcome: 'held',
  });
  const stored = (consents: Consent[]): StoredProfile => ({
    ...{ key: root, version: 1, at: start, epoch: 0 },
    profile: {
      ...({
        ids: {},
        createdAt: start,
        traits: {},
        runs: {},
        held: {},
        entered: {},
        seen: {},
        sends: [],
      } as never as object),
      consents: Object.fromEntries(consents.map((one) => [`${one.channel}/${one.topic}`, one])),
      aliases: [other],
    } as unknown as StoredProfile['profile'],
  });
  const reader = async (kept: readonly (readonly [string, ConsentStatement])[]): Promise<ConsentReader> => {
    const { statementId } = await import('../../shared/domain/messaging/consent-statement.ts');
    return {
      statementsOf: async (key) => ({
        data: kept.filter(([of]) => of === key).map(([of, one]) => ({ key: of, id: statementId(one), statement: one })),
        complete: true,
      }),
    };
  };

  it('a person’s is that of all they were, and what both were told stands there once, as it was recorded first', async () => {
    const [first, second] = [said('granted', start), said('withdrawn', start + 5)];
    const consents = await reader([
      [other, statement(first, start)],
      [root, statement(first, start + 99)],
      [root, statement(second, start + 6)],
    ]);
    expect((await allStatements(consents, stored([second]))).statements).toEqual([
      statement(second, start + 6),
      statement(first, start),
    ]);
  });

  it('what was stated before statements were kept is told as far as the profile has it', async () => {
    const old = said('granted', start - 1_000);
    const { statements } = await allStatements(await reader([]), stored([old]));
    expect(statements).toEqual([{ ...old, outcome: 'held' }]);
  });

  it('comes in pages, newest first, each statement once', async () => {
    const all = Array.from({ length: 7 }, (_, i) =>
      statement(said('granted', start + Math.floor(i / 2), { source: `s${i}` }), start),
    );
    const consents = await reader(all.map((one) => [root, one] as const));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await readStatements(consents, stored([]), { limit: 2, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.data.map(({ source }) => source));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen.toSorted()).toEqual(all.map(({ source }) => source));
    expect(seen.map((source) => Number(source.slice(1)) >> 1)).toEqual([3, 2, 2, 1, 1, 0, 0]);
  });
});
