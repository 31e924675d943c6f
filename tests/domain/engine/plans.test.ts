import { describe, expect, it } from 'vitest';
import type { Journey } from '../../../shared/domain/journeys/journey.ts';
import type { Moves } from '../../../shared/domain/journeys/plans/moves.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import { journey, message, World } from './world.ts';

const mail = { email: 'ann@example.com' };
const quiet = { quietHours: [{ from: '09:00', to: '18:00' }] };
const entered = { entry: [{ on: 'event', event: 'Signed Up' }] };
type Body = Parameters<typeof journey>[0];

/** Somebody who entered at ten o'clock, and stands where the journey leads at once. */
function standing(body: Body, setting: object = {}): World {
  const w = new World({ journeys: [journey({ ...entered, ...body })], ...setting });
  w.identify('ann', mail);
  w.track('ann', 'Signed Up', { order: 'o1' });
  return w;
}
/** What the scan that follows the publication does: the profile hears of it. */
const wake = (w: World) => w.wake(profileKey('user', 'ann'));
function publish(w: World, body: Body, moves: Moves): void {
  w.publish(journey({ ...entered, ...body }), 'live', { moves });
  wake(w);
}
const ids = (w: World) => w.messages.map(({ id }) => id);

/** Each stands at `here`; `next` leads to a wait of nine days. */
const later = { type: 'wait', for: 'P9D', next: 'end' };
const stands: readonly [name: string, here: object, setting: object][] = [
  ['a wait', { type: 'wait', for: 'P2D', next: 'later' }, {}],
  [
    'a wait-for',
    { type: 'wait-for', any: [{ on: 'event', event: 'Paid', next: 'end' }], within: 'P2D', timeout: 'later' },
    {},
  ],
  ['a held message', message('later'), { policy: quiet }],
  ['a message whose answer it needs', message('later', { skipped: 'end' }), {}],
  ['a webhook', { type: 'webhook', endpoint: 'crm', next: 'later', failed: 'end' }, {}],
  [
    'a task',
    { type: 'task', queue: 'crm', title: 'Call', due: 'P2D', outcomes: { done: 'later' }, timeout: 'end' },
    {},
  ],
];

describe.each(stands)('G8: a plan meets somebody at %s', (_name, here, setting) => {
  const steps = { here, later, other: { type: 'wait', for: 'PT1H', next: 'later' } } as Journey['steps'];
  const begin = () => standing({ steps, start: 'here' }, setting);

  it.each<[string, Moves]>([
    ['stay', { steps: { here: 'stay' } }],
    ['no word', {}],
    ['a word about another step', { steps: { later: { to: 'other' } } }],
    ['a word about another version', { versions: { 2: { here: { leave: 'gone' } } } }],
  ])('by %s it stays, and nothing is written', (_title, moves) => {
    const w = begin();
    const before = w.profile('ann');
    publish(w, { steps, start: 'other' }, moves);
    expect(w.profile('ann')).toBe(before);
  });

  it('by same-step it stands on, as if the new version had been there before', () => {
    const w = begin();
    const [before, sent] = [w.run('ann'), ids(w)];
    w.pass('30m');
    publish(w, { steps, start: 'here' }, { default: 'same-step' });
    expect(w.run('ann')).toMatchObject({ ...before, version: 2 });
    expect(ids(w)).toEqual(sent);
    expect(w.reasons).toContainEqual(
      expect.objectContaining({
        code: 'run.moved',
        version: 1,
        step: 'here',
        saw: { plan: 'plan-2', to: { version: 2, step: 'here' } },
      }),
    );
    // The wake that is armed is enough.
    expect(w.decisions.at(-1)!.decision.effects).toEqual([]);
  });

  it('by the name of another step it arrives there, and what it waits for begins anew', () => {
    const w = begin();
    w.pass('30m');
    publish(w, { steps, start: 'other' }, { steps: { here: { to: 'other' } } });
    expect(w.standing('ann')).toBe('other wait 2026-11-22T11:30');
    expect(w.run('ann')).toMatchObject({ version: 2, since: w.now });
    w.pass('20d');
    expect(w.runs('ann')).toEqual([]);
  });

  it('by `to: end` it finishes, by `leave` it leaves with the reason, and who follows on it enters', () => {
    const follower = journey({
      id: 'after',
      entry: [{ on: 'journey', journey: 'welcome', reason: 'replaced' }],
      steps: { w: later },
    });
    for (const [choice, code, follows] of [
      [{ to: 'end' }, 'exit.finished', 0],
      [{ leave: 'replaced' }, 'exit.replaced', 1],
    ] as const) {
      const w = standing(
        { steps, start: 'here' },
        { ...setting, journeys: [journey({ ...entered, steps }), follower] },
      );
      publish(w, { steps, start: 'other' }, { steps: { here: choice } });
      expect(w.runs('ann').map((run) => run.journey)).toEqual(follows ? ['after'] : []);
      expect(w.codes()).toContain(code);
    }
  });
});

