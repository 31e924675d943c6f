import { describe, expect, it } from 'vitest';
import type { Reentry } from '../../../shared/domain/journeys/journey.ts';
import { journey, message, World } from './world.ts';

const mailOf = (user: string) => ({ email: `${user}@example.com` });

describe('entering', () => {
  it.each([
    ['by its event', {}, 'Signed Up', {}, 'entry.entered'],
    ['not by another event', {}, 'Signed Out', {}, undefined],
    ["when the entry's filter holds", { where: 'event.plan = "pro"' }, 'Signed Up', { plan: 'pro' }, 'entry.entered'],
    [
      "not when the entry's filter does not hold",
      { where: 'event.plan = "pro"' },
      'Signed Up',
      { plan: 'free' },
      'entry.no-match',
    ],
    ['not when a property is missing', { where: 'event.plan != "pro"' }, 'Signed Up', {}, 'entry.no-match'],
  ])('G7: %s', (_title, filter, name, data, code) => {
    const w = new World({
      journeys: [
        journey({
          entry: [{ on: 'event', event: 'Signed Up', ...filter }],
          steps: { a: { type: 'wait', for: 'P1D', next: 'end' } },
        }),
      ],
    });
    w.track('ann', name, data);
    expect(w.codes()[0]).toBe(code);
    expect(w.runs('ann')).toHaveLength(code === 'entry.entered' ? 1 : 0);
  });

  it("G5: the journey's filter sees what the entering event says of the customer", () => {
    const w = new World({
      journeys: [
        journey({
          entry: [{ on: 'event', event: 'Identified' }],
          where: 'profile.plan = "pro" and did "Identified" at least 1 times in last 1 day',
          steps: { a: { type: 'wait', for: 'P1D', next: 'end' } },
        }),
      ],
    });
    w.identify('ann', { plan: 'pro' });
    w.identify('bob', { plan: 'free' });
    expect([w.runs('ann').length, w.runs('bob').length]).toEqual([1, 0]);
    expect(w.codes()).toContain('entry.filtered');
  });

  it.each([
    ['an hour old', undefined, 3_600_000, 'entry.entered'],
    ['older than an hour', undefined, 3_600_001, 'entry.too-old'],
    ['older, but the entry takes a day', 'P1D', 7_200_000, 'entry.entered'],
    ['older than the entry takes', 'PT1M', 61_000, 'entry.too-old'],
  ])('G7: an event that is %s', (_title, maxAge, ageMs, code) => {
    const entry = { on: 'event', event: 'Signed Up', ...(maxAge !== undefined && { maxAge }) } as const;
    const w = new World({
      journeys: [journey({ entry: [entry], steps: { a: { type: 'wait', for: 'P1D', next: 'end' } } })],
    });
    w.track('ann', 'Signed Up', {}, { at: w.now - ageMs });
    expect(w.codes()).toContain(code);
    expect(w.counts).toContain(code === 'entry.entered' ? 'welcome entered' : 'welcome not-entered/entry.too-old');
  });

  it('an event of a year ago still updates the profile', () => {
    const w = new World({
      journeys: [journey({ entry: [{ on: 'event', event: 'Identified' }], steps: { a: message() } })],
    });
    w.identify('ann', { plan: 'pro' }, { at: w.now - 365 * 86_400_000 });
    expect(w.trait('ann', 'plan')).toBe('pro');
    expect(w.messages).toEqual([]);
  });

  it.each([
    ['paused', 'journey.paused'],
    ['draining', 'journey.draining'],
    ['stopped', 'journey.stopped'],
  ] as const)('G9: nobody enters a journey that is %s', (state, code) => {
    const w = new World({
      journeys: [journey({ entry: [{ on: 'event', event: 'Signed Up' }, { on: 'api' }], steps: { a: message() } })],
    });
    w.set('welcome', state);
    w.track('ann', 'Signed Up');
    w.enroll('ann', 'welcome');
    expect(w.codes()).toEqual([code, code]);
    expect(w.runs('ann')).toEqual([]);
  });

  it('a holdout keeps its share out, always the same customers, and records it', () => {
    const w = new World({
      journeys: [
        journey({
          holdout: { percent: 30 },
          reentry: { again: 'after-exit', whileInside: 'ignore' },
          steps: { a: { type: 'exit', reason: 'done' } },
        }),
      ],
    });
    const users = Array.from({ length: 400 }, (_, i) => `user-${i}`);
    const held = () => {
      const before = w.counts.length;
      return users.filter((user) => {
        w.track(user, 'Signed Up');
        return w.counts.slice(before).at(-1) === 'welcome not-entered/entry.holdout';
      });
    };
    const first = held();
    expect(first.length).toBeGreaterThan(80);
    expect(first.length).toBeLessThan(160);
    expect(held()).toEqual(first);
  });

  it('one event lets a customer in once, though two entries name it', () => {
    const entry = [
      { on: 'event', event: 'Signed Up' },
      { on: 'event', event: 'Signed Up' },
    ] as const;
    const w = new World({
      journeys: [
        journey({
          entry: [...entry],
          reentry: { again: 'after-exit', whileInside: 'restart' },
          steps: { a: message() },
        }),
      ],
    });
    w.identify('ann', mailOf('ann'));
    w.track('ann', 'Signed Up');
    expect(w.messages).toHaveLength(1);
  });

  it('a profile that is full lets nobody in, and says so', () => {
    const w = new World({
      journeys: [
        journey({
          steps: {
            a: { type: 'branch', cases: [{ if: 'entry.note exists', next: 'b' }], else: 'end' },
            b: { type: 'wait', for: 'P1D', next: 'end' },
          },
        }),
      ],
    });
    w.identify('ann', Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`t${i}`, 'x'.repeat(7_800)])));
    w.track('ann', 'Signed Up', { note: 'y'.repeat(3_000) });
    expect(w.codes()).toContain('profile.too-large');
    w.track('bob', 'Signed Up', { note: 'y'.repeat(5_000) });
    expect(w.codes()).toContain('entry.too-large');
    expect([w.runs('ann'), w.runs('bob')]).toEqual([[], []]);
  });
});

