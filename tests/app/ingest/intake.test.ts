import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findEvent } from '../../../shared/app/find-event.ts';
import {
  dayOf,
  eventTypes,
  type Intake,
  type IntakeStore,
  intake,
  maxEventTypes,
  maxShapesPerType,
  rejectedEvents,
} from '../../../shared/app/intake.ts';
import { toldKey } from '../../../shared/app/journal-key.ts';
import type { Journal, JournalEntry, StoredProfile } from '../../../shared/app/ports.ts';
import { intakeStore } from '../../../shared/data/intake-store.ts';
import { journal } from '../../../shared/data/journal.ts';
import { journalSearch } from '../../../shared/data/journal-search.ts';
import { profileStore } from '../../../shared/data/profile-store.ts';
import type { CustomerEvent } from '../../../shared/domain/customer-event.ts';
import { keyOfNamed } from '../../../shared/domain/profiles/named-id.ts';
import { emptyProfile } from '../../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/kernel/time.ts';
import type { Refusal } from '../../../shared/wire/arrival.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const holder = { id: 'key-1' };
const refusal = (eventId?: string, overrides: Partial<Refusal> = {}): Refusal => ({
  code: 'id.placeholder',
  detail: 'a placeholder',
  pointer: '/batch/0/userId',
  fields: ['userId'],
  ...(eventId !== undefined && { eventId }),
  ...overrides,
});
const event = (name: string, data: CustomerEvent['data'] = {}): CustomerEvent => ({
  id: 'm-1',
  sent: null,
  at: now,
  kind: 'track',
  name,
  userId: 'u',
  data,
  context: {},
});
/** No write is given up here, however slow the machine. */
const patientMs = HOUR_MS;
let emulator: DynamoEmulator;
let store: IntakeStore;
let front: Intake;
let lost: unknown[];
let count = 0;

beforeAll(async () => {
  emulator = await startDynoxide();
});
afterAll(() => emulator.stop());
beforeEach(async () => {
  const table = await createTable(emulator.client, 'intake', `intake-${++count}`);
  store = intakeStore(emulator.client, table, () => now, patientMs);
  lost = [];
  front = container();
});
const container = () => intake({ store, onLost: (error) => lost.push(error) });

describe('rejected events', () => {
  it('are listed newest first, over days, page after page, each once', async () => {
    for (let n = 0; n < 12; n++) await front.keepRefused([refusal(`m-${n}`)], holder, now - n * 8 * HOUR_MS);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await rejectedEvents(store, { limit: 5, ...(cursor !== undefined && { cursor }) }, now);
      expect(page.data.length).toBeLessThanOrEqual(5);
      seen.push(...page.data.map(({ eventId }) => eventId!));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(Array.from({ length: 12 }, (_, n) => `m-${n}`));
    expect(
      (await rejectedEvents(store, { limit: 10, day: dayOf(now) }, now)).data.map(({ eventId }) => eventId),
    ).toEqual(['m-0', 'm-1']);
    expect(lost).toEqual([]);
  });

  it.each(['x', '2026-11-22', '2026-11-22.!', '2026-11-22.eA='])(
    'refuse the cursor %s, which no list gave',
    async (cursor) => {
      await front.keepRefused([refusal('m-1')], holder, now);
      const asked = rejectedEvents(store, { limit: 5, cursor }, now);
      await expect(asked).rejects.toMatchObject({ code: 'list.cursor' });
    },
  );

  it('older than a week are not listed', async () => {
    await front.keepRefused([refusal('old')], holder, now - 8 * DAY_MS);
    expect((await rejectedEvents(store, { limit: 10 }, now)).data).toEqual([]);
  });

  it('are found by their id, or only listed when they had none', async () => {
    await front.keepRefused([refusal('m-1'), refusal('m-2'), refusal()], holder, now);
    expect(await store.findRejected('m-1')).toEqual([{ ...refusal('m-1'), at: now, writeKey: 'key-1' }]);
    expect((await rejectedEvents(store, { limit: 10 }, now)).data).toHaveLength(3);
  });

  it('are kept up to a limit per request and per minute, so that nobody can run up a bill', async () => {
    for (let n = 0; n < 40; n++)
      await front.keepRefused(
        Array.from({ length: 100 }, () => refusal()),
        holder,
        now,
      );
    expect((await listAll()).length).toBe(600);
    await front.keepRefused([refusal('next minute')], holder, now + 60_000);
    expect((await listAll()).length).toBe(601);
  });
  const listAll = async () => {
    const all: unknown[] = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page = await rejectedEvents(store, { limit: 200, ...(cursor !== undefined && { cursor }) }, now);
      all.push(...page.data);
      cursor = page.nextCursor;
    }
    return all;
  };
});

