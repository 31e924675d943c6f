import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { ComputedTrait } from '../../../shared/domain/computed-traits/computed-trait.ts';
import { World } from '../../domain/engine/world.ts';
import { jobOf, now, scanWorld, stored } from './world.ts';

it('exports profiles with their computed traits as they are then, and without those that have no value', async () => {
  const shop = { schemaVersion: 1, id: 'shop', preset: 'commerce' } as const;
  const w = new World({ computed: [shop], at: new Date(now - 100 * 86_400_000).toISOString() });
  w.track('ann', 'Order Completed', { total: 30 });
  w.pass('8d');
  w.track('ann', 'Order Completed', { total: 12.5 });
  const job = jobOf('export', { params: { what: 'profiles', epoch: 1 } });
  const snapshot = { computedTraits: [ComputedTrait.parse(shop)] };
  const { ports, written } = scanWorld([stored(1, { profile: w.profile('ann') })], [job], snapshot);
  await scanSegment({ job: job.id, run: 0, segment: 0 }, () => false, ports);

  const lines = [...written.values()].map((body) => JSON.parse(gunzipSync(body).toString()));
  expect(lines).toMatchObject([{ userId: 'ann', computed: { orders: 2, revenue: 42.5, 'lifecycle-stage': 'lost' } }]);
  expect(lines[0].computed['days-since-last-order']).toBe(92);
  expect(Object.keys(lines[0].computed)).not.toContain('rfm');
});
