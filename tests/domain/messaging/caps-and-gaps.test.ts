import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { freeAt } from '../../../shared/domain/messaging/policy/cap-span.ts';
import fc from '../../property.ts';
import { instant, journey, message, World } from '../engine/world.ts';

const ann = { email: 'ann@example.com', phone: '+33612345678' };
const granted = ['email', 'sms', 'push'].map((channel) => ({ channel, topic: 'news', state: 'granted' }));

/** Enters at each event and sends one message. */
const news = (step: object = {}, more: object = {}) =>
  journey({
    reentry: { again: 'after-exit', whileInside: 'restart' },
    steps: {
      a: message('end', { skipped: 's', holdAtMost: 'P40D', ...step }),
      s: { type: 'exit', reason: 'skipped' },
    },
    ...more,
  });

function worldOf(policy: object, step: object = {}, traits: object = {}, at = '2026-11-22T10:00:00Z') {
  const w = new World({ journeys: [news(step)], policy, at });
  w.identify('ann', { ...ann, ...traits });
  const consents = granted.map((one) => ({ ...one, at: w.now, source: 'form' }));
  w.tell('ann', { t: 'consent', id: 'c', at: w.now, consents } as never);
  return w;
}

const at = (w: World) => w.messages.map((one) => new Date(one.decidedAt).toISOString().slice(0, 16));

