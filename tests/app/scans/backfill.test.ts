import { describe, expect, it } from 'vitest';
import { progressOf } from '../../../shared/app/scans/job.ts';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { clausesAsked, newClauses, startBackfill } from '../../../shared/app/scans/start-backfill.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
import type { CatalogSnapshot } from '../../../shared/domain/catalog.ts';
import { compileCatalog } from '../../../shared/domain/compiled-catalog.ts';
import type { Journey } from '../../../shared/domain/journeys/journey.ts';
import { testKey } from '../../../shared/kernel/ids.ts';
import { journey, World } from '../../domain/engine/world.ts';
import { having, jobOf, key, now, scanWorld, stored } from './world.ts';

describe('newClauses', () => {
  const catalog = (epoch: number, segments: Readonly<Record<string, string>>, journeys: readonly Journey[] = []) => ({
    ...new World({ segments, journeys }).catalog.snapshot,
    epoch,
  });
  const asking = (where: string) => journey({ where, steps: { x: { type: 'exit', reason: 'done' } } });
  const a = 'did "A" in last 7 days';

  it.each<[what: string, before: CatalogSnapshot, after: CatalogSnapshot, found: number]>([
    ['a first question', catalog(1, {}), catalog(2, { s: a }), 1],
    ['one that somebody asks already', catalog(1, { s: a }), catalog(2, { s: a, t: `not (${a})` }), 0],
    ['one that looks further back', catalog(1, { s: a }), catalog(2, { s: 'did "A" in last 8 days' }), 1],
    ['one that looks less far', catalog(1, { s: a }), catalog(2, { s: 'did "A" in last 6 days' }), 0],
    ['one of which only the total was kept', catalog(1, { s: 'did "A" ever' }), catalog(2, { s: a }), 1],
    ['no question about the past', catalog(1, {}), catalog(2, { s: 'profile.a = 1' }), 0],
    ['a message', catalog(1, {}), catalog(2, { s: 'opened email ever and clicked email ever' }), 2],
    ['the steps of a sequence', catalog(1, {}), catalog(2, { s: 'sequence "A" then "B", all in last 1 day' }), 2],
    ['a journey', catalog(1, {}), catalog(2, {}, [asking(a)]), 1],
    ['a journey that asks what a segment does', catalog(1, { s: a }), catalog(2, { s: a }, [asking(a)]), 0],
    ['what is gone', catalog(1, { s: a }), catalog(2, {}), 0],
    ['a catalog that is the same', catalog(1, { s: a }), catalog(1, { s: a }), 0],
  ])('of %s', (_what, before, after, found) =>
    expect(newClauses(compileCatalog(before), compileCatalog(after))).toHaveLength(found),
  );

  it('of a document that asks nothing about the past cannot be asked for', async () => {
    const ports = { catalog: { readSnapshot: async () => catalog(1, {}) }, startScan: async () => jobOf('backfill') };
    const clauses = () => clausesAsked(parsePredicate('profile.a = 1'));
    const start = startBackfill(ports, { of: 'segment s', clauses }, 'c1', { by: 'key', at: now });
    await expect(start).rejects.toMatchObject({ code: 'backfill.nothing-to-count' });
  });
});

describe('a backfill', () => {
  const run = async (params: object, more: object = {}) => {
    const job = jobOf('backfill', { params: { epoch: 3, clauses: ['c1'], ...params }, ...more });
    const people = [having(1, { createdAt: now - 1 }), having(2, { createdAt: now }), having(3, { movedTo: key(1) })];
    const world = scanWorld([...people, stored(4, { key: testKey('j', 'r') })], [job]);
    const answer = await scanSegment({ job: job.id, run: 0, segment: 0 }, () => false, world.ports);
    return { ...world, answer, progress: await progressOf(world.ports.jobs, job.id) };
  };

  it('tells everybody but signposts and tests to fill, by a catalog that has the clauses', async () => {
    const { sent, progress } = await run({});
    expect(sent.map(({ mail }) => mail.key).sort()).toEqual([key(1), key(2)].sort());
    expect(sent[0]!.mail.records).toEqual([{ t: 'fill', id: sent[0]!.id, epoch: 3, clauses: ['c1'] }]);
    expect(progress).toMatchObject({ told: 2, younger: 0 });
  });

  it('of what is new passes over who is younger than it', async () => {
    const { sent, progress } = await run({ isNew: true });
    expect(sent.map(({ mail }) => [mail.key, mail.records[0]])).toEqual([
      [key(1), expect.objectContaining({ isNew: true })],
    ]);
    expect(progress).toMatchObject({ told: 1, younger: 1 });
  });

  it('keeps its pace', async () => {
    const { sent, answer } = await run({}, { perMinute: 1 });
    expect([sent.length, answer.next]).toEqual([1, 'wait']);
  });
});