describe('G8: what a plan does exactly', () => {
  const wait = (duration: string, next = 'm') => ({ type: 'wait', for: duration, next }) as const;

  it('a wait that was made longer or shorter ends by the new version, counted from when it began', () => {
    for (const [duration, end] of [
      ['P3D', '2026-11-25T10:00'],
      ['PT26H', '2026-11-23T12:00'],
    ] as const) {
      const w = standing({ steps: { w: wait('P2D'), m: message() } });
      w.pass('1d');
      publish(w, { steps: { w: wait(duration), m: message() } }, { default: 'same-step' });
      expect(w.standing('ann')).toBe(`w wait ${end}`);
      w.pass('9d');
      expect(w.sent()).toEqual([`m email ${end}`]);
    }
  });

  it('a wait that is over by the new version ends at once, and not in the past', () => {
    const w = standing({ steps: { w: wait('P2D'), m: message() } });
    w.pass('1d');
    publish(w, { steps: { w: wait('PT2H', 'x'), m: message(), x: wait('PT1H') } }, { default: 'same-step' });
    expect(w.standing('ann')).toBe('x wait 2026-11-23T11:00');
  });

  it('until a time of day, a window or an instant: the one that came next after the wait began', () => {
    for (const [until, end] of [
      [{ time: '09:00' }, '2026-11-23T09:00'],
      [{ windows: [{ from: '20:00', to: '21:00' }] }, '2026-11-22T20:00'],
      [{ at: '2026-12-01T00:00:00Z' }, '2026-12-01T00:00'],
    ] as const) {
      const w = standing({ steps: { w: wait('P20D'), m: message() } });
      w.pass('2h');
      publish(w, { steps: { w: { type: 'wait', until, next: 'm' }, m: message() } }, { default: 'same-step' });
      w.pass('20d');
      expect(w.sent()).toEqual([`m email ${end}`]);
    }
  });

  it('a step that has become another type is arrived at', () => {
    const w = standing({ steps: { here: wait('P2D', 'end') } });
    publish(w, { steps: { here: message() } }, { default: 'same-step' });
    expect(w.sent()).toEqual(['here email 2026-11-22T10:00']);
  });

  it('it is applied once, where the run stood: who goes on afterwards is left alone', () => {
    const steps = { one: wait('P1D', 'two'), two: wait('P1D', 'm'), m: message() };
    const w = standing({ steps });
    publish(w, { steps }, { steps: { two: { leave: 'late' } } });
    w.pass('1d');
    expect(w.run('ann')).toMatchObject({ version: 1, step: 'two', stayed: 2 });
    w.wake(profileKey('user', 'ann'));
    w.pass('1d');
    expect(w.sent()).toEqual(['m email 2026-11-24T10:00']);
  });

  it('several plans meet a run in the order of versions, and a run that stayed under one may go with the next', () => {
    const one = { steps: { a: wait('P1D', 'end') } };
    const two = { steps: { b: wait('P2D', 'end'), a: wait('P1D', 'end') } };
    const three = { steps: { c: wait('P3D', 'end') } };
    const w = standing(one);
    w.publish(journey({ ...entered, ...two }), 'live', { moves: { steps: { a: { to: 'b' } } } });
    w.publish(journey({ ...entered, ...three }), 'live', {
      moves: { versions: { 1: { a: { leave: 'x' } }, 2: { b: { to: 'c' } } } },
    });
    wake(w);
    expect(w.standing('ann')).toBe('c wait 2026-11-25T10:00');
    const v = standing(one);
    publish(v, two, { versions: { 1: { a: 'stay' } }, default: 'same-step' });
    expect(v.run('ann').version).toBe(1);
    publish(v, three, { steps: { a: { to: 'c' } } });
    expect(v.standing('ann')).toBe('c wait 2026-11-25T10:00');
  });

  it('the record that brings it is decided in the new place', () => {
    const asked = { type: 'wait-for', any: [{ on: 'event', event: 'Paid', next: 'm' }], within: 'P1D', timeout: 'end' };
    const w = standing({ steps: { w: wait('P1D', 'end') } });
    w.publish(journey({ ...entered, steps: { asked, m: message() } as never }), 'live', {
      moves: { steps: { w: { to: 'asked' } } },
    });
    w.track('ann', 'Paid');
    expect(w.sent()).toEqual(['m email 2026-11-22T10:00']);
  });

  it('its way so far is none of the paths of the new version', () => {
    const steps = {
      which: { type: 'branch', cases: [{ if: 'profile.vip = true', next: 'end' }], else: 'w' },
      w: wait('P1D', 'end'),
    };
    const w = standing({ steps, start: 'which' } as never);
    expect(w.run('ann').path).toBe(2);
    publish(w, { steps: { ...steps, w: wait('P2D', 'end') }, start: 'which' } as never, { default: 'same-step' });
    w.pass('2d');
    expect(w.pathCounts).toEqual(
      ['path/2/entered', 'path/other/entered', 'path/other/ended'].map((one) => `welcome ${one}`),
    );
  });

  it('exit rules of the new version hold on arrival, and a version that has ended lets nobody stay', () => {
    const steps = { w: wait('P1D', 'end') };
    const gone = { exitWhen: [{ on: 'becomes-true', if: 'profile.email exists', reason: 'known' }] };
    const over = { schedule: { endAt: '2026-11-22T09:00:00Z', atEnd: 'stop' } };
    for (const [more, code] of [
      [gone, 'exit.known'],
      [over, 'exit.ended'],
    ] as const) {
      for (const moves of [{ default: 'same-step' }, { steps: { w: { to: 'x' } } }] as const) {
        const w = standing({ steps });
        publish(w, { steps: { ...steps, x: wait('P1D', 'end') }, ...more } as never, moves);
        expect(w.runs('ann')).toEqual([]);
        expect(w.codes()).toContain(code);
      }
    }
  });

  it('what became of messages is known in the words of the new version', () => {
    const clicked = { on: 'message', step: 'm', was: 'clicked', next: 'thanks' };
    const opened = { on: 'message', step: 'm', was: 'opened', next: 'end' };
    const body = (...any: object[]) =>
      ({
        m: message('w'),
        w: wait('P1D', 'asked'),
        asked: { type: 'wait-for', any, within: 'P1D', timeout: 'end' },
        thanks: wait('P9D', 'end'),
      }) as never;
    const w = standing({ steps: body(clicked) });
    w.receipt(w.messages[0]!.id, 'clicked');
    expect(w.run('ann').got).toEqual([0]);
    publish(w, { steps: body({ ...opened, was: 'bounced' }, opened, clicked) }, { default: 'same-step' });
    expect(w.run('ann').got).toEqual([1]);
    w.pass('1d');
    expect(w.run('ann').step).toBe('thanks');
  });

  it('properties, saved fields, the goal and the re-entry key go along', () => {
    const goal = { event: 'Paid', within: 'P9D' };
    const kept = { w: wait('P1D'), m: message('end', { vars: { order: { ref: 'entry.order' } } }) };
    const w = standing({ steps: kept, goal, reentry: { key: 'entry.order', again: 'never', whileInside: 'ignore' } });
    w.track('ann', 'Paid');
    publish(w, { steps: kept, goal }, { default: 'same-step' });
    expect(w.run('ann')).toMatchObject({ runKey: 'o1', entry: { order: 'o1' }, goalAt: w.now });
    w.track('ann', 'Paid');
    expect(w.counts.filter((one) => one === 'welcome goal')).toHaveLength(1);
  });

  it('G3: who is moved back before a message gets it again, as another message', () => {
    const steps = { m: message('w'), w: wait('P1D', 'end') };
    const w = standing({ steps });
    publish(w, { steps }, { steps: { w: { to: 'm' } } });
    publish(w, { steps }, { steps: { w: { to: 'm' } } });
    expect(w.messages.map(({ origin }) => origin?.visit ?? 1)).toEqual([1, 2, 3]);
    expect(new Set(ids(w)).size).toBe(3);
  });

  it('G3: a message held at hand-over goes back to the run that stands right behind it, moved or not', () => {
    const steps = { m: message('w'), w: wait('P1D', 'end') };
    const w = standing({ steps });
    publish(w, { steps }, { default: 'same-step' });
    w.outcome(ids(w)[0]!, 'not-sent', { reason: 'held.quiet-hours' });
    expect(w.standing('ann')).toMatch(/^m held/);
    w.pass('5m');
    expect(ids(w)).toEqual([ids(w)[0], ids(w)[0]]);
  });

  it('G3: a held message of a run that leaves is not sent, of one that is moved it goes by the version that decided it', () => {
    const steps = {
      a: message('points'),
      points: { type: 'update', increment: { p: 1 }, next: 'w' },
      w: wait('P3D', 'end'),
    };
    for (const [choice, sent] of [
      [{ leave: 'gone' }, 1],
      [{ to: 'x' }, 2],
    ] as const) {
      const w = standing({ steps } as never);
      w.outcome(ids(w)[0]!, 'not-sent', { reason: 'held.quiet-hours' });
      publish(w, { steps: { x: wait('P1D', 'end') } }, { steps: { w: choice } });
      w.pass('5m');
      expect(ids(w)).toEqual(Array(sent).fill(ids(w)[0]));
      expect(w.messages.at(-1)!.origin!.version).toBe(1);
    }
  });

  it('a held message is decided again by the new version', () => {
    const w = standing({ steps: { m: message() } }, { policy: quiet });
    expect(w.standing('ann')).toMatch(/^m held/);
    publish(w, { steps: { m: message('end', { topic: 'account' }) } }, { default: 'same-step' });
    expect(w.sent()).toEqual(['m email 2026-11-22T10:00']);
  });

  it('G9: what is held in a paused journey stays held', () => {
    const w = standing({ steps: { m: message() } }, { policy: quiet });
    w.set('welcome', 'paused');
    w.publish(journey({ ...entered, steps: { m: message('end', { topic: 'account' }) } }), 'paused', {
      moves: { default: 'same-step' },
    });
    wake(w);
    expect([w.run('ann').stand, w.messages.length]).toEqual(['held', 0]);
  });

  it('G9: in a paused journey who is moved stands still until it is resumed', () => {
    const steps = { w: wait('PT1H'), m: message() };
    for (const moves of [{ default: 'same-step' }, { steps: { w: { to: 'm' } } }] as const) {
      const w = standing({ steps });
      w.set('welcome', 'paused');
      w.pass('2h');
      w.publish(journey({ ...entered, steps }), 'paused', { moves });
      wake(w);
      expect(w.run('ann').version).toBe(2);
      w.pass('2h');
      expect(w.messages).toEqual([]);
      w.set('welcome', 'live');
      w.sweep();
      expect(w.sent()).toEqual(['m email 2026-11-22T14:00']);
    }
  });

  it('a stopped journey lets everybody go, whatever a plan says', () => {
    const w = standing({ steps: { w: wait('PT1H', 'end') } });
    w.publish(journey({ ...entered, steps: { x: wait('P9D', 'end') } }), 'stopped', {
      moves: { steps: { w: { to: 'x' } } },
    });
    w.pass('2h');
    expect(w.runs('ann')).toEqual([]);
    expect(w.codes()).toContain('exit.stopped');
  });

  it('runs of a profile that is absorbed meet the plans that they have not met', () => {
    const steps = { w: wait('P1D', 'end') };
    const w = new World({ journeys: [journey({ ...entered, steps })] });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'device' });
    w.publish(journey({ ...entered, steps: { x: wait('P2D', 'end') } }), 'live', {
      moves: { steps: { w: { to: 'x' } } },
    });
    w.event({ kind: 'identify', name: 'Identified', userId: 'ann', anonymousId: 'device', data: mail });
    expect(w.standing('ann')).toBe('x wait 2026-11-24T10:00');
  });

  it('counters say who came and who went, so that those inside can be worked out', () => {
    const steps = { w: wait('P1D', 'end'), x: wait('P1D', 'end') };
    const w = standing({ steps });
    const counted = w.counts.length;
    publish(w, { steps }, { steps: { w: { to: 'x' } } });
    const moved = ['moved-away', 'step/w/moved-away', 'moved-here', 'step/x/visited'];
    expect(w.counts.slice(counted)).toEqual(moved.map((what) => `welcome ${what}`));
    const before = w.counts.length;
    publish(w, { steps }, { default: 'same-step' });
    const kept = ['moved-away', 'step/x/moved-away', 'moved-here', 'step/x/moved-here'];
    expect(w.counts.slice(before)).toEqual(kept.map((what) => `welcome ${what}`));
  });
});
