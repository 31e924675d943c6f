import { describe, expect, it } from 'vitest';
import type { StoredProfile } from '../../../shared/app/ports.ts';
import { type Job, progressOf } from '../../../shared/app/scans/job.ts';
import { resultOf } from '../../../shared/app/scans/job-result.ts';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { compileCatalog } from '../../../shared/domain/compiled-catalog.ts';
import { Journey } from '../../../shared/domain/journeys/journey.ts';
import type { Run } from '../../../shared/domain/profiles/profile.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import { snapshotOf } from '../../../shared/simulation/documents.ts';
import { documents, message, wait } from '../../simulation/documents.ts';
import { having, jobOf, key, now, scanWorld } from './world.ts';

const live = snapshotOf(documents({ steps: { rest: wait('P1D', 'hello'), hello: message() } }));
const draftOf = (steps: { readonly [id: string]: object }) => Journey.parse(documents({ steps }).journeys[0]);
const twice = draftOf({ one: message('two'), two: message('end', { template: 'again' }) });

const run: Run = {
  journey: 'welcome',
  version: 1,
  step: 'rest',
  since: now,
  enteredAt: now,
  stand: 'wait',
  due: now + DAY_MS,
};
const person = (index: number, more: Parameters<typeof having>[1] = {}) =>
  having(index, {
    ids: { user: `u${index}` },
    createdAt: now,
    traits: { email: { value: `p${index}@mail.example`, at: now, source: 'identify' } },
    ...more,
  });
const people: readonly StoredProfile[] = [
  ...Array.from({ length: 7 }, (_, index) => person(index)),
  person(7, { runs: { r: run } }),
  person(8, { movedTo: key(1) }),
  person(9, { ids: {} }),
];

const params = {
  ...{ journey: 'welcome', version: 2, document: twice, epoch: 1, sample: 1_000, days: 10, seed: '1', behaviour: {} },
  events: [{ name: 'Signed Up', day: 1 }],
};

async function ask(
  more: Partial<typeof params> = {},
  who = people,
  job: Job = jobOf('simulate', { params: { ...params, ...more } as never }),
) {
  const world = scanWorld(who, [job]);
  const ports = { ...world.ports, catalogs: { current: async () => compileCatalog(live) } };
  const ask = { job: job.id, run: 0, segment: 0 };
  await scanSegment(ask, () => false, ports);
  const progress = await progressOf(ports.jobs, job.id);
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into a result
  const result = (await resultOf({ ...job, state: 'done' }, progress, ports.jobs)) as any;
  return { world, progress, result };
}

describe('simulate', () => {
  it('lets the people who are there meet the draft, and those inside go on with their version', async () => {
    const { world, progress, result } = await ask();
    expect(progress).toMatchObject({ scanned: 10, customers: 8, endless: 0 });
    expect(result).toMatchObject({ journey: 'welcome', version: 2, customers: 8, isCut: false });
    // All enter the draft by the event and get both messages; who was inside had the one of version 1 before.
    expect(result.journeys.welcome).toMatchObject({ insideAtStart: 1, entered: 8 });
    expect(result.messages.sent).toBe(8 * 2 + 1);
    expect(world.sent).toEqual([]);
    expect(world.started).toEqual([]);
  });

  it('takes no more than the sample, the same people each time', async () => {
    const some = await ask({ sample: 3 });
    expect(some.progress['customers']).toBe(3);
    expect(some.progress['scanned']).toBeLessThan(10);
    expect((await ask({ sample: 3 })).result).toEqual(some.result);
  });

  it('has figures only: nothing in the job is of one person', async () => {
    const { world, result } = await ask();
    const kept = await world.ports.jobs.listKept('simulate-1', { limit: 100 });
    for (const text of [JSON.stringify(result), JSON.stringify(kept)]) {
      expect(text).not.toMatch(/mail\.example|"u\d"/);
      for (const { key: one } of people) expect(text).not.toContain(one);
    }
  });

  it('nothing happens by itself but what is scheduled', async () => {
    const { result } = await ask({ events: [] });
    expect(result.messages.sent).toBe(1);
    expect(result.journeys.welcome).toMatchObject({
      insideAtStart: 1,
      entered: 0,
      exits: { finished: 1 },
      stillInside: 0,
    });
  });

  it('of nobody: a result all the same', async () => {
    const { result } = await ask({}, []);
    expect(result).toMatchObject({ customers: 0, messages: { sent: 0 }, journeys: { welcome: { entered: 0 } } });
  });
});
