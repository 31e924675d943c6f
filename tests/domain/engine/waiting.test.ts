import { describe, expect, it } from 'vitest';
import { journey, message, World } from './world.ts';

const stay = { type: 'wait', for: 'P1D', next: 'end' } as const;
const waiting = (step: object) => journey({ steps: { w: { type: 'wait', next: 'end', ...step } as never } });

describe('a wait', () => {
  it.each<[string, string, object, object, string | undefined]>([
    ['two minutes are exact', '2026-11-22T10:00:31Z', { for: 'PT2M' }, {}, '2026-11-22T10:02:31.000Z'],
    ['fifteen minutes are exact', '2026-11-22T10:00:31Z', { for: 'PT15M' }, {}, '2026-11-22T10:15:31.000Z'],
    [
      'twenty minutes are rounded up to the minute',
      '2026-11-22T10:00:31Z',
      { for: 'PT20M' },
      {},
      '2026-11-22T10:21:00.000Z',
    ],
    ['three hundred days', '2026-11-22T10:00:31Z', { for: 'P300D' }, {}, '2027-09-18T10:01:00.000Z'],
    ['no time at all is no wait', '2026-11-22T10:00:00Z', { for: 'PT0S' }, {}, undefined],
    [
      'PT24H is elapsed time over the night the clocks go back',
      '2026-10-24T10:00:00Z',
      { for: 'PT24H' },
      { timezone: 'Europe/Berlin' },
      '2026-10-25T10:00:00.000Z',
    ],
    [
      'P1D is the same time next day over it',
      '2026-10-24T10:00:00Z',
      { for: 'P1D' },
      { timezone: 'Europe/Berlin' },
      '2026-10-25T11:00:00.000Z',
    ],
    [
      'until nine in the customer’s zone',
      '2026-11-22T10:00:00Z',
      { until: { time: '09:00' } },
      { timezone: 'Asia/Tokyo' },
      '2026-11-23T00:00:00.000Z',
    ],
    [
      'until nine, and it is nine sharp: tomorrow',
      '2026-11-22T09:00:00Z',
      { until: { time: '09:00' } },
      {},
      '2026-11-23T09:00:00.000Z',
    ],
    [
      'until nine on a Monday or Friday',
      '2026-11-24T08:00:00Z',
      { until: { time: '09:00', days: ['mon', 'fri'] } },
      {},
      '2026-11-27T09:00:00.000Z',
    ],
    [
      'until a time that the clocks leave out: later by the gap',
      '2026-03-28T12:00:00Z',
      { until: { time: '02:30' } },
      { timezone: 'Europe/Berlin' },
      '2026-03-29T01:30:00.000Z',
    ],
    [
      'until a window opens',
      '2026-11-22T20:00:00Z',
      { until: { windows: [{ from: '09:00', to: '18:00' }] } },
      {},
      '2026-11-23T09:00:00.000Z',
    ],
    [
      'a window is open: go on',
      '2026-11-22T10:00:00Z',
      { until: { windows: [{ from: '09:00', to: '18:00' }] } },
      {},
      undefined,
    ],
    [
      'a window across midnight is open: go on',
      '2026-11-22T01:00:00Z',
      { until: { windows: [{ from: '22:00', to: '02:00' }] } },
      {},
      undefined,
    ],
    [
      'until an instant',
      '2026-11-22T10:00:00Z',
      { until: { at: '2026-12-24T18:00:00+01:00' } },
      {},
      '2026-12-24T17:00:00.000Z',
    ],
    [
      'until a trait, a week before',
      '2026-11-22T10:00:00Z',
      { until: { at: { ref: 'profile.renewal' }, offset: '-P7D' } },
      { renewal: '2026-12-24T17:00:00Z' },
      '2026-12-17T17:00:00.000Z',
    ],
    [
      'a date alone is the start of the day',
      '2026-11-22T10:00:00Z',
      { until: { at: { ref: 'profile.renewal' } } },
      { renewal: '2026-12-24', timezone: 'Europe/Berlin' },
      '2026-12-23T23:00:00.000Z',
    ],
    [
      'a trait in the past: go on',
      '2026-11-22T10:00:00Z',
      { until: { at: { ref: 'profile.renewal' } } },
      { renewal: '2020-01-01' },
      undefined,
    ],
    [
      'a zone that nobody knows is none',
      '2026-11-22T10:00:00Z',
      { until: { time: '09:00' } },
      { timezone: 'Mars/Olympus' },
      '2026-11-23T09:00:00.000Z',
    ],
  ])('G6: %s', (_title, at, step, traits, due) => {
    const w = new World({ at, journeys: [waiting(step)] });
    w.identify('ann', traits as never);
    w.track('ann', 'Signed Up');
    expect(w.runs('ann').map((run) => new Date(run.due!).toISOString())).toEqual(due === undefined ? [] : [due]);
    if (due === undefined) return;
    w.until(new Date(Date.parse(due) - 1).toISOString());
    expect(w.runs('ann')).toHaveLength(1);
    w.until(due);
    expect(w.counts.at(-1)).toBe('welcome exited/finished');
  });

  it.each([
    ['in the past', { renewal: '2020-01-01' }, 'wait.past'],
    ['missing', {}, 'wait.no-instant'],
    ['no date', { renewal: 'soon' }, 'wait.no-instant'],
  ])('past: exit ends the run when the trait is %s', (_title, traits, code) => {
    const w = new World({ journeys: [waiting({ until: { at: { ref: 'profile.renewal' }, past: 'exit' } })] });
    w.identify('ann', traits);
    w.track('ann', 'Signed Up');
    expect(w.codes()).toContain(code);
    expect(w.counts.at(-1)).toBe('welcome exited/past');
  });

  it('the zone is the customer’s, else the journey’s, else the environment’s', () => {
    const dues = [{ timezone: 'Asia/Tokyo' }, {}].map((traits) => {
      const w = new World({
        journeys: [{ ...waiting({ until: { time: '09:00' } }), zone: 'America/New_York' }],
        policy: { zone: 'Europe/Berlin' },
      });
      w.identify('ann', traits);
      w.track('ann', 'Signed Up');
      return new Date(w.run('ann').due!).toISOString();
    });
    expect(dues).toEqual(['2026-11-23T00:00:00.000Z', '2026-11-22T14:00:00.000Z']);
    const w = new World({ journeys: [waiting({ until: { time: '09:00' } })], policy: { zone: 'Europe/Berlin' } });
    w.track('ann', 'Signed Up');
    expect(new Date(w.run('ann').due!).toISOString()).toBe('2026-11-23T08:00:00.000Z');
  });

  it('G6: a stale wake changes nothing, has no effects, and gives back the same object', () => {
    const w = new World({ journeys: [waiting({ for: 'P1D' })] });
    const { profile } = w.track('ann', 'Signed Up');
    const [key] = [...w.profiles.keys()] as [string];
    for (const due of [0, w.now, w.now + 50_000]) {
      const decision = w.wake(key, due);
      expect(decision.profile).toBe(profile);
      expect(decision.effects).toEqual([]);
    }
  });

  it('one wake takes every run that is due, in the order in which they entered', () => {
    const two = ['one', 'two'].map((id) =>
      journey({
        id,
        entry: [{ on: 'event', event: id }],
        steps: { w: { type: 'wait', for: 'PT10M', next: 'm' }, m: message() },
      }),
    );
    const w = new World({ journeys: two });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'two');
    w.pass('1m');
    w.track('ann', 'one');
    w.now += 3_600_000;
    w.wake([...w.profiles.keys()][0]!);
    expect(w.messages.map((one) => one.origin!.journey)).toEqual(['two', 'one']);
    expect(w.decisions.at(-1)!.decision.effects).toHaveLength(2);
  });

  it('waits that end together need one wake', () => {
    const w = new World({
      journeys: ['one', 'two'].map((id) => journey({ id, steps: { w: { type: 'wait', for: 'P1D', next: 'end' } } })),
    });
    expect(w.track('ann', 'Signed Up').effects).toHaveLength(1);
  });
});

