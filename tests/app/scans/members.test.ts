import { expect, it } from 'vitest';
import { progressOf } from '../../../shared/app/scans/job.ts';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { Segment } from '../../../shared/domain/audiences/segment.ts';
import { having, jobOf, key, scanWorld } from './world.ts';

const segments = [Segment.parse({ schemaVersion: 1, id: 'vip', name: 'VIP', list: true })];
const people = Array.from({ length: 5 }, (_, i) =>
  having(i, {
    createdAt: 1,
    // The last one is a lead, known by an address alone.
    ids: i === 4 ? { named: { email: ['lead@mail.example'] } } : { user: `u${i}` },
    ...(i !== 2 && { lists: { vip: 7 } }),
  }),
);

it.each<[what: object, counts: object, kept: number]>([
  [{}, { people: 5, members: 4 }, 0],
  [{ keep: true }, { people: 5, members: 4 }, 4],
  [{ keep: true, sample: 2 }, { members: 2 }, 2],
])('%j: counts %j and keeps %i', async (what, counts, kept) => {
  const job = jobOf('members', { params: { segment: 'vip', epoch: 1, ...what } });
  const others = [
    having(9, { movedTo: key(1), lists: { vip: 7 } }),
    // The actor of an address that others hold.
    having(10, { holders: { [key(1)]: 1 } }),
  ];
  const { ports } = scanWorld([...people, ...others], [job], { segments });
  await scanSegment({ job: job.id, run: 0, segment: 0 }, () => false, ports);
  expect(await progressOf(ports.jobs, job.id)).toMatchObject(counts);
  const found = (await ports.jobs.listKept(job.id, { limit: 100 })).data.flat();
  expect(found).toHaveLength(kept);
  for (const one of found) expect(one).toMatchObject({ key: expect.stringMatching(/^u/), since: 7 });
});
