import { describe, expect, it } from 'vitest';
import fc from '../../property.ts';
import { instant, journey, message, World } from '../engine/world.ts';

const ann = { email: 'ann@example.com' };
type Limit = { readonly max: number; readonly per: string };

/** Enters at each event, sends one message, stays for a while. */
const limited = (messagesPerProfile: readonly Limit[], step: object = {}, more: object = {}) =>
  journey({
    limits: { messagesPerProfile },
    reentry: { again: 'after-exit', whileInside: 'restart' },
    steps: { a: message('end', { skipped: 's', ...step }), s: { type: 'exit', reason: 'skipped' } },
    ...more,
  });

const at = (w: World) => w.messages.map((one) => new Date(one.decidedAt).toISOString().slice(0, 16));

describe('G10: limits of one journey', () => {
  it.each<[string, Limit[], object, string[]]>([
    [
      'one in a calendar day of New York',
      [{ max: 1, per: 'day' }],
      { timezone: 'America/New_York' },
      ['11-22T10:00', '11-23T05:00'],
    ],
    ['one in a sliding day', [{ max: 1, per: 'PT24H' }], {}, ['11-22T10:00', '11-23T10:00']],
    ['two in a sliding day', [{ max: 2, per: 'PT24H' }], {}, ['11-22T10:00', '11-22T11:00']],
    [
      'of two limits the one that frees its place last',
      [
        { max: 1, per: 'PT2H' },
        { max: 1, per: 'PT24H' },
      ],
      {},
      ['11-22T10:00', '11-23T10:00'],
    ],
  ])('%s: what is too much is held', (_title, limits, traits, expected) => {
    const w = new World({ journeys: [limited(limits, { holdAtMost: 'P2D' })] });
    w.identify('ann', { ...ann, ...traits });
    w.track('ann', 'Signed Up');
    w.pass('1h');
    w.track('ann', 'Signed Up');
    w.pass('2d');
    expect(at(w)).toEqual(expected.map((time) => `2026-${time}`));
  });

  it('G7: held too long it is skipped, and says which limit and how many', () => {
    const w = new World({ journeys: [limited([{ max: 1, per: 'P7D' }])] });
    w.identify('ann', ann);
    w.track('ann', 'Signed Up');
    w.track('ann', 'Signed Up');
    expect(w.reasons.find(({ code }) => code === 'cap.journey')).toMatchObject({
      saw: { max: 1, per: 'P7D', sent: 1 },
      fix: expect.any(String),
    });
    expect(w.counts).toContain('welcome message/a/no/cap.journey');
    expect(w.counts.at(-1)).toBe('welcome exited/skipped');
  });

  it('in a run: the third is skipped, the next run begins anew', () => {
    const steps = {
      a: message('b'),
      b: message('c'),
      c: message('end'),
    };
    const w = new World({ journeys: [limited([{ max: 2, per: 'run' }], {}, { steps })] });
    w.identify('ann', ann);
    w.track('ann', 'Signed Up');
    w.track('ann', 'Signed Up');
    expect(w.messages.map(({ origin }) => origin!.step)).toEqual(['a', 'b', 'a', 'b']);
    expect(w.reasons.find(({ code }) => code === 'cap.journey')?.fix).toBe('raise limits.messagesPerProfile');
  });

  it.each(['not-sent', 'failed'] as const)('a message that was %s gives its place back', (outcome) => {
    const w = new World({ journeys: [limited([{ max: 1, per: 'P7D' }])] });
    w.identify('ann', ann);
    w.track('ann', 'Signed Up');
    w.outcome(w.messages[0]!.id, outcome);
    w.track('ann', 'Signed Up');
    expect(w.messages).toHaveLength(2);
  });

  it('counts neither other journeys nor transactional messages', () => {
    const other = limited([{ max: 9, per: 'day' }], {}, { id: 'other', entry: [{ on: 'event', event: 'Bought' }] });
    const w = new World({ journeys: [limited([{ max: 1, per: 'day' }]), other] });
    w.identify('ann', ann);
    w.track('ann', 'Bought');
    w.track('ann', 'Signed Up');
    expect(w.messages).toHaveLength(2);

    const account = new World({ journeys: [limited([{ max: 1, per: 'day' }], { topic: 'account' })] });
    account.identify('ann', ann);
    account.track('ann', 'Signed Up');
    account.track('ann', 'Signed Up');
    expect(account.messages).toHaveLength(2);
    expect(account.profile('ann').sends).toEqual([]);
  });

  it('counts what was sent to the device before it was known whose it is', () => {
    const w = new World({ journeys: [limited([{ max: 1, per: 'P7D' }])] });
    w.event({ kind: 'identify', name: 'Identified', anonymousId: 'phone', data: ann });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'phone' });
    w.identify('ann', ann, { anonymousId: 'phone' });
    w.track('ann', 'Signed Up');
    expect(w.messages).toHaveLength(1);
  });

  it('forgets what no limit can ask for any more, and keeps what a run is still counted by', () => {
    const steps = { a: message('w'), w: { type: 'wait', for: 'P30D', next: 'b' }, b: message('end') };
    const w = new World({ journeys: [limited([{ max: 1, per: 'run' }], {}, { steps })] });
    w.identify('ann', ann);
    w.track('ann', 'Signed Up');
    w.pass('31d');
    expect(w.messages).toHaveLength(1);

    const days = new World({ journeys: [limited([{ max: 1, per: 'day' }])] });
    days.identify('ann', ann);
    for (let day = 0; day < 5; day += 1) {
      days.track('ann', 'Signed Up');
      days.pass('1d');
    }
    expect(days.messages).toHaveLength(5);
    expect(days.profile('ann').sends.length).toBeLessThanOrEqual(2);
  });

  it('holds, whatever comes when', () => {
    const acts = fc.array(fc.constantFrom(0, 60_000, 3_600_000, 40_000_000), { minLength: 1, maxLength: 15 });
    fc.assert(
      fc.property(acts, fc.integer({ min: 1, max: 3 }), (pauses, max) => {
        const w = new World({ journeys: [limited([{ max, per: 'PT6H' }], { holdAtMost: 'P9D' })] });
        w.identify('ann', ann);
        for (const ms of pauses) {
          w.track('ann', 'Signed Up');
          w.pass(ms);
        }
        w.until(instant('2027-01-01T00:00:00Z'));
        const times = w.messages.map((one) => one.decidedAt);
        for (const last of times) {
          expect(times.filter((one) => one > last - 21_600_000 && one <= last).length).toBeLessThanOrEqual(max);
        }
      }),
      { numRuns: 100 },
    );
  });
});
