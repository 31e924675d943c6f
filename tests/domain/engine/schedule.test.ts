import { describe, expect, it } from 'vitest';
import { instant, journey, message, World } from './world.ts';

const wait = (time: string, next = 'end') => ({ type: 'wait', for: time, next }) as const;
const mail = { email: 'ann@example.com' };
const scheduled = (schedule: object, steps: { readonly [id: string]: object }, more: object = {}) =>
  journey({ schedule, steps, entry: [{ on: 'event', event: 'Signed Up' }, { on: 'api' }], ...more });

describe('a schedule', () => {
  const week = { startAt: '2026-11-22T12:00:00+01:00', endAt: '2026-11-29T12:00:00+01:00' };
  it.each([
    ['before it starts', '2026-11-22T10:59:59.999Z', 'journey.not-started', 'opens at 2026-11-22T11:00:00.000Z'],
    ['when it starts', '2026-11-22T11:00:00Z', 'entry.entered', undefined],
    ['just before it ends', '2026-11-29T10:59:59.999Z', 'entry.entered', undefined],
    ['when it ends', '2026-11-29T11:00:00Z', 'journey.ended', 'ended at 2026-11-29T11:00:00.000Z'],
  ])('G7: %s: %s', (_title, at, code, fix) => {
    const w = new World({ at, journeys: [scheduled(week, { a: wait('P1D') })] });
    w.track('ann', 'Signed Up');
    w.enroll('bob', 'welcome');
    const said = w.reasons.filter((one) => one.code === code);
    expect(said).toHaveLength(2);
    for (const one of said) expect(one.fix ?? '').toMatch(fix ?? '');
    if (fix !== undefined) expect(w.counts).toContain(`welcome not-entered/${code}`);
  });

  it.each([
    ['drain', undefined, 'exit.finished', '2026-11-25T10:00'],
    ['drain', 'drain', 'exit.finished', '2026-11-25T10:00'],
    ['stop', 'stop', 'exit.ended', '2026-11-23T08:31'],
  ])('%s: who is inside at the end (atEnd %s)', (_title, atEnd, code, left) => {
    const schedule = { endAt: '2026-11-23T08:30:30Z', ...(atEnd && { atEnd }) };
    const w = new World({ journeys: [scheduled(schedule, { a: wait('P3D') })] });
    w.track('ann', 'Signed Up');
    expect(w.run('ann').due).toBe(instant(`${left}:00Z`));
    w.until(instant(`${left}:00Z`) - 1);
    expect(w.runs('ann')).toHaveLength(1);
    w.until(`${left}:00Z`);
    expect(w.codes().at(-1)).toBe(code);
  });

  it('stop: whatever they wait for, also in a pause and also with a message held', () => {
    const schedule = { endAt: '2026-11-22T23:30:00Z', atEnd: 'stop' };
    const steps = {
      a: { type: 'wait-for', any: [{ on: 'event', event: 'Bought', next: 'm' }], within: 'P9D', timeout: 'end' },
      m: message('end', { holdAtMost: 'P2D' }),
    };
    const w = new World({
      journeys: [scheduled(schedule, steps)],
      policy: { quietHours: [{ from: '09:00', to: '08:00' }] },
    });
    for (const user of ['ann', 'bob', 'cem']) {
      w.identify(user, mail);
      w.track(user, 'Signed Up');
    }
    w.track('bob', 'Bought');
    expect(w.standing('bob')).toBe('m held 2026-11-22T23:30');
    w.set('welcome', 'paused');
    w.until('2026-11-22T23:30:00Z');
    expect(['ann', 'bob', 'cem'].flatMap((user) => w.runs(user))).toEqual([]);
    expect(w.codes().filter((code) => code === 'exit.ended')).toHaveLength(3);
    expect(w.messages).toEqual([]);
  });

  it('stop: a record that comes between the end and the wake lets nobody go on', () => {
    const steps = {
      a: { type: 'wait-for', any: [{ on: 'event', event: 'Bought', next: 'm' }], within: 'P9D', timeout: 'end' },
      m: message(),
    };
    const w = new World({ journeys: [scheduled({ endAt: '2026-11-23T08:30:30Z', atEnd: 'stop' }, steps)] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    w.until('2026-11-23T08:30:31Z');
    w.track('ann', 'Bought');
    expect([w.codes().at(-1), w.messages.length]).toEqual(['exit.ended', 0]);
  });

  it('G8: a run ends with the version it is on', () => {
    const document = (endAt: string) => scheduled({ endAt, atEnd: 'stop' }, { a: wait('P3D') });
    const w = new World({ journeys: [document('2026-11-23T08:00:00Z')] });
    w.track('ann', 'Signed Up');
    w.publish(document('2026-12-23T08:00:00Z'));
    w.track('bob', 'Signed Up');
    w.until('2026-11-23T08:00:00Z');
    expect([w.runs('ann').length, w.runs('bob').length]).toEqual([0, 1]);
  });

  it('stop: who comes by a merge leaves on time too', () => {
    const w = new World({
      journeys: [scheduled({ endAt: '2026-11-23T08:00:00Z', atEnd: 'stop' }, { a: wait('P3D') })],
    });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'phone' });
    w.identify('ann', {}, { anonymousId: 'phone' });
    w.until('2026-11-23T08:00:00Z');
    expect(w.codes().at(-1)).toBe('exit.ended');
  });

  it('stop: nor does a message that comes back in between', () => {
    const steps = { a: message('w'), w: wait('P3D') };
    const w = new World({ journeys: [scheduled({ endAt: '2026-11-22T10:30:30Z', atEnd: 'stop' }, steps)] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    w.until('2026-11-22T10:30:45Z');
    w.outcome(w.messages[0]!.id, 'not-sent', { reason: 'held.quiet-hours' });
    expect(w.codes().slice(-2)).toEqual(['exit.ended', 'message.lost-its-run']);
  });

  it('stop: a message that was given back goes no more', () => {
    const w = new World({ journeys: [scheduled({ endAt: '2026-11-22T10:05:00Z', atEnd: 'stop' }, { a: message() })] });
    w.identify('ann', mail);
    w.track('ann', 'Signed Up');
    w.pass('270s');
    w.outcome(w.messages[0]!.id, 'not-sent', { reason: 'held.quiet-hours' });
    w.pass('10m');
    expect(w.messages).toHaveLength(1);
    expect(w.codes()).toContain('message.lost-its-run');
  });
});
