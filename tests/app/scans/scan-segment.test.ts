import { describe, expect, it } from 'vitest';
import { failScan, finishScan } from '../../../shared/app/scans/finish-scan.ts';
import { addCounts, progressOf } from '../../../shared/app/scans/job.ts';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { startScan } from '../../../shared/app/scans/start-scan.ts';
import { stopJob } from '../../../shared/app/scans/stop-job.ts';
import { Transient } from '../../../shared/kernel/errors.ts';
import fc from '../../property.ts';
import { jobOf, key, now, scanWorld, stored } from './world.ts';

const nine = Array.from({ length: 9 }, (_, index) => stored(index));
const waking = (segments = 1) => jobOf('wake', { params: { epoch: 1 }, segments });
const always = () => true;
const never = () => false;

describe('scan of a segment', () => {
  it('goes on where its time was up, and meets everybody once', async () => {
    const job = waking();
    const { ports, sent } = scanWorld(nine, [job]);
    let calls = 1;
    while ((await scanSegment({ job: job.id, run: 0, segment: 0 }, always, ports)).next === 'more') calls++;
    expect(calls).toBe(5);
    expect(sent.map(({ mail }) => mail.key).sort()).toEqual(nine.map((one) => one.key).sort());
    expect(await progressOf(ports.jobs, job.id)).toEqual({ scanned: 9, woken: 9 });
  });

  it('counts everybody once and sends the same ids again, whatever call dies where', async () => {
    const fault = fc.constantFrom('scan', 'mail-before', 'mail-after', 'progress-before', 'progress-after');
    const faults = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fault), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(faults, fc.integer({ min: 1, max: 4 }), async (planned, segments) => {
        const job = waking(segments);
        const { ports, sent } = scanWorld(nine, [job]);
        let step = 0;
        const die = (where: string) => {
          if (planned.some(([at, what]) => at === step && what === where)) throw new Transient('test', where);
        };
        const dying = {
          ...ports,
          profiles: {
            ...ports.profiles,
            scan: async (ask: Parameters<typeof ports.profiles.scan>[0]) => {
              step++;
              die('scan');
              return ports.profiles.scan(ask);
            },
          },
          mailbox: {
            send: async (mails: Parameters<typeof ports.mailbox.send>[0]) => {
              die('mail-before');
              await ports.mailbox.send(mails);
              die('mail-after');
              return [];
            },
          },
          jobs: {
            ...ports.jobs,
            writeSegment: async (...args: Parameters<typeof ports.jobs.writeSegment>) => {
              die('progress-before');
              const written = await ports.jobs.writeSegment(...args);
              die('progress-after');
              return written;
            },
          },
        };
        for (let segment = 0; segment < segments; segment++) {
          for (let isDone = false; !isDone; ) {
            try {
              isDone = (await scanSegment({ job: job.id, run: 0, segment }, always, dying)).next === 'done';
            } catch (error) {
              if (!(error instanceof Transient)) throw error;
            }
          }
        }
        expect(await progressOf(ports.jobs, job.id)).toEqual({ scanned: 9, woken: 9 });
        expect(new Set(sent.map(({ id }) => id)).size).toBe(9);
        expect(new Set(sent.map(({ mail }) => mail.key))).toEqual(new Set(nine.map((one) => one.key)));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves it to the other, when two calls are at one segment', async () => {
    const job = waking();
    const { ports } = scanWorld(nine, [job]);
    const both = [0, 1].map(() => scanSegment({ job: job.id, run: 0, segment: 0 }, never, ports));
    expect((await Promise.all(both)).map(({ next }) => next).sort()).toEqual(['done', 'more']);
    expect(await progressOf(ports.jobs, job.id)).toEqual({ scanned: 9, woken: 9 });
  });

  it('sees a stop before its next page', async () => {
    const job = waking();
    const { ports, sent } = scanWorld(nine, [job]);
    await scanSegment({ job: job.id, run: 0, segment: 0 }, always, ports);
    expect((await stopJob(ports.jobs, job, now)).state).toBe('stopped');
    expect(await scanSegment({ job: job.id, run: 0, segment: 0 }, never, ports)).toEqual({ next: 'done' });
    expect(sent).toHaveLength(2);
    await finishScan({ job: job.id, run: 0, round: 0 }, ports);
    await failScan(job.id, 'Lambda.Unknown', ports);
    expect(await ports.jobs.read(job.id)).toMatchObject({ state: 'stopped', endedAt: now });
  });

  it('refuses mail that the queue will never take, so that the page is not counted', async () => {
    const job = waking();
    const { ports } = scanWorld(nine, [job]);
    const refusing = { ...ports, mailbox: { send: async () => [{ index: 0, code: 'queue.x' }] } };
    await expect(scanSegment({ job: job.id, run: 0, segment: 0 }, never, refusing)).rejects.toBeInstanceOf(Transient);
    expect(await progressOf(ports.jobs, job.id)).toEqual({ scanned: 0 });
  });
});

describe('a job', () => {
  const request = { id: 'again', kind: 'wake', params: { epoch: 1 }, by: 'test' };

  it('is one for one id, and is started again as long as it is not over', async () => {
    const { ports, started } = scanWorld([]);
    const start = startScan({ ...ports, now: ports.clock });
    const job = await start({ ...request, begin: now + 60_000 });
    expect(await start({ ...request, params: { epoch: 2 } })).toEqual(job);
    const execution = { schema: 1, job: 'again', run: 0, round: 0, segments: 8, begin: '2026-11-22T09:01:00.000Z' };
    expect(started).toEqual([
      ['again-0-0', execution],
      ['again-0-0', execution],
    ]);
    await stopJob(ports.jobs, job, now);
    expect((await start(request)).state).toBe('stopped');
    expect(started).toHaveLength(2);
  });

  it.each(['', 'a b', 'x'.repeat(65)])('has an id that may name an execution: not %j', async (id) => {
    const { ports } = scanWorld([]);
    await expect(startScan({ ...ports, now: ports.clock })({ ...request, id })).rejects.toMatchObject({
      code: 'job.id',
    });
  });

  it('is done when every segment is; otherwise another execution goes on', async () => {
    const job = waking(2);
    const { ports, started } = scanWorld(nine, [job]);
    await scanSegment({ job: job.id, run: 0, segment: 0 }, never, ports);
    await finishScan({ job: job.id, run: 0, round: 3 }, ports);
    expect(started.map(([name]) => name)).toEqual(['wake-1-0-4']);
    expect((await ports.jobs.read(job.id))!.state).toBe('running');
    await scanSegment({ job: job.id, run: 0, segment: 1 }, never, ports);
    await finishScan({ job: job.id, run: 0, round: 4 }, ports);
    expect(await ports.jobs.read(job.id)).toMatchObject({ state: 'done', endedAt: now });
    expect(started).toHaveLength(1);
  });

  it('has a bound for its counters', () => {
    const many = Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [`n${index}`, 1]));
    const counts = addCounts(addCounts({}, many), { n1: 1, fresh: 2 });
    expect(Object.keys(counts)).toHaveLength(2_001);
    expect(counts).toMatchObject({ n1: 2, other: 502 });
  });

  it('tells under ids of its own', async () => {
    const jobs = [waking(), { ...waking(), id: 'other' }];
    const { ports, sent } = scanWorld([stored(1)], jobs);
    for (const { id } of jobs) await scanSegment({ job: id, run: 0, segment: 0 }, never, ports);
    expect(sent.map(({ mail }) => mail.key)).toEqual([key(1), key(1)]);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(2);
  });
});