describe('entering through the API', () => {
  const api = journey({
    entry: [
      {
        on: 'api',
        properties: { order: { type: 'string', required: true }, total: { type: 'number' }, due: { type: 'instant' } },
      },
    ],
    reentry: { again: 'after-exit', whileInside: 'ignore' },
    steps: { a: { type: 'wait', for: 'P1D', next: 'end' } },
  });
  it.each([
    ['complete', { order: 'o1', total: 5, due: '2026-12-24' }, 'entry.entered'],
    ['without what is optional', { order: 'o1' }, 'entry.entered'],
    ['without what is required', { total: 5 }, 'entry.property-missing'],
    ['with null for what is required', { order: null }, 'entry.property-missing'],
    ['of another type', { order: 7 }, 'entry.property-type'],
    ['with a text that is no instant', { order: 'o1', due: 'soon' }, 'entry.property-type'],
  ])('G13: properties %s', (_title, properties, code) => {
    const w = new World({ journeys: [api] });
    w.enroll('ann', 'welcome', { properties });
    expect(w.codes()[0]).toBe(code);
  });

  it.each([
    ['a journey that is not there', 'nothing', 'journey.unknown'],
    ['a journey without an api entry', 'events-only', 'entry.no-api'],
  ])('G7: %s', (_title, id, code) => {
    const w = new World({ journeys: [journey({ id: 'events-only', steps: { a: message() } })] });
    w.enroll('ann', id);
    expect(w.codes()).toEqual([code]);
  });

  it('traits that come along are there for the filter', () => {
    const w = new World({ journeys: [journey({ ...api, where: 'profile.plan = "pro"', steps: api.steps })] });
    w.enroll('ann', 'welcome', { traits: { plan: 'pro' }, properties: { order: 'o1' } });
    expect(w.runs('ann')).toHaveLength(1);
    expect(w.profile('ann').traits['plan']?.source).toBe('api');
  });

  it('leaving through the API', () => {
    const w = new World({ journeys: [api] });
    w.enroll('ann', 'welcome', { properties: { order: 'o1' } });
    w.tell('ann', { t: 'unenroll', id: 'x', at: w.now, journey: 'welcome' });
    expect(w.runs('ann')).toEqual([]);
    expect(w.counts).toContain('welcome exited/unenrolled');
    expect(w.tell('ann', { t: 'unenroll', id: 'y', at: w.now, journey: 'welcome' }).changed).toBe(false);
  });
});

