import { describe, expect, it } from 'vitest';
import {
  isOpen,
  RELEASE_SPREAD_MS,
  releaseAt,
  type SendingHours,
  soonestOpen,
} from '../../../shared/domain/messaging/policy/check-hours.ts';
import { MINUTE_MS } from '../../../shared/kernel/time.ts';
import fc from '../../property.ts';
import { instant, journey, message, World } from '../engine/world.ts';

const hours = (part: Partial<SendingHours>): SendingHours => ({
  quiet: [],
  windows: [],
  closedDates: [],
  zone: 'Europe/Berlin',
  ...part,
});
const night = [{ from: '22:00', to: '08:00' }];

describe('G10: quiet hours', () => {
  it.each<[string, Partial<SendingHours>, string, string]>([
    ['during the day', { quiet: night }, '2026-11-22T12:00:00+01:00', '2026-11-22T12:00:00+01:00'],
    ['in the evening', { quiet: night }, '2026-11-22T23:00:00+01:00', '2026-11-23T08:00:00+01:00'],
    ['after midnight', { quiet: night }, '2026-11-22T03:00:00+01:00', '2026-11-22T08:00:00+01:00'],
    ['at the very start', { quiet: night }, '2026-11-22T22:00:00+01:00', '2026-11-23T08:00:00+01:00'],
    ['at the very end', { quiet: night }, '2026-11-22T08:00:00+01:00', '2026-11-22T08:00:00+01:00'],
    [
      'across one midnight, and not the next day',
      { quiet: [{ from: '23:00', to: '01:00' }] },
      '2026-11-22T23:30:00+01:00',
      '2026-11-23T01:00:00+01:00',
    ],
    ['in the night the clocks go back', { quiet: night }, '2026-10-25T00:30:00+02:00', '2026-10-25T08:00:00+01:00'],
    ['in the night they go forward', { quiet: night }, '2026-03-29T01:30:00+01:00', '2026-03-29T08:00:00+02:00'],
    [
      'ending in the hour that is left out',
      { quiet: [{ from: '22:00', to: '02:30' }] },
      '2026-03-29T01:00:00+01:00',
      '2026-03-29T03:30:00+02:00',
    ],
    [
      'and a weekend',
      { quiet: [...night, { days: ['sat', 'sun'], from: '00:00', to: '00:00' }] },
      '2026-11-20T23:00:00+01:00',
      '2026-11-23T08:00:00+01:00',
    ],
    [
      'outside sending windows',
      { windows: [{ from: '10:00', to: '12:00' }] },
      '2026-11-22T13:00:00+01:00',
      '2026-11-23T10:00:00+01:00',
    ],
    [
      'windows that begin in quiet hours',
      { quiet: night, windows: [{ from: '07:00', to: '09:00' }] },
      '2026-11-22T03:00:00+01:00',
      '2026-11-22T08:00:00+01:00',
    ],
    [
      'closed tomorrow',
      { quiet: night, closedDates: ['2026-11-23'] },
      '2026-11-22T23:00:00+01:00',
      '2026-11-24T08:00:00+01:00',
    ],
  ])('%s', (_title, part, now, expected) => {
    expect(new Date(soonestOpen(instant(now), hours(part))!).toISOString()).toBe(
      new Date(instant(expected)).toISOString(),
    );
  });

  it.each([
    ['quiet for ever', { quiet: [{ from: '00:00', to: '00:00' }] }],
    ['windows inside quiet hours', { quiet: night, windows: [{ from: '23:00', to: '23:30' }] }],
  ] as const)('%s: never', (_title, part) => {
    expect(soonestOpen(instant('2026-11-22T12:00:00Z'), hours(part as never))).toBeUndefined();
  });

  const time = fc
    .nat(23 * 60 + 59)
    .map((n) => `${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}`);
  const windows = (min: number) => fc.array(fc.record({ from: time, to: time }), { minLength: min, maxLength: 2 });
  const anyHours = fc.record({
    quiet: windows(0),
    windows: fc.oneof(fc.constant([]), windows(1)),
    closedDates: fc.constantFrom([], ['2026-03-29'], ['2026-10-25', '2026-10-26']),
    zone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'),
  });
  /** Nights in which clocks change, and others. */
  const anyTime = fc
    .tuple(
      fc.constantFrom('2026-03-28T12:00:00Z', '2026-10-24T12:00:00Z', '2026-04-04T12:00:00Z', '2026-11-22T12:00:00Z'),
      fc.nat(3 * 1440 * 60),
    )
    .map(([day, seconds]) => instant(day) + seconds * 1_000);

  it('a release is open, and the soonest but for the spread', () => {
    fc.assert(
      fc.property(anyHours, anyTime, fc.string(), (h, now, seed) => {
        const soonest = soonestOpen(now, h);
        const release = releaseAt(now, h, seed);
        if (soonest === undefined || release === undefined) {
          expect(release).toBe(soonest);
          return;
        }
        expect(isOpen(soonest, h)).toBe(true);
        expect(release).toBeGreaterThanOrEqual(soonest);
        expect(release - soonest).toBeLessThanOrEqual(RELEASE_SPREAD_MS);
        // Rounding up to a whole minute may pass the end of a gap that is shorter than one.
        if (soonest % MINUTE_MS === 0) expect(isOpen(release, h)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('nothing before the soonest is open', () => {
    fc.assert(
      fc.property(anyHours, anyTime, fc.double({ min: 0, max: 1, noNaN: true }), (h, now, share) => {
        const soonest = soonestOpen(now, h);
        if (soonest === undefined || soonest <= now) return;
        expect(isOpen(Math.floor(now + (soonest - 1 - now) * share), h)).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  const quiet = { policy: { quietHours: night, zone: 'Europe/Berlin' }, at: '2026-11-22T22:30:00Z' } as const;
  const held = journey({ steps: { a: message('w'), w: { type: 'wait', for: 'P1D', next: 'end' } } });

  it('the run stands at its message until the morning, and the wait counts from then', () => {
    const w = new World({ journeys: [held], ...quiet });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    expect(w.run('ann')).toMatchObject({ step: 'a', stand: 'held' });
    w.pass('12h');
    const [sent] = w.messages;
    expect(sent!.decidedAt).toBeGreaterThanOrEqual(instant('2026-11-23T08:00:00+01:00'));
    expect(sent!.decidedAt).toBeLessThanOrEqual(instant('2026-11-23T08:15:00+01:00'));
    expect(w.run('ann').due! - sent!.decidedAt).toBe(86_400_000);
  });

  it('a hundred customers do not come in the same minute', () => {
    const w = new World({ journeys: [held], ...quiet });
    for (let i = 0; i < 100; i += 1) {
      w.identify(`u${i}`, { email: `u${i}@example.com` });
      w.track(`u${i}`, 'Signed Up');
    }
    w.pass('12h');
    expect(w.messages).toHaveLength(100);
    expect(new Set(w.messages.map((one) => one.decidedAt)).size).toBeGreaterThan(10);
  });

  it('who moves to another zone while held is held by the new one', () => {
    const w = new World({ journeys: [held], ...quiet });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    w.pass('1h');
    w.identify('ann', { timezone: 'America/New_York' });
    w.pass('9h');
    expect(w.messages).toEqual([]);
    w.until('2026-11-23T08:30:00-05:00');
    expect(w.messages).toHaveLength(1);
  });

  it.each([
    ['transactional', { topic: 'account' }, {}],
    ['journeys that say none', {}, { sending: { quietHours: 'none' } }],
  ])('%s: not held', (_title, step, more) => {
    const w = new World({ journeys: [journey({ steps: { a: message('end', step) }, ...more } as never)], ...quiet });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    expect(w.messages).toHaveLength(1);
  });
});
