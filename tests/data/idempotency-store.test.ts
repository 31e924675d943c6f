import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IdempotencyStore } from '../../shared/app/access/ports.ts';
import { idempotencyStore } from '../../shared/data/idempotency-store.ts';
import { createTable, type DynamoEmulator, startDynalite, startDynoxide } from '../emulators/dynamo.ts';

const answer = { status: 202, headers: { location: '/x' }, body: { id: 'm' } };
const now = Date.parse('2026-11-22T10:00:00Z');
const DAY = 86_400_000;

describe.each([
  ['dynoxide', startDynoxide],
  ['dynalite', startDynalite],
])('idempotency store on %s', (_, start) => {
  let emulator: DynamoEmulator;
  let store: IdempotencyStore;
  let keys = 0;
  const key = () => `key-${++keys}`;
  beforeAll(async () => {
    emulator = await start();
    store = idempotencyStore(emulator.client, await createTable(emulator.client, 'access'));
  });
  afterAll(() => emulator.stop());

  it('lets one of many concurrent requests do it', async () => {
    const name = key();
    const claims = await Promise.all(Array.from({ length: 10 }, () => store.claim('a', name, 'h', now)));
    expect(claims.map(({ state }) => state).sort()).toEqual(['claimed', ...Array(9).fill('in-progress')]);
  });

  it('gives the first answer for a day, then forgets it, also when TTL deletes late', async () => {
    const name = key();
    await store.claim('a', name, 'h', now);
    await store.complete('a', name, 'h', answer, now);
    expect(await store.claim('a', name, 'h', now + DAY - 1_000)).toEqual({ state: 'done', answer });
    expect(await store.claim('a', name, 'h', now + DAY)).toEqual({ state: 'claimed' });
  });

  it('tells another request under the same key, running or done', async () => {
    const name = key();
    await store.claim('a', name, 'h', now);
    expect((await store.claim('a', name, 'other', now)).state).toBe('other-request');
    await store.complete('a', name, 'h', answer, now);
    expect((await store.claim('a', name, 'other', now)).state).toBe('other-request');
  });

  it('keeps callers apart', async () => {
    const name = key();
    expect((await store.claim('a', name, 'h', now)).state).toBe('claimed');
    expect((await store.claim('b', name, 'other', now)).state).toBe('claimed');
  });

  it('lets go what failed, and takes over what died', async () => {
    const failed = key();
    await store.claim('a', failed, 'h', now);
    await store.release('a', failed, 'h');
    expect((await store.claim('a', failed, 'h', now)).state).toBe('claimed');
    const died = key();
    await store.claim('a', died, 'h', now);
    expect((await store.claim('a', died, 'h', now + 60_000)).state).toBe('in-progress');
    expect((await store.claim('a', died, 'h', now + 61_000)).state).toBe('claimed');
  });

  it('a late one neither releases nor answers over what is done', async () => {
    const name = key();
    await store.claim('a', name, 'h', now);
    await store.complete('a', name, 'h', answer, now);
    await store.release('a', name, 'h');
    await store.complete('a', name, 'h', { ...answer, status: 500 }, now);
    expect(await store.claim('a', name, 'h', now)).toEqual({ state: 'done', answer });
  });
});
