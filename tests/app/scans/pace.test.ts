import { expect, it } from 'vitest';
import { type SegmentProgress, untouched } from '../../../shared/app/scans/job.ts';
import { roomNow } from '../../../shared/app/scans/pace.ts';
import fc from '../../property.ts';
import { jobOf, now } from './world.ts';

it('without a pace there is always room', () => {
  expect(roomNow(jobOf('broadcast'), untouched, now)).toMatchObject({ left: Number.POSITIVE_INFINITY });
});

it('all segments together tell as many in an hour as the pace says, and no burst is larger than its share', () => {
  const paces = fc.record({ perMinute: fc.integer({ min: 1, max: 5_000 }), segments: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(paces, (pace) => {
      const job = jobOf('broadcast', pace);
      const atOnce = Math.ceil(pace.perMinute / pace.segments);
      let at: SegmentProgress = untouched;
      let told = 0;
      let time = now;
      const end = now + 3_600_000;
      while (time < end) {
        const { left, seconds, paced } = roomNow(job, at, time);
        if (left === 0) {
          expect(seconds).toBeGreaterThan(0);
          time += seconds * 1_000;
          continue;
        }
        expect(left).toBeLessThanOrEqual(atOnce);
        told += left;
        at = { ...at, paced: { from: paced!.from, told: paced!.told + left } };
      }
      const inAnHour = told * pace.segments;
      // Whole seconds are waited, so it may be a little slower; the first burst comes at once.
      expect(inAnHour).toBeLessThanOrEqual(60 * pace.perMinute + atOnce * pace.segments);
      expect(inAnHour).toBeGreaterThanOrEqual(0.97 * 60 * pace.perMinute - atOnce * pace.segments);
    }),
    { numRuns: 40 },
  );
});
