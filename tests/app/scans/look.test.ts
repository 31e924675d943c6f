import { expect, it } from 'vitest';
import { scanSegment } from '../../../shared/app/scans/scan-segment.ts';
import { Segment } from '../../../shared/domain/audiences/segment.ts';
import type { Profile } from '../../../shared/domain/profiles/profile.ts';
import { HOUR_MS } from '../../../shared/kernel/time.ts';
import { having, jobOf, key, now, scanWorld } from './world.ts';

const segments = [
  { id: 'gold', where: 'profile.plan = "gold"' },
  { id: 'coming', where: 'profile.renewal in next 1 day' },
].map((one) => Segment.parse({ schemaVersion: 1, name: one.id, live: true, ...one }));

const known = (traits: { readonly [name: string]: string }, more: Partial<Profile> = {}): Partial<Profile> => ({
  createdAt: 1,
  traits: Object.fromEntries(
    Object.entries(traits).map(([name, value]) => [name, { value, at: 1, source: 'identify' as const }]),
  ),
  ...more,
});
const member = (saw: number) => ({ memberships: { saw, in: { gold: { since: 5 } } } });

it.each<[why: string, profile: Partial<Profile>, told: boolean]>([
  ['whom the definition finds', known({ plan: 'gold' }), true],
  ['whom it loses', known({ plan: 'free' }, member(1)), true],
  ['whom time will move', known({ renewal: new Date(now + 48 * HOUR_MS).toISOString() }), true],
  ['whom it does not concern', known({ plan: 'free' }), false],
  ['a member who stays one, whatever was seen', known({ plan: 'gold' }, member(1)), false],
  ['what was merged', known({ plan: 'gold' }, { movedTo: key(9) }), false],
  ['nobody', {}, false],
])('%s: told %j', async (_why, profile, told) => {
  // Of an earlier change of the same minute: what counts is the newest catalog.
  const job = jobOf('look', { params: { epoch: 2 } });
  const world = scanWorld([having(1, profile)], [job], { epoch: 3, segments, segmentEpochs: { gold: 3, coming: 3 } });
  await scanSegment({ job: job.id, run: 0, segment: 0 }, () => false, world.ports);
  const records = world.sent.map(({ mail }) => mail.records[0]);
  expect(records).toEqual(told ? [expect.objectContaining({ t: 'wake', due: now, epoch: 3 })] : []);
});
