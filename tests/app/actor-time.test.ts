import { describe, expect, it } from 'vitest';
import { actorNow, inOurTime } from '../../shared/app/actor-time.ts';
import { emptyProfile, type Profile, type Run } from '../../shared/domain/profiles/profile.ts';
import fc from '../property.ts';

const startedAt = Date.UTC(2026, 10, 23, 11);
const DAY_MS = 86_400_000;
const run = (due: number | undefined, stand: Run['stand'] = 'wait'): Run => ({
  journey: 'j',
  version: 1,
  step: 's',
  since: startedAt,
  enteredAt: startedAt,
  stand,
  ...(due !== undefined && { due }),
});
const testOf = (speed: number, ...runs: Run[]): Profile => ({
  ...emptyProfile,
  test: { journey: 'j', version: 1, sendTo: 'me@team.example', speed, startedAt },
  runs: Object.fromEntries(runs.map((one, index) => [`r${index}`, one])),
});
const speeds = fc.integer({ min: 1, max: 100_000 });
const waits = fc.integer({ min: 1, max: 366 * DAY_MS });

describe('the time of a customer is ours', () => {
  it('never backwards', () => {
    expect(actorNow(emptyProfile, 5, 9, false)).toBe(9);
    expect(actorNow(emptyProfile, 9, 5, true)).toBe(9);
    const wake = { e: 'wake', due: 7 } as const;
    expect(inOurTime(wake, emptyProfile)).toBe(wake);
  });
});

describe('the time of a test run', () => {
  it('a wait ends exactly when it is due, at any speed and however late the wake comes', () => {
    fc.assert(
      fc.property(speeds, waits, fc.integer({ min: 0, max: DAY_MS }), (speed, wait, lateMs) => {
        const due = startedAt + wait;
        const profile = testOf(speed, run(due));
        const ours = inOurTime({ e: 'wake', due }, profile) as { due: number };
        expect(ours.due - startedAt).toBeLessThanOrEqual(Math.ceil(wait / speed));
        expect(actorNow(profile, startedAt, ours.due + lateMs, true)).toBe(due);
      }),
    );
  });

  it('never runs backwards, nor past a wait', () => {
    fc.assert(
      fc.property(speeds, waits, fc.nat(DAY_MS), fc.nat(DAY_MS), fc.boolean(), (speed, wait, at, heard, outside) => {
        const before = startedAt + Math.min(at, wait);
        const now = actorNow(testOf(speed, run(startedAt + wait)), before, startedAt + heard, outside);
        expect(now).toBeGreaterThanOrEqual(before);
        expect(now).toBeLessThanOrEqual(startedAt + wait);
        if (!outside) expect(now).toBe(before);
      }),
    );
  });

  it('passes for what its author does', () => {
    expect(actorNow(testOf(60, run(undefined, 'wait-for')), startedAt, startedAt + 1_000, true)).toBe(
      startedAt + 60_000,
    );
  });

  it('what stands for an answer is not hurried, and time does not pass it', () => {
    const due = startedAt + 2 * DAY_MS;
    const waiting = testOf(100_000, run(due, 'answer'));
    expect(inOurTime({ e: 'wake', due }, waiting)).toBeUndefined();
    expect(actorNow(waiting, startedAt, startedAt + DAY_MS, true)).toBe(due - 1);
    expect(inOurTime({ e: 'wake', due }, testOf(100_000, run(due, 'answer'), run(due)))).toBeDefined();
  });

  it('other effects stay as they are', () => {
    const mail = { e: 'mail', to: 'k', id: 'i', record: { t: 'nudge' } } as const;
    expect(inOurTime(mail, testOf(9))).toBe(mail);
  });
});
