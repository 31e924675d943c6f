import { describe, expect, it } from 'vitest';
import { MAX_HELD } from '../../../shared/domain/profiles/limits.ts';
import { journey, message, World } from './world.ts';

const mail = { email: 'ann@example.com' };
const held = { reason: 'held.quiet-hours' };

/** Somebody whose message was decided a moment ago. */
function decided(body: Parameters<typeof journey>[0]) {
  const w = new World({ journeys: [journey(body)] });
  w.identify('ann', mail);
  w.track('ann', 'Signed Up', { order: 'o1' });
  return w;
}
const ids = (w: World) => w.messages.map(({ id }) => id);

describe('a message that is given back at hand-over', () => {
  it('G3: what its run has done since is not done twice; only the message is decided again', () => {
    const steps = {
      a: message('points'),
      points: { type: 'update', increment: { points: 10 }, next: 'w' },
      w: { type: 'wait', for: 'P3D', next: 'end' },
    };
    const w = decided({ steps });
    const standing = w.standing('ann');
    w.outcome(w.messages[0]!.id, 'not-sent', held);
    w.pass('5m');
    expect(ids(w)).toEqual([w.messages[0]!.id, w.messages[0]!.id]);
    expect(w.profile('ann').traits['points']?.value).toBe(10);
    expect(w.standing('ann')).toBe(standing);
    expect(w.profile('ann').held).toEqual({});
  });

  it('G3: of an earlier visit, it leaves the run alone that is in a later one', () => {
    const loop = {
      a: message('w', { maxVisits: 9 }),
      w: { type: 'wait', for: 'PT1H', next: 'a', maxVisits: 9 },
    };
    const w = decided({ steps: loop, reentry: { again: 'after-exit', whileInside: 'ignore' } });
    w.pass('150m');
    const [first] = w.messages;
    const before = w.run('ann');
    w.outcome(first!.id, 'not-sent', held);
    w.pass('5m');
    expect(w.run('ann')).toEqual(before);
    expect(ids(w).filter((id) => id === first!.id)).toHaveLength(2);
  });

  it('G3: taken back right behind the step, the run does not count the visit twice', () => {
    const loop = { a: message('w', { maxVisits: 9 }), w: { type: 'wait', for: 'PT1H', next: 'a', maxVisits: 2 } };
    const w = decided({ steps: loop });
    w.outcome(w.messages[0]!.id, 'not-sent', held);
    expect(w.standing('ann')).toMatch(/^a held/);
    w.pass('30m');
    expect(w.run('ann').visits).toEqual({ a: 1, w: 1 });
  });

  it('goes later when its run has finished, and not to who has left by a rule', () => {
    const steps = { a: message('w'), w: { type: 'wait', for: 'P1D', next: 'end' } };
    const finished = decided({ steps: { a: message() } });
    finished.outcome(finished.messages[0]!.id, 'not-sent', held);
    finished.pass('5m');
    expect(finished.messages).toHaveLength(2);
    expect(finished.messages[1]!.values).toEqual(finished.messages[0]!.values);

    const exitWhen = [{ on: 'event', event: 'Bought', reason: 'bought' }];
    const left = decided({ steps, exitWhen });
    left.track('ann', 'Bought');
    left.outcome(left.messages[0]!.id, 'not-sent', held);
    left.pass('5m');
    expect(left.messages).toHaveLength(1);
    expect(left.codes().at(-1)).toBe('message.lost-its-run');
  });

  it.each([
    ['an exit rule', (w: World) => w.track('ann', 'Bought')],
    ['unenrolling', (w: World) => w.tell('ann', { t: 'unenroll', id: 'x', at: w.now, journey: 'welcome' })],
    ['stopping the journey', (w: World) => w.set('welcome', 'stopped')],
  ])('is dropped by %s while it is held, and that is recorded', (_how, leave) => {
    const steps = {
      a: message('b'),
      b: { type: 'update', set: { seen: true }, next: 'w' },
      w: { type: 'wait', for: 'P3D', next: 'end' },
    };
    const w = decided({ steps, exitWhen: [{ on: 'event', event: 'Bought', reason: 'bought' }] });
    w.outcome(w.messages[0]!.id, 'not-sent', held);
    expect(Object.keys(w.profile('ann').held)).toHaveLength(1);
    leave(w);
    w.pass('5m');
    expect(w.messages).toHaveLength(1);
    expect(w.profile('ann').held).toEqual({});
    expect(w.codes()).toContain('message.lost-its-run');
  });

  it('goes later also when the customer has entered and finished again since', () => {
    const w = decided({ steps: { a: message() }, reentry: { again: 'after-exit', whileInside: 'ignore' } });
    const [first] = w.messages;
    w.track('ann', 'Signed Up');
    w.set('welcome', 'live');
    w.outcome(first!.id, 'not-sent', held);
    w.pass('5m');
    // Both runs have finished: which one asks makes no difference to who reads it.
    expect(ids(w).filter((id) => id === first!.id)).toHaveLength(2);
  });

  it('moves along in a merge, and its time with it', () => {
    const w = new World({ journeys: [journey({ steps: { a: message() } })] });
    w.event({ kind: 'identify', name: 'Identified', anonymousId: 'phone', data: mail });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'phone' });
    w.outcome(w.messages[0]!.id, 'not-sent', held);
    w.identify('ann', {}, { anonymousId: 'phone' });
    expect(Object.keys(w.profile('ann').held)).toHaveLength(1);
    w.pass('5m');
    expect(w.messages).toHaveLength(2);
  });

  it('G7: beyond so many it is lost, and that is recorded', () => {
    const w = decided({ steps: { a: message() }, reentry: { again: 'after-exit', whileInside: 'ignore' } });
    for (let n = 0; n < MAX_HELD; n++) w.track('ann', 'Signed Up');
    for (const { id } of [...w.messages]) w.outcome(id, 'not-sent', held);
    expect(Object.keys(w.profile('ann').held)).toHaveLength(MAX_HELD);
    expect(w.codes().at(-1)).toBe('message.lost-its-run');
  });
});

describe('names that objects have of themselves', () => {
  it('a step called constructor counts its visits', () => {
    const steps = {
      a: message('constructor', { maxVisits: 9 }),
      constructor: { type: 'wait', for: 'PT1H', next: 'a', maxVisits: 3 },
    };
    const w = decided({ start: 'a', steps });
    w.pass('9h');
    expect(w.messages).toHaveLength(4);
    expect(w.codes()).toContain('exit.max-visits');
  });
});