describe('event types', () => {
  it('show names, properties with their types, and the hours of first and last sight', async () => {
    await front.observe([event('Order Completed', { total: 1, coupon: null }), event('Renewed')], now);
    await front.observe([event('Order Completed', { total: '1', lines: [] })], now + HOUR_MS);
    const properties = { total: ['number', 'string'], coupon: ['null'], lines: ['list'] };
    expect(await eventTypes(store)).toEqual({
      complete: true,
      limit: maxEventTypes,
      data: [
        { name: 'Order Completed', kind: 'track', properties, firstSeen: now, lastSeen: now + HOUR_MS },
        { name: 'Renewed', kind: 'track', properties: {}, firstSeen: now, lastSeen: now },
      ],
    });
  });

  it('seen by two containers are one', async () => {
    await Promise.all([
      container().observe([event('A', { x: 1 })], now),
      container().observe([event('A', { y: 1 })], now),
    ]);
    expect((await eventTypes(store)).data).toMatchObject([{ name: 'A', properties: { x: ['number'], y: ['number'] } }]);
  });

  it('keep no address that somebody used as a name', async () => {
    await front.observe([event('A', { 'ann@example.com': 1, plan: 'pro' })], now);
    expect((await eventTypes(store)).data[0]!.properties).toEqual({ plan: ['string'] });
  });

  it('are at most 500; what is beyond is said, and not tried again', async () => {
    for (let n = 0; n < 60; n++) {
      await container().observe(
        Array.from({ length: 10 }, (_, m) => event(`Type ${n * 10 + m}`)),
        now,
      );
    }
    expect(await eventTypes(store)).toMatchObject({ complete: false, limit: 500 });
    expect((await eventTypes(store)).data).toHaveLength(maxEventTypes);
    expect(lost).toEqual([]);
  });

  it('have a limited number of properties, and stay up to date beyond it', async () => {
    for (let n = 0; n < 30; n++)
      await container().observe([event('A', { [`p${n * 10}`]: 1, ...many(n * 10, 9) })], now);
    await container().observe([event('A', { late: 1 })], now + HOUR_MS);
    const [type] = (await eventTypes(store)).data;
    expect(Object.keys(type!.properties).length).toBeLessThan(maxShapesPerType + 10);
    expect(type).toMatchObject({ lastSeen: now + HOUR_MS });
    expect(type!.properties).not.toHaveProperty('late');
  });
  const many = (from: number, n: number) =>
    Object.fromEntries(Array.from({ length: n }, (_, m) => [`p${from + m + 1}`, 1]));
});

