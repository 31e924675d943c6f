import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutageStore } from '../../shared/app/sending/breaker.ts';
import { outageStore } from '../../shared/data/outage-store.ts';
import { memoryOutages } from '../app/sending/memory-outages.ts';
import { createTable, startDynoxide } from '../emulators/dynamo.ts';

describe.each<[string, () => Promise<{ store: OutageStore; stop: () => Promise<void> }>]>([
  [
    'dynoxide',
    async () => {
      const emulator = await startDynoxide();
      const store = outageStore(emulator.client, await createTable(emulator.client, 'limits'));
      return { store, stop: () => emulator.stop() };
    },
  ],
  ['memory', async () => ({ store: memoryOutages(), stop: async () => undefined })],
])('outages in %s', (_name, open) => {
  let place: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    place = await open();
  });
  afterAll(() => place.stop());

  it('are opened once, moved on by one, listed, and over', async () => {
    const { store } = place;
    const outage = { provider: 'email#news', why: 'email.server-error', since: 1_000, tryAt: 31_000, tries: 0 };
    expect(await store.read('email#news')).toBeUndefined();
    expect(await store.put(outage, undefined)).toBe(true);
    expect(await store.put({ ...outage, why: 'email.no-answer' }, undefined), 'another one was first').toBe(false);
    const next = { ...outage, tryAt: 91_000, tries: 1 };
    expect(await store.put(next, 31_000)).toBe(true);
    expect(await store.put(next, 31_000), 'the right to try is given once').toBe(false);
    expect(await store.read('email#news')).toEqual(next);
    await store.put({ ...outage, provider: 'sms' }, undefined);
    expect((await store.all()).map(({ provider }) => provider).sort()).toEqual(['email#news', 'sms']);
    await store.delete('email#news');
    expect(await store.read('email#news')).toBeUndefined();
    expect(await store.put(next, 91_000), 'what is over is not moved on').toBe(false);
  });
});
