import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/app/scans/job.ts';
import { resultOf } from '../../../shared/app/scans/job-result.ts';
import { jobStore } from '../../../shared/data/job-store.ts';
import { kindsOf } from '../../../shared/data/stored-kinds.ts';
import type { Json } from '../../../shared/kernel/canonical-json.ts';
import { MINUTE_MS } from '../../../shared/kernel/time.ts';
import { ann, at, everyItem, fillStores } from '../../data/filled-stores.ts';
import { type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';
import { type Mortal, mortal } from '../scans/mortal.ts';
import { emulatedErasure } from './emulated-erasure.ts';

interface Certificate {
  readonly erased: readonly { readonly [field: string]: Json }[];
}

/** Who was erased, and what is left wherever an erasure deletes something; other tables have ids of chance. */
async function lookAround({ client }: DynamoEmulator, job: Job) {
  const certificate = (await resultOf(
    job,
    {},
    jobStore(client, 'jobs', () => at),
  )) as unknown as Certificate;
  const all = (await everyItem(client)).filter(({ table }) => touched.has(table));
  const left = all.map(({ table, item }) => ({ kind: kindsOf(table, item)[0]!.kind, item }));
  return { job, erased: certificate.erased, left };
}
const touched = new Set(['profiles', 'journal', 'messages', 'consents', 'inbox', 'suppressions']);

async function filled(): Promise<DynamoEmulator> {
  const emulator = await startDynoxide();
  await fillStores(emulator.client);
  return emulator;
}

async function erasedBy(life?: Mortal) {
  const emulator = await filled();
  const erasure = emulatedErasure(emulator.client, at + MINUTE_MS, {}, life);
  const job = await erasure.erase(ann.user);
  return { ...(await lookAround(emulator, job)), emulator, deaths: erasure.deaths() };
}

/** G12. Each place between two calls of the job is one where its function may die. */
describe('an erasure whose function dies behind every call, and is tried again', () => {
  let whole: Awaited<ReturnType<typeof erasedBy>>;
  let killed: Awaited<ReturnType<typeof erasedBy>>;
  beforeAll(async () => {
    [whole, killed] = [await erasedBy(), await erasedBy(mortal())];
  });
  afterAll(() => Promise.all([whole, killed].map((one) => one?.emulator.stop())));

  it('comes to its end', () => {
    expect(killed.deaths).toBeGreaterThan(100);
    expect(killed.job.state).toBe('done');
  });

  it('leaves what one leaves that was never cut off', () => {
    expect(killed.left).toEqual(whole.left);
  });

  it('is certified once, and says the same', () => {
    expect(killed.erased).toHaveLength(1);
    expect(killed.erased).toEqual(whole.erased);
  });
});

/** The job's pages: it asks, waits for the actors, then for who writes late, counts, deletes until nothing is left, closes. */
it.each([3, 5, 7])('asked for again when it was given up behind page %i, it deletes what is left', async (pages) => {
  const emulator = await filled();
  const erasure = emulatedErasure(emulator.client, at + MINUTE_MS);
  expect((await erasure.erase(ann.user, pages)).state).toBe('failed');
  const job = await erasure.erase(ann.user);
  const { left } = await lookAround(emulator, job);
  await emulator.stop();
  expect(job.state).toBe('done');
  const named = left.filter(({ item }) => JSON.stringify(item).includes(ann.email));
  expect(named).toEqual([]);
  const hers = left.filter(({ kind, item }) => kind !== 'profile' && item['pk']?.S === ann.user);
  expect(hers.map(({ item }) => item['t']?.S)).toEqual(hers.map(() => expect.stringMatching(/^(erase|wiped|purged)$/)));
});
