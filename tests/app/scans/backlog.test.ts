import { describe, expect, it } from 'vitest';
import { roomInMailbox } from '../../../shared/app/scans/backlog.ts';
import { untouched } from '../../../shared/app/scans/job.ts';
import { scanKinds } from '../../../shared/app/scans/registry.ts';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { scanning } from '../../../shared/resources.ts';
import { memoryProfiles } from '../../protocol/memory-stores.ts';
import { jobOf, now, scanWorld, stored } from './world.ts';

describe('room in the mailbox', () => {
  const room = (waiting: number, most = 1_000, segments = 8) =>
    roomInMailbox({ segments }, { waiting: async () => waiting, most });

  it.each([
    [0, { left: 125, seconds: 0 }],
    [1_000, { left: 125, seconds: 0 }],
    [1_001, { left: 0, seconds: 11 }],
    [3_000, { left: 0, seconds: 30 }],
    [10_000_000, { left: 0, seconds: 300 }],
  ])('with %i waiting: %j', async (waiting, expected) => {
    expect(await room(waiting)).toEqual(expected);
  });

  it('always lets somebody go on, however many share it', async () => {
    expect(await room(0, 5, 40)).toEqual({ left: 1, seconds: 0 });
  });
});

describe('a scan, while the mailbox is full', () => {
  const full = { backlog: { waiting: async () => 1_001, most: 1_000 } };
  const meant = { params: { epoch: 1, journey: 'j', where: { any: [] }, clauses: [] } };

  it.each([...scanKinds.values()].filter(({ crowds }) => crowds).map(({ kind }) => kind))(
    '%s waits, has told nobody, and stands where it stood',
    async (kind) => {
      const job = jobOf(kind, meant);
      const { ports, sent } = scanWorld([stored(1)], [job]);
      const answer = await scanSegment({ job: job.id, run: 0, segment: 0 }, () => false, { ...ports, ...full });
      expect(answer).toEqual({ next: 'wait', seconds: 11 });
      expect(sent).toEqual([]);
      expect(await ports.jobs.readSegment(job.id, 0)).toEqual(untouched);
    },
  );

  it('the sweep does not wait: what it repairs is late already', async () => {
    const job = jobOf('sweep');
    const { ports } = scanWorld([stored(1)], [job]);
    expect(await scanSegment({ job: job.id, run: 0, segment: 0 }, () => false, { ...ports, ...full })).toEqual({
      next: 'done',
    });
  });

  it('who may tell everybody is known', () => {
    const crowding = [...scanKinds.values()].filter(({ crowds }) => crowds).map(({ kind }) => kind);
    expect(crowding.sort()).toEqual(['backfill', 'broadcast', 'import', 'look', 'wake']);
  });
});

interface Crowd {
  readonly people: number;
  readonly perMinute: number;
  readonly takenPerSecond: number;
  readonly most: number;
  /** How old the figure of the backlog is. */
  readonly staleSeconds: number;
}

/** Second by second: one live event comes, the job's segments tell whom they may, and so many records are decided. */
async function race({ people, perMinute, takenPerSecond, most, staleSeconds }: Crowd) {
  const job = jobOf('broadcast', { params: { journey: 'j', epoch: 1 }, segments: scanning.segments, perMinute });
  const profiles = Array.from({ length: people }, (_, index) => stored(index));
  const { ports } = scanWorld([], [job]);
  const queue: { readonly isLive: boolean; readonly at: number }[] = [];
  const depths: number[] = [];
  let second = 0;
  let told = 0;
  const world = {
    ...ports,
    clock: () => now + second * 1_000,
    profiles: memoryProfiles(new Map(profiles.map((one) => [one.key, one])), { pageSize: 200 }),
    mailbox: {
      send: async (mails: readonly unknown[]) => {
        told += mails.length;
        for (const _ of mails) queue.push({ isLive: false, at: second });
        return [];
      },
    },
    backlog: { most, waiting: async () => (staleSeconds === 0 ? queue.length : (depths.at(-staleSeconds) ?? 0)) },
  };
  const next = Array.from({ length: job.segments }, () => 0);
  const waits: number[] = [];
  while (next.some((one) => one < Number.POSITIVE_INFINITY) || queue.length > 0) {
    for (const [segment, due] of next.entries()) {
      if (due > second) continue;
      const answer = await scanSegment({ job: job.id, run: 0, segment }, () => false, world);
      next[segment] = answer.next === 'wait' ? second + answer.seconds : Number.POSITIVE_INFINITY;
    }
    queue.push({ isLive: true, at: second });
    for (const { isLive, at } of queue.splice(0, takenPerSecond)) if (isLive) waits.push(second - at);
    depths.push(queue.length);
    second++;
    if (next.every((one) => one === Number.POSITIVE_INFINITY) && queue.every(({ isLive }) => isLive)) break;
  }
  return { told, seconds: second, longest: Math.max(...waits), deepest: Math.max(...depths) };
}

describe('a broadcast at four times what consumers take', () => {
  const crowd = { people: 3_000, perMinute: 1_200, takenPerSecond: 5, most: 100, staleSeconds: 0 };
  /** Live events take one place a second of the five. */
  const ideal = crowd.people / (crowd.takenPerSecond - 1);

  it('live events wait behind twice what may wait, and never behind all of it; it takes hardly longer', async () => {
    const { told, seconds, longest, deepest } = await race(crowd);
    expect(told).toBe(crowd.people);
    expect(deepest).toBeLessThanOrEqual(2 * crowd.most + crowd.takenPerSecond);
    expect(longest).toBeLessThanOrEqual((2 * crowd.most) / crowd.takenPerSecond + 1);
    expect(seconds).toBeLessThan(1.2 * ideal);
  });

  it('while the figure is a minute old, also behind what a minute of its pace tells', async () => {
    const { told, longest } = await race({ ...crowd, staleSeconds: 60 });
    expect(told).toBe(crowd.people);
    expect(longest).toBeLessThanOrEqual((2 * crowd.most + crowd.perMinute) / crowd.takenPerSecond + 1);
  });

  it('control: without any of it they would wait for nearly all', async () => {
    const { told, longest } = await race({ ...crowd, most: Number.POSITIVE_INFINITY });
    expect(told).toBe(crowd.people);
    expect(longest).toBeGreaterThan((0.6 * crowd.people) / crowd.takenPerSecond);
    // And without a broadcast, for none.
    expect((await race({ ...crowd, people: 0 })).longest).toBe(0);
  });

  it('one that consumers keep up with is not slowed down', async () => {
    const slow = { ...crowd, perMinute: 120 };
    const free = await race({ ...slow, people: 1_000, most: Number.POSITIVE_INFINITY });
    expect((await race({ ...slow, people: 1_000 })).seconds).toBeLessThanOrEqual(free.seconds + 60);
  });
});