describe('wait-for', () => {
  const waitFor = journey({
    steps: {
      w: {
        type: 'wait-for',
        any: [
          { on: 'event', event: 'Order Completed', where: 'event.total >= 50', next: 'big' },
          { on: 'event', event: 'Order Completed', next: 'small' },
          { on: 'event', event: 'Unsubscribed', next: 'gone' },
        ],
        within: 'P1D',
        timeout: 'late',
      },
      big: { type: 'exit', reason: 'big' },
      small: { type: 'exit', reason: 'small' },
      gone: { type: 'exit', reason: 'gone' },
      late: { type: 'exit', reason: 'late' },
    },
  });
  it.each<[string, string, object, string]>([
    ['1h', 'Order Completed', { total: 50 }, 'big'],
    ['1h', 'Order Completed', { total: 5 }, 'small'],
    ['1h', 'Unsubscribed', {}, 'gone'],
    ['25h', 'Order Completed', { total: 50 }, 'late'],
  ])('after %s: %s %j leaves as %s', (after, name, data, reason) => {
    const w = new World({ journeys: [waitFor] });
    w.track('ann', 'Signed Up');
    w.pass(after);
    w.track('ann', name, data as never);
    expect(w.counts).toContain(`welcome exited/${reason}`);
    expect(w.runs('ann')).toEqual([]);
  });

  it('G4: the first in mailbox order wins, also over a wake that comes late', () => {
    const w = new World({ journeys: [waitFor] });
    w.track('ann', 'Signed Up');
    w.now += 25 * 3_600_000;
    w.track('ann', 'Unsubscribed');
    w.until(w.now);
    expect(w.counts.filter((one) => one.includes('exited'))).toEqual(['welcome exited/gone']);
  });

  it('one event serves one wait: the next one waits for the next event', () => {
    const any = [{ on: 'event', event: 'Ping', next: 'b' }] as const;
    const steps = {
      a: { type: 'wait-for', any: [...any], within: 'P1D', timeout: 'end' },
      b: { type: 'wait-for', any: [{ ...any[0], next: 'c' }], within: 'P1D', timeout: 'end' },
      c: stay,
    } as const;
    const w = new World({ journeys: [journey({ entry: [{ on: 'event', event: 'Ping' }], steps })] });
    for (const step of ['a', 'b', 'c']) {
      w.track('ann', 'Ping');
      expect(w.run('ann').step).toBe(step);
    }
  });
});

