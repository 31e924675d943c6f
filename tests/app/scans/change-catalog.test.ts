import { expect, it } from 'vitest';
import { changingCatalog } from '../../../shared/app/scans/change-catalog.ts';
import { SEEN_BY_ALL_MS } from '../../../shared/app/scans/start-look.ts';
import type { ScanRequest } from '../../../shared/app/scans/start-scan.ts';
import type { CatalogSnapshot } from '../../../shared/domain/catalog.ts';
import { MINUTE_MS } from '../../../shared/kernel/time.ts';
import { World } from '../../domain/engine/world.ts';
import { jobOf } from './world.ts';

const minute = Date.parse('2026-11-26T10:00:00Z');
const asking = 'did "A" in last 7 days';
const catalog = (
  epoch: number,
  segments: { readonly [id: string]: string | object },
  segmentEpochs: { readonly [id: string]: number } = {},
): CatalogSnapshot => ({ ...new World({ segments }).catalog.snapshot, epoch, segmentEpochs });
const live = (where: string) => ({ where, live: true });

async function changed(snapshots: readonly [CatalogSnapshot, CatalogSnapshot], at = minute): Promise<ScanRequest[]> {
  const started: ScanRequest[] = [];
  const left = [...snapshots];
  const ports = {
    catalog: { readSnapshot: async () => left.shift()! },
    startScan: async (request: ScanRequest) => {
      started.push(request);
      return jobOf(request.kind);
    },
  };
  const change = async () => `from ${snapshots.length - left.length}`;
  expect(await changingCatalog(ports, 'segment s', { by: 'key', at }, change)).toBe('from 1');
  return started;
}

it('what nobody counted is counted from a minute later on, when no container goes by an older catalog', async () => {
  const params = { epoch: 2, of: 'segment s', isNew: true, clauses: [expect.any(String)] };
  expect(await changed([catalog(1, {}), catalog(2, { s: asking })])).toEqual([
    expect.objectContaining({ kind: 'backfill', params, begin: minute + MINUTE_MS, perMinute: 6_000 }),
  ]);
  expect(await changed([catalog(3, { s: asking }), catalog(4, { s: asking })])).toEqual([]);
});

it('customers look at live segments that go by something else now', async () => {
  const gold = live('profile.plan = "gold"');
  const [before, after] = [catalog(1, {}), catalog(2, { gold }, { gold: 2 })];
  const begin = minute + SEEN_BY_ALL_MS;
  expect(await changed([before, after])).toEqual([
    { id: 'look-2026-11-26T10-01', kind: 'look', params: { epoch: 2 }, by: 'key', begin },
  ]);
  const other = catalog(3, { gold, other: 'profile.a = 1' }, { gold: 2, other: 3 });
  expect(await changed([after, other])).toEqual([]);
  expect(await changed([after, after])).toEqual([]);
});

it.each([
  ['a moment after the full minute', 1, '10-02'],
  ['at the end of it', MINUTE_MS, '10-02'],
  ['a moment later', MINUTE_MS + 1, '10-03'],
])('changes share the look of a minute that all have come to: %s', async (_when, later, minuteOf) => {
  const after = catalog(2, { gold: live('profile.plan = "gold"') }, { gold: 2 });
  const [look] = await changed([catalog(1, {}), after], minute + later);
  expect(look!.id).toBe(`look-2026-11-26T${minuteOf}`);
  expect(look!.begin! - (minute + later)).toBeGreaterThanOrEqual(SEEN_BY_ALL_MS);
});
