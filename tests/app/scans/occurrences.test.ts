import { describe, expect, it } from 'vitest';
import type { StoredProfile } from '../../../shared/app/ports.ts';
import { progressOf } from '../../../shared/app/scans/job.ts';
import { occurrenceId, repairChains, startNextOccurrence } from '../../../shared/app/scans/occurrences.ts';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { startScan } from '../../../shared/app/scans/start-scan.ts';
import { startSweep } from '../../../shared/app/scans/start-sweep.ts';
import { Segment } from '../../../shared/domain/audiences/segment.ts';
import type { JourneyState } from '../../../shared/domain/catalog.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/kernel/time.ts';
import { scanning } from '../../../shared/resources.ts';
import { journeyWith } from '../../domain/journeys/a-journey.ts';
import { having, jobOf, key, now, scanWorld } from './world.ts';

const daily = { on: 'schedule', segment: 'gold', zone: 'UTC', at: '09:00', every: 'day' };
const segments = [Segment.parse({ schemaVersion: 1, id: 'gold', name: 'Gold', where: 'profile.tier = "gold"' })];
const tier = (index: number, value: string) => having(index, { traits: { tier: { value, at: now, source: 'api' } } });
const everybody = [tier(1, 'gold'), tier(2, 'none'), tier(3, 'gold'), having(4, { movedTo: key(1) })];
const params = { journey: 'small', occurrence: now, epoch: 1 };
const today = jobOf('broadcast', { id: occurrenceId('small', now), params, segments: 1 });
const tomorrow = occurrenceId('small', now + DAY_MS);

interface Setting {
  readonly entry?: object;
  readonly state?: JourneyState;
  readonly at?: number;
  readonly profiles?: readonly StoredProfile[];
}

const worldWith = ({ entry = daily, state = 'live', profiles = everybody }: Setting) => {
  const document = journeyWith({ id: 'small', entry: [entry] });
  return {
    ...scanWorld(profiles, [today], { epoch: 7, segments, journeys: [{ id: 'small', state, version: 1, document }] }),
    document,
  };
};

async function begin(setting: Setting = {}) {
  const world = worldWith(setting);
  const ports = { ...world.ports, clock: () => setting.at ?? now };
  const run = () => scanSegment({ job: today.id, run: 0, segment: 0 }, () => false, ports);
  expect(await run()).toEqual({ next: 'done' });
  return { ...world, ports, run, job: (await ports.jobs.read(today.id))! };
}

describe('an occurrence that begins', () => {
  it('starts the next one first, and tells the members', async () => {
    const { job, sent, started, ports, run } = await begin();
    expect(job.state).toBe('running');
    expect(started.map(([name, { begin }]) => [name, begin])).toEqual([
      [`${tomorrow}-0-0`, '2026-11-23T09:00:00.000Z'],
    ]);
    expect(await ports.jobs.read(tomorrow)).toMatchObject({
      kind: 'broadcast',
      perMinute: 6_000,
      params: { journey: 'small', occurrence: now + DAY_MS, epoch: 7 },
    });
    expect(sent.map(({ mail }) => mail.key).sort()).toEqual([key(1), key(3)].sort());
    for (const { mail } of sent) {
      expect(mail.records).toEqual([
        expect.objectContaining({
          t: 'enroll',
          epoch: 7,
          journey: 'small',
          broadcast: { id: today.id, occurrence: now },
        }),
      ]);
    }
    expect(await progressOf(ports.jobs, today.id)).toMatchObject({ scanned: 4, told: 2, noMatch: 1 });
    await run();
    expect(sent).toHaveLength(2);
  });

  it.each<[why: string, reason: string, goesOn: boolean, setting: Setting]>([
    ['of a paused journey', 'journey.paused', true, { state: 'paused' }],
    ['of a stopped one', 'journey.stopped', false, { state: 'stopped' }],
    ['of one that lets nobody in any more', 'journey.draining', false, { state: 'draining' }],
    ['that another version has moved', 'entry.no-schedule', true, { entry: { ...daily, at: '10:00' } }],
    ['that another version has not', 'entry.no-schedule', false, { entry: { on: 'api' } }],
    ['more than twelve hours late', 'entry.too-old', true, { at: now + 12 * HOUR_MS + 1 }],
  ])('%s is skipped: %s', async (_why, reason, goesOn, setting) => {
    const { job, sent, started } = await begin(setting);
    expect(job).toMatchObject({ state: 'skipped', reason, endedAt: setting.at ?? now });
    expect(sent).toEqual([]);
    expect(started).toHaveLength(goesOn ? 1 : 0);
  });
});

describe('the daily sweep', () => {
  it.each([
    ['nobody swept yesterday', undefined, scanning.segments],
    ['an empty table', 0, 1],
    ['a few', 3, 1],
    ['a million and one', 1_000_001, 2],
    ['a hundred million', 100_000_000, scanning.segments],
  ])('%s: cut into as many parts as it needs', async (_what, scanned, segments) => {
    const world = worldWith({});
    const yesterday = jobOf('sweep', { id: 'sweep-2026-11-21' });
    for (const [segment, found] of (scanned === undefined ? [] : [scanned, 0]).entries()) {
      await world.ports.jobs.writeSegment(yesterday, segment, { page: 1, isDone: true, counts: { scanned: found } });
    }
    await startSweep(world.ports);
    expect(await world.ports.jobs.read('sweep-2026-11-22')).toMatchObject({ kind: 'sweep', segments });
  });
});

describe('a sweep', () => {
  it.each([
    ['done', { checkedUntil: now - DAY_MS - HOUR_MS }],
    ['failed', {}],
    ['running', {}],
    ['stopped', {}],
  ] as const)('after one that is %s knows what was looked at', async (state, params) => {
    const world = worldWith({});
    await world.ports.jobs.create(jobOf('sweep', { id: 'sweep-2026-11-21', state, begin: now - DAY_MS }));
    await startSweep(world.ports);
    expect((await world.ports.jobs.read('sweep-2026-11-22'))?.params).toEqual(params);
  });
});

describe('a chain', () => {
  it('that is broken goes on with the sweep', async () => {
    const world = worldWith({});
    await startSweep(world.ports);
    expect(world.started.map(([name]) => name)).toEqual(['sweep-2026-11-22-0-0', `${tomorrow}-0-0`]);
    await startSweep(world.ports, 'by-hand');
    expect(new Set(world.started.map(([name]) => name))).toEqual(
      new Set(['sweep-2026-11-22-0-0', 'by-hand-0-0', `${tomorrow}-0-0`]),
    );
  });

  it('goes on while its journey is paused, and for no other', async () => {
    for (const [state, links] of [
      ['paused', 1],
      ['draining', 0],
      ['stopped', 0],
    ] as const) {
      const world = worldWith({ state });
      await repairChains('test', world.ports);
      expect([state, world.started.length]).toEqual([state, links]);
    }
  });

  it('waits for a sweep that is near enough', async () => {
    const once = (date: string) => ({ ...daily, every: 'once', date });
    const startFor = async (date: string) => {
      const { ports, document, started } = worldWith({ entry: once(date) });
      const start = startScan({ ...ports, now: ports.clock });
      await startNextOccurrence(start, document, { after: now, now, epoch: 1, by: 'test' });
      return started.map(([, execution]) => execution.begin);
    };
    expect(await startFor('2027-09-18')).toEqual(['2027-09-18T09:00:00.000Z']);
    expect(await startFor('2027-09-19')).toEqual([]);
  });
});