describe('G10: caps of calendar spans', () => {
  it.each<[string, 'day' | 'week' | 'month', string, string]>([
    ['Sunday to Monday', 'week', 'UTC', '2026-11-23T00:00'],
    ['to the first of the next month', 'month', 'UTC', '2026-12-01T00:00'],
    ['in New York a little later', 'month', 'America/New_York', '2026-12-01T05:00'],
  ])('%s', (_title, per, timezone, next) => {
    const w = worldOf({ caps: [{ max: 1, per }] }, {}, { timezone });
    w.track('ann', 'Signed Up');
    w.track('ann', 'Signed Up');
    w.pass('35d');
    expect(at(w)).toEqual(['2026-11-22T10:00', next]);
  });

  const zones = ['Europe/Berlin', 'America/Havana', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia'];
  it('a place is free where Temporal says that the next day, week or month begins, in any zone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2011, 11, 20), max: Date.UTC(2028, 0, 1) }),
        fc.constantFrom(...zones),
        fc.constantFrom('day', 'week', 'month'),
        (now, zone, per) => {
          const day = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate();
          const next = {
            day: day.add({ days: 1 }),
            week: day.add({ days: 8 - day.dayOfWeek }),
            month: day.with({ day: 1 }).add({ months: 1 }),
          }[per];
          // A day that a zone leaves out (Apia, 30 December 2011) begins where the one after it does.
          const begins = next.toZonedDateTime({ timeZone: zone, plainTime: '00:00' });
          expect(freeAt(per, now, zone)).toBe(begins.epochMilliseconds);
          expect(freeAt(per, now, zone)).toBeGreaterThan(now);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['skip, by the cap', { whenReached: 'skip' }, {}, 'exited/skipped'],
    ['hold, by the step', { whenReached: 'skip' }, { whenBlocked: 'hold' }, 'held'],
    ['skip, by the step', { whenReached: 'hold' }, { whenBlocked: 'skip' }, 'exited/skipped'],
    ['hold, where nobody says', {}, {}, 'held'],
  ])('what is too much: %s', (_title, cap, step, expected) => {
    const w = worldOf({ caps: [{ id: 'weekly', max: 1, per: 'week', ...cap }] }, step);
    w.track('ann', 'Signed Up');
    w.outcome(w.messages[0]!.id, 'sent');
    w.track('ann', 'Signed Up');
    const [run] = w.runs('ann');
    expect(run === undefined ? w.counts.at(-1)!.split(' ')[1] : run.stand).toBe(expected);
    const reason = w.reasons.find(({ code }) => code === 'cap.reached')!;
    expect(reason).toMatchObject({ saw: { cap: 'weekly', max: 1, sent: 1 } });
    expect(reason.fix).toContain('raise the cap weekly in the policy');
  });

  it('one cap that skips and one that holds: skipped', () => {
    const caps = [
      { max: 1, per: 'month' },
      { max: 1, per: 'day', whenReached: 'skip' },
    ];
    const w = worldOf({ caps });
    w.track('ann', 'Signed Up');
    w.outcome(w.messages[0]!.id, 'sent');
    w.track('ann', 'Signed Up');
    expect(w.counts.at(-1)).toBe('welcome exited/skipped');
  });
});

describe('G10: the gap between two messages', () => {
  it.each<[string, object, string[]]>([
    ['on any channel', { between: 'PT2H' }, ['email 10:00', 'sms 12:00', 'email 14:00']],
    ['on one channel only', { between: 'PT2H', channels: ['email'] }, ['email 10:00', 'sms 10:00', 'email 12:00']],
    [
      'on two different channels',
      { between: 'PT2H', onlyDifferent: true },
      ['email 10:00', 'email 10:01', 'sms 12:01'],
    ],
  ])('%s', (_title, gap, expected) => {
    const w = new World({
      journeys: [
        news({}, { id: 'mail' }),
        news({ channels: ['sms'] }, { id: 'text', entry: [{ on: 'event', event: 'Text' }] }),
        news({}, { id: 'again', entry: [{ on: 'event', event: 'Again' }] }),
      ],
      policy: { gap: gap as never },
    });
    w.identify('ann', ann);
    const consents = granted.map((one) => ({ ...one, at: w.now, source: 'form' }));
    w.tell('ann', { t: 'consent', id: 'c', at: w.now, consents } as never);
    w.track('ann', 'Signed Up');
    w.track('ann', 'Text');
    w.pass('1m');
    w.track('ann', 'Again');
    w.pass('1d');
    expect(
      w.messages.map(({ channel, decidedAt }) => `${channel} ${new Date(decidedAt).toISOString().slice(11, 16)}`),
    ).toEqual(expected);
    expect(w.codes()).toContain('gap.too-soon');
  });

  it('transactional messages neither keep it nor count', () => {
    const w = new World({
      journeys: [news(), news({ topic: 'account' }, { id: 'receipt', entry: [{ on: 'event', event: 'Paid' }] })],
      policy: { gap: { between: 'P1D' } },
    });
    w.identify('ann', ann);
    w.track('ann', 'Paid');
    w.track('ann', 'Signed Up');
    w.track('ann', 'Paid');
    expect(w.messages.map(({ topic }) => topic)).toEqual(['account', 'news', 'account']);
  });

  it('without caps and gap a profile remembers no sends', () => {
    const w = worldOf({});
    w.track('ann', 'Signed Up');
    expect(w.profile('ann').sends).toEqual([]);
  });
});

describe('G10: quiet hours by channel and country', () => {
  const sundays = { days: ['sun'], from: '00:00', to: '00:00', channels: ['sms'], countries: ['FR'] };
  it.each<[string, object, object, string, string[]]>([
    ['a French number on a Sunday', {}, { channels: ['sms'] }, 'sms', ['2026-11-23T00']],
    [
      'the number counts, not the address',
      { address: { country: 'GB' } },
      { channels: ['sms'] },
      'sms',
      ['2026-11-23T00'],
    ],
    ['a German number', { phone: '+4915112345678' }, { channels: ['sms'] }, 'sms', ['2026-11-22T10']],
    ['a mail on a Sunday', {}, {}, 'email', ['2026-11-22T10']],
    ['by mail instead, if the step allows it', {}, { channels: ['sms', 'email'] }, 'email', ['2026-11-22T10']],
  ])('%s', (_title, traits, step, channel, expected) => {
    const w = worldOf({ quietHours: [sundays as never] }, step, traits);
    w.track('ann', 'Signed Up');
    w.pass('2d');
    expect(at(w).map((time) => time.slice(0, 13))).toEqual(expected);
    expect(w.messages.map((one) => one.channel)).toEqual([channel]);
  });

  it.each([
    ['of the address', { address: { country: 'fr' } }, 0],
    ['of the trait country', { country: 'FR' }, 0],
    ['of a customer of whom nobody knows it', {}, 1],
  ])('%s', (_title, traits, sent) => {
    const w = worldOf({ quietHours: [{ from: '00:00', to: '00:00', countries: ['FR'] }] }, {}, traits);
    w.track('ann', 'Signed Up');
    expect(w.messages).toHaveLength(sent);
  });

  it.each([
    ['drop', {}, 'exited/skipped'],
    ['drop', { whenBlocked: 'hold' }, 'held'],
    ['hold', {}, 'held'],
    ['hold', { whenBlocked: 'skip' }, 'exited/skipped'],
  ])('whenQuiet: %s, and of the step %j: %s', (whenQuiet, step, expected) => {
    const w = worldOf({ whenQuiet, quietHours: [{ from: '09:00', to: '12:00' }] }, step);
    w.track('ann', 'Signed Up');
    const [run] = w.runs('ann');
    expect(run === undefined ? w.counts.at(-1)!.split(' ')[1] : run.stand).toBe(expected);
  });

  it('a channel that is only held is waited for, rather than dropped for another one', () => {
    const quietHours = [
      { from: '09:00', to: '12:00', channels: ['email'] },
      { from: '09:00', to: '13:00', channels: ['sms'] },
    ];
    const caps = [{ max: 1, per: 'day', channel: 'email', whenReached: 'skip' }];
    const w = worldOf({ quietHours, caps }, { channels: ['email', 'sms'] }, {}, '2026-11-22T08:00:00Z');
    w.track('ann', 'Signed Up');
    w.outcome(w.messages[0]!.id, 'sent');
    w.until('2026-11-22T10:00:00Z');
    w.track('ann', 'Signed Up');
    w.until('2026-11-22T14:00:00Z');
    expect(w.messages.map(({ channel }) => channel)).toEqual(['email', 'sms']);
    expect(w.messages[1]!.decidedAt).toBeGreaterThanOrEqual(instant('2026-11-22T13:00:00Z'));
  });
});
