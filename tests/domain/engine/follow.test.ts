import { describe, expect, it } from 'vitest';
import { journey, World } from './world.ts';

const stay = { type: 'wait', for: 'P1D', next: 'end' } as const;
const done = { type: 'update', set: {}, next: 'end' } as const;
const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } } as const;
const on = (event: string) => ({ on: 'event', event }) as const;
const leaving = (id: string, reason?: string) => ({
  on: 'journey',
  journey: id,
  ...(reason !== undefined && { reason }),
});
const follower = (entry: object, more: object = {}) =>
  journey({ id: 'then', entry: [entry], steps: { a: stay }, ...more });
const entries = (w: World) => w.counts.filter((one) => one.endsWith(' entered')).map((one) => one.slice(0, -8));

describe('entry on leaving a journey', () => {
  const first = journey({
    ...again,
    exitWhen: [{ ...on('Bought'), reason: 'bought' }],
    goal: { event: 'Won', within: 'P9D', exit: true },
    steps: {
      w: { type: 'wait-for', any: [{ ...on('Go'), next: 'out' }], within: 'P1D', timeout: 'end' },
      out: { type: 'exit', reason: 'tired' },
    },
  });
  const leave: { readonly [reason: string]: (w: World) => void } = {
    finished: (w) => w.pass('1d'),
    tired: (w) => w.track('ann', 'Go'),
    bought: (w) => w.track('ann', 'Bought'),
    goal: (w) => w.track('ann', 'Won'),
    unenrolled: (w) => w.tell('ann', { t: 'unenroll', id: 'u', at: w.now, journey: 'welcome' }),
    stopped: (w) => {
      w.set('welcome', 'stopped');
      w.track('ann', 'Go');
    },
  };
  it.each<[reason: string, wanted: string | undefined, enters: boolean]>([
    ...['finished', 'tired', 'bought', 'goal', 'unenrolled'].flatMap(
      (reason): [string, string | undefined, boolean][] => [
        [reason, undefined, true],
        [reason, reason, true],
        [reason, 'another', false],
      ],
    ),
    ['stopped', undefined, false],
    ['stopped', 'stopped', true],
  ])('who leaves with the reason %s, where %s is wanted: %s', (reason, wanted, enters) => {
    const w = new World({ journeys: [first, follower(leaving('welcome', wanted))] });
    w.track('ann', 'Signed Up');
    leave[reason]!(w);
    expect(w.codes()).toContain(`exit.${reason}`);
    expect(w.runs('ann').map((run) => run.journey)).toEqual(enters ? ['then'] : []);
  });

  it.each([
    [undefined, []],
    ['ended', ['then']],
  ])('G9: who was inside when the schedule of a journey ended has left, if %s is named', (wanted, inside) => {
    const schedule = { endAt: '2026-11-24T00:00:00Z', atEnd: 'stop' } as const;
    const ending = journey({ ...again, schedule, steps: { a: { ...stay, for: 'P3D' } } });
    const w = new World({ journeys: [ending, follower(leaving('welcome', wanted))] });
    w.track('ann', 'Signed Up');
    w.pass('2d');
    expect(w.codes()).toContain('exit.ended');
    expect(w.runs('ann').map((run) => run.journey)).toEqual(inside);
  });

  it.each([
    [undefined, 0],
    ['restarted', 1],
  ])('who enters anew has not left, unless %s is named', (wanted, times) => {
    const restarting = journey({ reentry: { again: 'after-exit', whileInside: 'restart' }, steps: { a: stay } });
    const w = new World({ journeys: [restarting, follower(leaving('welcome', wanted))] });
    w.track('ann', 'Signed Up');
    w.track('ann', 'Signed Up');
    expect(entries(w).filter((id) => id === 'then')).toHaveLength(times);
  });

  it('carries on the properties that the run had', () => {
    const carrying = journey({ steps: { a: { ...done, name: '{{ entry.cart }}' } } });
    const keyed = follower(leaving('welcome'), {
      where: 'entry.cart = "c1"',
      reentry: { key: 'entry.cart', again: 'never', whileInside: 'ignore' },
    });
    const w = new World({ journeys: [carrying, keyed] });
    w.track('ann', 'Signed Up', { cart: 'c1', other: 1 });
    expect(w.run('ann')).toMatchObject({ journey: 'then', runKey: 'c1', entry: { cart: 'c1' } });
  });

  it('is decided in the turn in which the run ended, in the order of ids, and its own rules apply', () => {
    const w = new World({
      journeys: [
        journey({ steps: { a: done } }),
        follower(leaving('welcome'), { id: 'b' }),
        follower(leaving('welcome'), { id: 'a' }),
        follower(leaving('welcome'), { id: 'c', where: 'profile.plan = "pro"' }),
        follower(leaving('welcome', 'bought'), { id: 'd' }),
      ],
    });
    const { reasons } = w.track('ann', 'Signed Up');
    expect(entries(w)).toEqual(['welcome', 'a', 'b']);
    expect(reasons).toContainEqual(expect.objectContaining({ code: 'entry.filtered', journey: 'c' }));
    expect(w.decisions).toHaveLength(1);
  });

  it.each(['paused', 'draining', 'stopped'] as const)('G7, G9: not when it is %s, and that is recorded', (state) => {
    const w = new World({ journeys: [journey({ steps: { a: done } }), follower(leaving('welcome'))] });
    w.set('then', state);
    w.track('ann', 'Signed Up');
    expect(w.codes()).toContain(`journey.${state}`);
    expect(w.runs('ann')).toEqual([]);
  });

  it('enters once where two of its entries name the same journey', () => {
    const both = journey({
      id: 'then',
      ...again,
      entry: [leaving('welcome', 'no'), leaving('welcome'), leaving('welcome', 'finished')],
      steps: { a: done },
    });
    const w = new World({ journeys: [journey({ steps: { a: done } }), both] });
    w.track('ann', 'Signed Up');
    expect(entries(w)).toEqual(['welcome', 'then']);
  });

  it('runs that are still to be looked at are looked at before one of them is restarted', () => {
    const exitWhen = [{ ...on('Bought'), reason: 'bought' }];
    const one = journey({ id: 'one', ...again, exitWhen, steps: { a: stay } });
    const two = journey({
      id: 'two',
      entry: [on('Later'), leaving('one')],
      reentry: { again: 'after-exit', whileInside: 'restart' },
      exitWhen,
      steps: { a: stay },
    });
    const w = new World({ journeys: [one, two] });
    w.track('ann', 'Signed Up');
    w.pass('1m');
    w.track('ann', 'Later');
    w.track('ann', 'Bought');
    expect(w.counts.filter((what) => / (entered|exited)/.test(what))).toEqual([
      ...['one entered', 'two entered'],
      ...['one exited/bought', 'two exited/bought', 'two entered'],
    ]);
  });

  it('journeys that follow on each other without a wait end after one round', () => {
    const one = journey({ id: 'one', entry: [on('Signed Up'), leaving('two')], ...again, steps: { a: done } });
    const two = journey({ id: 'two', entry: [leaving('one')], ...again, steps: { a: done } });
    const w = new World({ journeys: [one, two] });
    w.track('ann', 'Signed Up');
    expect(entries(w)).toEqual(['one', 'two', 'one']);
    expect(w.codes().at(-1)).toBe('entry.circle');
    expect(w.counts).toContain('two not-entered/entry.circle');
  });

  it('with a wait they go round', () => {
    const one = journey({ id: 'one', entry: [on('Signed Up'), leaving('two')], ...again, steps: { a: stay } });
    const two = journey({ id: 'two', entry: [leaving('one')], ...again, steps: { a: done } });
    const w = new World({ journeys: [one, two] });
    w.track('ann', 'Signed Up');
    w.pass('3d');
    expect(entries(w)).toEqual(['one', 'two', 'one', 'two', 'one', 'two', 'one']);
  });

  it('every run that ends lets in its own follower: one per cart', () => {
    const key = { key: 'event.cart', again: 'after-exit', whileInside: 'ignore' };
    const carts = journey({
      reentry: key,
      exitWhen: [{ ...on('Bought'), where: 'event.cart != entry.cart', reason: 'bought' }],
      steps: { a: stay },
    });
    const then = follower(leaving('welcome'), { reentry: { ...key, key: 'entry.cart' } });
    const w = new World({ journeys: [carts, then] });
    for (const cart of ['a', 'b', 'c']) w.track('ann', 'Signed Up', { cart });
    w.track('ann', 'Bought', { cart: 'all' });
    expect(
      w
        .runs('ann')
        .map((run) => `${run.journey} ${run.runKey}`)
        .sort(),
    ).toEqual(['then a', 'then b', 'then c']);
  });

  it('G8: who left an older version follows on it as well', () => {
    const w = new World({ journeys: [first, follower(leaving('welcome'))] });
    w.track('ann', 'Signed Up');
    w.publish(journey({ steps: { a: done } }));
    w.track('ann', 'Bought');
    expect(w.run('ann').journey).toBe('then');
  });
});
