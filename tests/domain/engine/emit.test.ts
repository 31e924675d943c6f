import { describe, expect, it } from 'vitest';
import { maxHops } from '../../../shared/domain/mail-record.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { journey, World } from './world.ts';

const stay = { type: 'wait', for: 'P1D', next: 'end' } as const;
const emit = (event: string, more: object = {}) => ({ type: 'emit', event, next: 'stay', ...more }) as const;
const on = (event: string, more: object = {}) => [{ on: 'event', event, ...more }];
const emitting = (more: object = {}) => journey({ id: 'maker', steps: { say: emit('Scored', more), stay } });

/** The events that journeys made. */
const made = (w: World) =>
  w.decisions.flatMap(({ record }) =>
    record.t === 'event' && record.event.userId === undefined ? [record.event] : [],
  );

describe('emit', () => {
  it('lets the customer enter another journey, with the properties that the step gives', () => {
    const properties = {
      points: { ref: 'entry.total' },
      name: { liquid: '{{ profile.name | upcase }}' },
      none: { ref: 'entry.no' },
    };
    const entry = on('Scored', { where: 'event.points > 5' });
    const other = journey({ id: 'other', entry, steps: { a: { ...stay, name: '{{ entry.name }} {{ entry.none }}' } } });
    const w = new World({ journeys: [emitting({ properties }), other] });
    w.identify('ann', { name: 'Ann' });
    const traits = w.profile('ann').traits;
    w.track('ann', 'Signed Up', { total: 9 });
    expect(w.runs('ann').map((run) => [run.journey, run.step])).toEqual([
      ['maker', 'stay'],
      ['other', 'a'],
    ]);
    expect(w.runs('ann')[1]!.entry).toEqual({ name: 'ANN', none: null });
    expect(w.profile('ann').traits).toEqual(traits);
  });

  it('is seen by exits, goals, wait-fors and counts, like any other event', () => {
    const waiter = journey({
      id: 'waiter',
      exitWhen: [{ on: 'event', event: 'Left', reason: 'left' }],
      steps: {
        w: { type: 'wait-for', any: [{ on: 'event', event: 'Scored', next: 'say' }], within: 'P9D', timeout: 'end' },
        say: emit('Left'),
        stay,
      },
    });
    const counter = journey({
      id: 'counter',
      entry: on('Never'),
      where: 'did "Scored" ever',
      goal: { event: 'Scored', within: 'P1D' },
      steps: { a: stay },
    });
    const goal = journey({ id: 'goal', goal: { event: 'Scored', within: 'P1D', exit: true }, steps: { a: stay } });
    const w = new World({ journeys: [emitting(), waiter, counter, goal] });
    w.track('ann', 'Signed Up');
    expect(w.counts).toEqual(expect.arrayContaining(['waiter exited/left', 'goal goal', 'goal exited/goal']));
    expect(Object.values(w.profile('ann').seen)).toEqual([expect.objectContaining({ total: 1 })]);
  });

  it('is decided in a turn of its own, after the run has come to its next stand', () => {
    const w = new World({ journeys: [emitting()] });
    expect(Object.values(w.track('ann', 'Signed Up').profile.runs)).toMatchObject([{ step: 'stay' }]);
    expect(made(w)).toMatchObject([{ name: 'Scored', kind: 'track', data: {} }]);
  });

  it('G2: however long a pause holds the run in front of the step, it is made once, and its journal key is the same', () => {
    const any = [{ on: 'event', event: 'Go', next: 'say' }] as const;
    const steps = {
      first: { type: 'wait-for', any, within: 'P1D', timeout: 'end' },
      say: emit('Scored'),
      stay,
    } as const;
    const madeAfter = (pause: string) => {
      const w = new World({ journeys: [journey({ id: 'maker', steps: steps as never })] });
      w.event({ kind: 'track', name: 'Signed Up', userId: 'ann', id: 'the-same' });
      w.set('maker', 'paused');
      w.track('ann', 'Go');
      w.pass(pause);
      w.set('maker', 'live');
      w.sweep();
      w.sweep();
      return made(w).map(({ id, sent }) => `${sent}|${id}`);
    };
    expect(madeAfter('1h')).toHaveLength(1);
    expect(madeAfter('1h')).toEqual(madeAfter('5h'));
  });

  it('each visit makes an event of its own', () => {
    const steps = {
      say: { ...emit('Scored'), next: 'w', maxVisits: 3 },
      w: { type: 'wait', for: 'P1D', next: 'say' },
    } as const;
    const w = new World({ journeys: [journey({ steps })] });
    w.track('ann', 'Signed Up');
    w.pass('9d');
    const ids = made(w).map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(ids).toHaveLength(3);
  });

  it('journeys that feed each other end, because machine-made steps are counted', () => {
    const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } };
    const ping = journey({
      id: 'ping',
      entry: on('Ping'),
      ...again,
      steps: { a: { type: 'emit', event: 'Pong', next: 'end' } },
    });
    const pong = journey({
      id: 'pong',
      entry: on('Pong'),
      ...again,
      steps: { a: { type: 'emit', event: 'Ping', next: 'end' } },
    });
    const w = new World({ journeys: [ping, pong] });
    w.track('ann', 'Ping');
    expect(w.codes().at(-1)).toBe('record.too-many-hops');
    expect(w.decisions).toHaveLength(maxHops);
  });

  it('goes to whom the profile was merged into, by way of its signpost', () => {
    const w = new World({ journeys: [emitting(), journey({ id: 'other', entry: on('Scored'), steps: { a: stay } })] });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'phone' });
    const event = w.decisions.at(-1)!.record;
    w.identify('ann', {}, { anonymousId: 'phone' });
    expect(
      w
        .runs('ann')
        .map((run) => run.journey)
        .sort(),
    ).toEqual(['maker', 'other']);
    expect(w.decide(profileKey('anonymous', 'phone'), event).forwarded).toBe(true);
  });

  it('G7: properties that are too large are not passed on, and that is recorded', () => {
    const big = new World({
      journeys: [emitting({ properties: { a: { ref: 'profile.a' }, b: { ref: 'profile.b' } } })],
    });
    big.identify('ann', { a: 'x'.repeat(5_000), b: 'x'.repeat(5_000) });
    big.track('ann', 'Signed Up');
    expect(big.codes()).toContain('emit.too-large');
    expect(big.decisions).toHaveLength(2);
    expect(big.standing('ann')).toMatch(/^stay/);
  });
});