describe('G9: pause, drain, stop', () => {
  const steps = { w: { type: 'wait', for: 'PT1H', next: 'm' }, m: message('x'), x: stay } as const;
  const start = () => {
    const w = new World({ journeys: [journey({ steps, exitWhen: [{ on: 'event', event: 'Gone', reason: 'gone' }] })] });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    return w;
  };

  it('a due run of a paused journey stays as it is, and goes on after the resumption', () => {
    const w = start();
    w.set('welcome', 'paused');
    const before = w.profile('ann');
    w.pass('2h');
    expect(w.profile('ann')).toBe(before);
    w.set('welcome', 'live');
    w.sweep();
    expect(w.sent()).toEqual(['m email 2026-11-22T12:00']);
  });

  it('while paused, an event may move a run, but not through a step', () => {
    const waitFor = {
      type: 'wait-for',
      any: [{ on: 'event', event: 'Ping', next: 'm' }],
      within: 'P1D',
      timeout: 'end',
    } as const;
    const w = new World({ journeys: [journey({ steps: { a: waitFor, m: message('x'), x: stay } })] });
    w.identify('ann', { email: 'ann@example.com' });
    w.track('ann', 'Signed Up');
    w.set('welcome', 'paused');
    expect(w.track('ann', 'Ping').effects).toEqual([]);
    expect(w.standing('ann')).toBe('m held 2026-11-22T10:00');
    w.pass('1h');
    w.set('welcome', 'live');
    w.sweep();
    expect(w.sent()).toEqual(['m email 2026-11-22T11:00']);
    expect(w.counts.filter((one) => one === 'welcome step/m/visited')).toHaveLength(1);
  });

  it('an event that comes while a run waits in front of a wait-for is not the one it waits for', () => {
    const waitFor = (next: string) => ({
      type: 'wait-for',
      any: [{ on: 'event', event: 'Ping', next }],
      within: 'P1D',
      timeout: 'end',
    });
    const w = new World({ journeys: [journey({ steps: { a: waitFor('b'), b: waitFor('c'), c: stay } })] });
    w.track('ann', 'Signed Up');
    w.set('welcome', 'paused');
    w.track('ann', 'Ping');
    w.track('ann', 'Ping');
    expect(w.standing('ann')).toMatch(/^b held/);
    w.set('welcome', 'live');
    w.sweep();
    expect(w.standing('ann')).toMatch(/^b wait-for/);
  });

  it('who leaves a paused journey leaves', () => {
    const w = start();
    w.set('welcome', 'paused');
    w.track('ann', 'Gone');
    expect(w.runs('ann')).toEqual([]);
  });

  it('draining: nobody enters, runs go on to their end', () => {
    const w = start();
    w.set('welcome', 'draining');
    w.track('bob', 'Signed Up');
    w.pass('3d');
    expect(w.sent()).toHaveLength(1);
    expect(w.runs('bob')).toEqual([]);
    expect(w.counts.at(-1)).toBe('welcome exited/finished');
  });

  it.each([
    ['stopped', 'wake'],
    ['stopped', 'event'],
    ['archived', 'wake'],
  ] as const)('%s: runs leave at the next touch, by a %s', (state, touch) => {
    const w = start();
    w.set('welcome', state);
    if (touch === 'event') w.track('ann', 'Gone');
    else w.pass('1h');
    expect(w.counts.at(-1)).toBe('welcome exited/stopped');
    expect(w.messages).toEqual([]);
  });
});