describe('entering again', () => {
  /** At these hours 'Signed Up' comes; the run takes six hours. Answered: what became of each. */
  function play(reentry: Reentry, hours: readonly number[], data: readonly { cart: string }[] = []): string[] {
    const w = new World({ journeys: [journey({ reentry, steps: { a: { type: 'wait', for: 'PT6H', next: 'end' } } })] });
    const begin = w.now;
    return hours.map((hour, index) => {
      w.until(begin + hour * 3_600_000);
      const before = w.reasons.length;
      w.track('ann', 'Signed Up', data[index] ?? {});
      return w
        .codes()
        .slice(before)
        .filter((code) => !code.startsWith('step.'))
        .join(' ');
    });
  }
  const entered = 'entry.entered';

  it.each<[string, Reentry, number[], string[]]>([
    [
      'never',
      { again: 'never', whileInside: 'ignore' },
      [0, 1, 7, 9000],
      [entered, 'reentry.inside', 'reentry.never', 'reentry.never'],
    ],
    [
      'after exit',
      { again: 'after-exit', whileInside: 'ignore' },
      [0, 5, 6, 7],
      [entered, 'reentry.inside', entered, 'reentry.inside'],
    ],
    [
      'a day after the last entry',
      { again: 'P1D', whileInside: 'ignore' },
      [0, 7, 23, 24],
      [entered, 'reentry.too-soon', 'reentry.too-soon', entered],
    ],
    [
      'a Duration never lets in who is inside',
      { again: 'PT1H', whileInside: 'ignore' },
      [0, 2, 7],
      [entered, 'reentry.inside', entered],
    ],
    ['restart', { again: 'after-exit', whileInside: 'restart' }, [0, 1], [entered, `exit.restarted ${entered}`]],
    [
      'restart, though never again after the end',
      { again: 'never', whileInside: 'restart' },
      [0, 1, 10],
      [entered, `exit.restarted ${entered}`, 'reentry.never'],
    ],
    [
      'at most twice',
      { again: 'after-exit', whileInside: 'ignore', max: 2 },
      [0, 7, 14],
      [entered, entered, 'reentry.max'],
    ],
    [
      'at most twice, restarts included',
      { again: 'after-exit', whileInside: 'restart', max: 2 },
      [0, 1, 2],
      [entered, `exit.restarted ${entered}`, 'reentry.max'],
    ],
  ])('G7: %s', (_title, reentry, hours, expected) => {
    expect(play(reentry, hours)).toEqual(expected);
  });

  it('a key allows one run for each of its values', () => {
    const carts = [{ cart: 'a' }, { cart: 'b' }, { cart: 'a' }];
    expect(play({ key: 'event.cart', again: 'never', whileInside: 'ignore' }, [0, 1, 2], carts)).toEqual([
      entered,
      entered,
      'reentry.inside',
    ]);
    expect(play({ key: 'event.cart', again: 'never', whileInside: 'ignore' }, [0])).toEqual(['entry.no-key']);
    expect(
      play({ key: 'event.cart', again: 'never', whileInside: 'ignore' }, [0], [{ cart: 'x'.repeat(201) }]),
    ).toEqual(['entry.key-too-long']);
  });

  it('a key may be given through the API, and counts by itself', () => {
    const keyed = journey({
      entry: [{ on: 'api' }],
      reentry: { key: 'entry.cart', again: 'never', whileInside: 'ignore', max: 1 },
      steps: { a: { type: 'wait', for: 'P1D', next: 'end' } },
    });
    const w = new World({ journeys: [keyed] });
    for (const runKey of ['a', 'b', 'a']) w.enroll('ann', 'welcome', { runKey });
    expect(w.runs('ann').map((run) => run.runKey)).toEqual(['a', 'b']);
    expect(w.codes().at(-1)).toBe('reentry.max');
  });

  it('of a journey with keys a profile remembers the newest 50', () => {
    const keyed = journey({
      reentry: { key: 'event.cart', again: 'never', whileInside: 'ignore' },
      steps: { a: { type: 'exit', reason: 'done' } },
    });
    const w = new World({ journeys: [keyed] });
    for (let i = 0; i < 60; i += 1) {
      w.pass('1m');
      w.track('ann', 'Signed Up', { cart: `c${i}` });
    }
    expect(Object.keys(w.profile('ann').entered)).toHaveLength(50);
    expect(Object.keys(w.profile('ann').entered)).toContain('welcome|c59');
  });
});

describe('versions', () => {
  it('G8: what only the version of a run asks of the past is still counted for that run', () => {
    const check = {
      type: 'branch',
      cases: [{ if: 'did "Ping" at least 2 times in this run', next: 'yes' }],
      else: 'end',
    };
    const steps = { w: { type: 'wait', for: 'P1D', next: 'check' }, check, yes: { type: 'exit', reason: 'yes' } };
    const w = new World({ journeys: [journey({ steps })] });
    w.track('ann', 'Signed Up');
    w.publish(journey({ steps: { a: message() } }));
    for (const user of ['ann', 'ann', 'bob']) w.track(user, 'Ping');
    expect(w.profile('bob').seen).toEqual({});
    w.pass('1d');
    expect(w.counts.at(-1)).toBe('welcome exited/yes');
  });

  it('G8: a run stays on the version it entered; who enters later has the new one', () => {
    const v1 = journey({ steps: { a: { type: 'wait', for: 'P1D', next: 'old' }, old: message() } });
    const v2 = journey({ steps: { a: { type: 'wait', for: 'P1D', next: 'new' }, new: message() } });
    const w = new World({ journeys: [v1] });
    w.identify('ann', mailOf('ann'));
    w.track('ann', 'Signed Up');
    w.publish(v2);
    w.identify('bob', mailOf('bob'));
    w.track('bob', 'Signed Up');
    w.pass('2d');
    expect(w.messages.map((one) => `${one.origin!.step}@${one.origin!.version}`)).toEqual(['old@1', 'new@2']);
  });
});
