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

  const holidays = [
    { dates: ['2026-12-25', '2026-12-26'] },
    { dates: ['2026-12-24'], countries: ['SE'], channels: ['email'] },
  ];
  it.each<[string, object, string, string | undefined, object?]>([
    ['on a holiday', {}, '2026-12-25T10:00:00+01:00', '2026-12-27T00:00:00+01:00'],
    ['on the last minute before it', {}, '2026-12-24T23:59:00+01:00', undefined],
    ['on one of another country', { country: 'DE' }, '2026-12-24T10:00:00+01:00', undefined],
    ['on one of their country', { country: 'SE' }, '2026-12-24T10:00:00+01:00', '2026-12-27T00:00:00+01:00'],
    ['of no known country', {}, '2026-12-24T10:00:00+01:00', undefined],
    [
      'by a day of their own zone',
      { timezone: 'Asia/Tokyo' },
      '2026-12-24T16:00:00+01:00',
      '2026-12-27T00:00:00+09:00',
    ],
    ['in a journey that is quiet never', {}, '2026-12-25T10:00:00+01:00', undefined, { quietHours: 'none' }],
  ])('a holiday of the environment: %s', (_title, traits, at, until, sending) => {
    const policy = { zone: 'Europe/Berlin', closedDates: holidays } as const;
    const document = journey({
      ...(sending !== undefined && { sending }),
      steps: { a: message('w', { holdAtMost: 'P7D' }), w: { type: 'wait', for: 'P9D', next: 'end' } },
    });
    const w = new World({ journeys: [document], at, policy: policy as never });
    w.identify('ann', { email: 'ann@example.com', ...traits });
    w.track('ann', 'Signed Up');
    const { stand, due } = w.run('ann');
    if (until === undefined) {
      expect(stand).toBe('wait');
      return;
    }
    expect(w.reasons.find(({ code }) => code === 'closed-date')?.fix).toContain('closedDates');
    expect(due! - instant(until)).toBeGreaterThanOrEqual(0);
    expect(due! - instant(until)).toBeLessThanOrEqual(RELEASE_SPREAD_MS);
  });

  it('a holiday drops where quiet hours do, and a transactional message knows none', () => {
    const policy = { closedDates: holidays, whenQuiet: 'drop' } as const;
    const at = '2026-12-25T10:00:00Z';
    const w = new World({
      journeys: [journey({ steps: { a: message('b'), b: message('end', { topic: 'account' }) } })],
      at,
      policy: policy as never,
    });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    expect(w.messages.map(({ topic }) => topic)).toEqual(['account']);
  });

  const zoneOf = (timezone: string) => ({ email: 'ann@example.com', timezone });
  const sending = (part: object, at: string, more: { readonly zone?: string; readonly step?: object } = {}) => {
    const document = journey({
      sending: part,
      steps: {
        a: message('w', { skipped: 'no', ...more.step }),
        w: { type: 'wait', for: 'P9D', next: 'end' },
        no: { type: 'exit', reason: 'skipped' },
      },
    });
    const w = new World({ journeys: [document], at });
    w.identify('ann', zoneOf(more.zone ?? 'Europe/Berlin'));
    w.track('ann', 'Signed Up');
    return w;
  };
  /** Held until then, give or take the spread. */
  const heldUntil = (w: World) => {
    const { stand, due } = w.run('ann');
    return stand === 'held' ? due : undefined;
  };
  const office = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '18:00' }];

  it.each<[string, object, string, string, string | undefined, string?]>([
    ['inside its window', { windows: office }, '2026-11-23T10:00:00+01:00', 'Europe/Berlin', undefined],
    [
      'the same instant, later in the day elsewhere',
      { windows: office },
      '2026-11-23T10:00:00+01:00',
      'Asia/Tokyo',
      '2026-11-24T09:00:00+09:00',
      'sending.windows',
    ],
    [
      'on Friday evening',
      { windows: office, catchUp: 'P4D' },
      '2026-11-20T18:00:00+01:00',
      'Europe/Berlin',
      '2026-11-23T09:00:00+01:00',
      'sending.windows',
    ],
    [
      'a window across midnight',
      { windows: [{ from: '22:00', to: '02:00' }] },
      '2026-11-22T01:59:00+01:00',
      'Europe/Berlin',
      undefined,
    ],
    [
      'just after a window across midnight',
      { windows: [{ from: '22:00', to: '02:00' }] },
      '2026-11-22T02:00:00+01:00',
      'Europe/Berlin',
      '2026-11-22T22:00:00+01:00',
      'sending.windows',
    ],
    [
      'a window that opens in the hour that is left out',
      { windows: [{ from: '02:30', to: '04:00' }] },
      '2026-03-29T00:00:00+01:00',
      'Europe/Berlin',
      '2026-03-29T03:30:00+02:00',
      'sending.windows',
    ],
    [
      'over the night the clocks go back',
      { windows: office, catchUp: 'P3D' },
      '2026-10-24T12:00:00+02:00',
      'Europe/Berlin',
      '2026-10-26T09:00:00+01:00',
      'sending.windows',
    ],
    [
      'closed at Christmas',
      { closedDates: ['2026-12-25', '2026-12-26'], catchUp: 'P3D' },
      '2026-12-25T10:00:00+01:00',
      'Europe/Berlin',
      '2026-12-27T00:00:00+01:00',
      'sending.closed-date',
    ],
    ['Christmas is over there', { closedDates: ['2026-12-25'] }, '2026-12-25T23:30:00Z', 'Asia/Tokyo', undefined],
    [
      'its own quiet hours',
      { quietHours: night },
      '2026-11-22T23:00:00+01:00',
      'Europe/Berlin',
      '2026-11-23T08:00:00+01:00',
      'quiet-hours',
    ],
  ])('of a journey: %s', (_title, part, at, zone, until, code) => {
    const w = sending(part, at, { zone });
    if (until === undefined) {
      expect(w.messages).toHaveLength(1);
      return;
    }
    expect(w.messages).toEqual([]);
    expect(w.reasons.find((one) => one.code === code)?.fix).toMatch(/^goes later by itself; /);
    const due = heldUntil(w)!;
    expect(due - instant(until)).toBeGreaterThanOrEqual(0);
    expect(due - instant(until)).toBeLessThanOrEqual(RELEASE_SPREAD_MS);
    w.until(due);
    expect(w.messages).toHaveLength(1);
  });

  it('a journey may spare its customers more than the environment, never less', () => {
    const short = journey({ sending: { quietHours: [{ from: '03:00', to: '03:01' }] }, steps: { a: message() } });
    const w = new World({ journeys: [short], ...quiet });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    expect(w.messages).toEqual([]);
    expect(w.codes()).toContain('quiet-hours');
  });

  it('windows hold for a transactional topic too, quiet hours do not', () => {
    const at = '2026-11-22T23:00:00+01:00';
    const step = { topic: 'account' };
    expect(sending({ windows: office, catchUp: 'P2D' }, at, { step }).messages).toEqual([]);
    expect(sending({ quietHours: night }, at, { step }).messages).toHaveLength(1);
  });

  it.each<[string, object, object, string | undefined]>([
    ['a weekend is within P3D', { windows: office, catchUp: 'P3D' }, {}, undefined],
    ['a weekend is more than PT12H', { windows: office, catchUp: 'PT12H' }, {}, 'message.too-late'],
    ['without catchUp a message is held for a day', { windows: office }, {}, 'message.held-too-long'],
    ['the step asks for less', { windows: office, catchUp: 'P3D' }, { holdAtMost: 'PT2H' }, 'message.held-too-long'],
    ['the step asks for more', { windows: office, catchUp: 'PT12H' }, { holdAtMost: 'P5D' }, 'message.too-late'],
  ])('G7: catchUp: %s', (_title, part, step, code) => {
    const w = sending(part, '2026-11-20T19:00:00+01:00', { step });
    expect(w.runs('ann')).toHaveLength(code === undefined ? 1 : 0);
    if (code === undefined) return;
    expect(w.reasons.find((one) => one.code === code)).toMatchObject({
      saw: { for: 'sending.windows' },
      fix: expect.any(String),
    });
    expect(w.counts.at(-1)).toBe('welcome exited/skipped');
  });

  it('catchUp counts on for a message that hand-over gives back', () => {
    const w = sending({ windows: office, catchUp: 'PT1H' }, '2026-11-23T17:50:00+01:00');
    expect(w.messages).toHaveLength(1);
    w.pass('15m');
    w.outcome(w.messages[0]!.id, 'not-sent', { reason: 'held.sending.windows' });
    w.pass('5m');
    expect(w.messages).toHaveLength(1);
    expect(w.codes()).toContain('message.too-late');
  });

  it('G10: with any hours of its own, a journey sends only while they are open, or says why not', () => {
    const own = fc.record({
      quietHours: windows(1),
      windows: windows(1),
      catchUp: fc.constantFrom('PT6H', 'P2D', 'P9D'),
    });
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe');
    fc.assert(
      fc.property(own, anyTime, zones, (part, at, zone) => {
        const w = sending(part, new Date(at).toISOString(), { zone });
        w.pass('10d');
        const open = (now: number) =>
          isOpen(now, { quiet: part.quietHours, windows: part.windows, closedDates: [], zone });
        for (const one of w.messages) expect(open(one.decidedAt)).toBe(true);
        const why = ['message.decided', 'message.too-late', 'message.blocked'];
        expect(w.codes().filter((code) => why.includes(code))).toHaveLength(1);
      }),
      { numRuns: 150 },
    );
  });
});
