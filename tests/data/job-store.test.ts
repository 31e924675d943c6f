import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job, JobStore } from '../../shared/app/scans/job.ts';
import { jobStore } from '../../shared/data/job-store.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';
import { memoryJobs } from '../protocol/memory-stores.ts';

const at = Date.UTC(2026, 10, 22, 9);
const job = (id: string, more: Partial<Job> = {}): Job => ({
  id,
  kind: 'wake',
  state: 'queued',
  params: { epoch: 7 },
  segments: 2,
  at,
  begin: at,
  run: 0,
  by: 'test',
  ...more,
});

let dynamo: DynamoEmulator;
beforeAll(async () => {
  dynamo = await startDynoxide();
  await createTable(dynamo.client, 'jobs');
});
afterAll(() => dynamo.stop());

describe.each<[string, () => JobStore]>([
  ['DynamoDB', () => jobStore(dynamo.client, 'jobs', () => at)],
  ['memory', () => memoryJobs()],
])('jobs on %s', (_, make) => {
  let jobs: JobStore;
  beforeAll(() => {
    jobs = make();
  });

  it('are put once, and read as they were', async () => {
    expect(await jobs.read('one')).toBeUndefined();
    expect(await jobs.create(job('one'))).toEqual(job('one'));
    expect(await jobs.create(job('one', { params: { epoch: 8 }, at: at + 1 }))).toEqual(job('one'));
    expect(await jobs.read('one')).toEqual(job('one'));
  });

  it('are listed newest first', async () => {
    await jobs.create(job('two', { at: at + 2 }));
    await jobs.create(job('three', { at: at + 1 }));
    expect((await jobs.list({ limit: 2 })).data.map(({ id }) => id)).toEqual(['two', 'three']);
    await jobs.create(job('other', { kind: 'who' }));
    expect((await jobs.list({ limit: 2 }, 'who')).data.map(({ id }) => id)).toEqual(['other']);
  });

  it('change their state from those that are named, and from no other', async () => {
    await jobs.create(job('state'));
    expect(await jobs.change('state', ['running'], { state: 'done' })).toBe(false);
    expect(await jobs.change('state', ['queued', 'running'], { state: 'failed', endedAt: at + 5, error: 'X' })).toBe(
      true,
    );
    expect(await jobs.read('state')).toEqual(job('state', { state: 'failed', endedAt: at + 5, error: 'X' }));
    expect(await jobs.change('none', ['queued'], { state: 'done' })).toBe(false);
    expect(await jobs.change('state', ['failed'], { perMinute: 5, run: 2 })).toBe(true);
    expect(await jobs.read('state')).toMatchObject({ state: 'failed', perMinute: 5, run: 2 });
  });

  it('replace the progress of a segment only from the page before', async () => {
    const one = await jobs.create(job('segments'));
    expect(await jobs.readSegment(one.id, 1)).toEqual({ page: 0, isDone: false, counts: {} });
    const first = { page: 1, isDone: false, cursor: 'u1', counts: { scanned: 2, 'a/b.c': 1 } };
    const second = { page: 2, isDone: true, counts: { scanned: 3 } };
    expect(await jobs.writeSegment(one, 1, second)).toBe(false);
    expect(await jobs.writeSegment(one, 1, first)).toBe(true);
    expect(await jobs.writeSegment(one, 1, first)).toBe(false);
    expect(await jobs.readSegment(one.id, 1)).toEqual(first);
    expect(await jobs.writeSegment(one, 1, second)).toBe(true);
    expect(await jobs.readSegments(one.id)).toEqual([second]);
  });

  it('keep what a page found, once per page, in the order of pages', async () => {
    const one = await jobs.create(job('kept'));
    await jobs.keep(one, { segment: 1, page: 10 }, ['d']);
    await jobs.keep(one, { segment: 0, page: 2 }, ['a']);
    await jobs.keep(one, { segment: 1, page: 9 }, ['b']);
    await jobs.keep(one, { segment: 1, page: 9 }, ['c']);
    expect((await jobs.listKept(one.id, { limit: 10 })).data).toEqual([['a'], ['c'], ['d']]);
  });
});