describe('where is my event?', () => {
  let entries: Journal;
  let stores: Parameters<typeof findEvent>[1];
  let profiles: ReturnType<typeof profileStore>;
  beforeEach(async () => {
    const [table, people] = await Promise.all([
      createTable(emulator.client, 'journal', `journal-${count}`),
      createTable(emulator.client, 'profiles', `profiles-${count}`),
    ]);
    entries = journal(emulator.client, table, 30);
    profiles = profileStore(emulator.client, people);
    stores = { intake: store, journal: journalSearch(emulator.client, table, () => now), profiles };
  });
  const user = profileKey('user', 'ann');
  const device = profileKey('anonymous', 'phone');
  const put = (key: string, id: string, st: JournalEntry['st'], sent: string | null = '2026-11-22T11:00:00Z') =>
    entries.put({
      key,
      jk: toldKey({ t: 'event', event: { ...event('A'), id, sent } }),
      v: 1,
      st,
      t: 'event',
      why: [{ code: 'entry.too-old' }],
      at: now,
    });
  const store1 = (key: string, more: Partial<StoredProfile['profile']>, pending?: StoredProfile['pending']) =>
    profiles.commit({
      key,
      version: 1,
      at: now,
      epoch: 1,
      profile: { ...emptyProfile, ...more },
      ...(pending && { pending }),
    });

  it.each([
    ['moved', 'applied'],
    ['inert', 'no-effect'],
    ['parked', 'parked'],
    ['trying', 'trying'],
    ['fwd', 'forwarded'],
  ] as const)('%s in the journal: %s, with its reasons (G7)', async (st, state) => {
    await put(user, 'm-1', st);
    await put(user, 'm-2', 'moved');
    expect(await findEvent({ messageId: 'm-1', userId: 'ann' }, stores)).toMatchObject({
      state,
      found: { key: user, at: now, why: [{ code: 'entry.too-old' }] },
    });
  });

  it('an event that was sent without a time is found too', async () => {
    await put(user, 'm-1', 'moved', null);
    expect(await findEvent({ messageId: 'm-1', userId: 'ann' }, stores)).toMatchObject({ state: 'applied' });
  });

  it.each([
    ['the device that sent it', { anonymousId: 'phone' }],
    ['the customer it now belongs to', { userId: 'ann' }],
  ])('is found across a merge, asked for by %s, as far as it came', async (_title, ids) => {
    await put(device, 'm-1', 'fwd');
    await put(user, 'm-1', 'moved');
    await store1(device, { movedTo: user, frozen: true });
    await store1(user, { aliases: [device] });
    expect(await findEvent({ messageId: 'm-1', ...ids }, stores)).toMatchObject({
      state: 'applied',
      found: { key: user },
    });
  });

  it('one that carried a hash alone is found by it, at whoever it was passed on to', async () => {
    const named = { kind: 'email-sha256', id: 'ab'.repeat(32) } as const;
    await put(keyOfNamed(named), 'm-1', 'fwd');
    await put(user, 'm-1', 'inert');
    await store1(keyOfNamed(named), { holders: { [user]: now } });
    const asked = { messageId: 'm-1', idType: named.kind, id: named.id };
    expect(await findEvent(asked, stores)).toMatchObject({ state: 'no-effect', found: { key: user } });
  });

  it('applied and not yet in the journal is found in the profile', async () => {
    const jk = toldKey({ t: 'event', event: { ...event('A'), id: 'm-1', sent: '2026-11-22T11:00:00Z' } });
    const ids = [{ jk, st: 'moved', t: 'event', why: [] }] as const;
    await store1(user, {}, { v: 1, at: now, ids, last: jk, eff: [], hop: 0 });
    expect(await findEvent({ messageId: 'm-1', userId: 'ann' }, stores)).toMatchObject({ state: 'applied' });
  });

  it('rejected at the door: the reason', async () => {
    await front.keepRefused([refusal('m-1')], holder, now);
    const expected = { state: 'rejected', rejected: [{ code: 'id.placeholder', pointer: '/batch/0/userId' }] };
    expect(await findEvent({ messageId: 'm-1', userId: 'ann' }, stores)).toMatchObject(expected);
    expect(await findEvent({ messageId: 'm-1' }, stores)).toMatchObject(expected);
    await put(user, 'm-1', 'moved');
    expect(await findEvent({ messageId: 'm-1', userId: 'ann' }, stores)).toMatchObject({
      ...expected,
      state: 'applied',
    });
  });

  it('nowhere: what that can mean', async () => {
    await put(user, 'm-11', 'moved');
    const fate = await findEvent({ messageId: 'm-1', userId: 'ann' }, stores);
    expect(fate).toMatchObject({ state: 'not-found', rejected: [] });
    expect(fate.meaning!.join()).toMatch(/mailbox/);
    expect((await findEvent({ messageId: 'm-1' }, stores)).meaning!.join()).toMatch(
      /userId, anonymousId, or idType and id/,
    );
  });

  it('is found among thousands of the same profile', async () => {
    for (let n = 0; n < 1_500; n += 50) {
      await Promise.all(
        Array.from({ length: 50 }, (_, m) =>
          put(user, `x-${n + m}`, 'inert', new Date(now - (n + m) * 60_000).toISOString()),
        ),
      );
    }
    await put(user, 'oldest', 'moved', '2026-01-01T00:00:00Z');
    expect(await findEvent({ messageId: 'oldest', userId: 'ann' }, stores)).toMatchObject({ state: 'applied' });
  });
});
