import type { Effect } from '../domain/decision.ts';
import type { Profile, TestRun } from '../domain/profiles/profile.ts';

/**
 * The time of an actor. A customer's is ours; a test run's passes `speed` times as fast.
 *
 * 1. It never passes by a wait that is due: what falls due happens at its own time, however late the wake comes. So a
 *    test run shows exact times at any speed, and is only as quick as queues are.
 * 2. Between two waits it passes for what its author does (events, opens, clicks). What the system tells itself takes
 *    no time: an answer of two seconds must not be hours.
 * 3. What stands for an answer is not hurried: `send`, systems and people answer at their own pace, so no wake is armed.
 *
 * @param heard our clock, or the due time of a wake that came a moment before it; @param fromOutside rule 2.
 */
export function actorNow(profile: Profile, at: number, heard: number, fromOutside: boolean): number {
  const { test } = profile;
  if (test === undefined) return Math.max(heard, at);
  if (!fromOutside) return at;
  const passed = test.startedAt + (heard - test.startedAt) * test.speed;
  return Math.max(at, Math.min(passed, nextWait(profile)));
}

/** A wake in our time; undefined where rule 3 says so. */
export function inOurTime(effect: Effect, { test, runs }: Profile): Effect | undefined {
  if (test === undefined || effect.e !== 'wake') return effect;
  const due = Object.values(runs).filter((run) => run.due === effect.due);
  if (due.length > 0 && due.every(({ stand }) => stand === 'answer')) return undefined;
  return { ...effect, due: ourTime(test, effect.due) };
}

const ourTime = ({ startedAt, speed }: TestRun, due: number): number =>
  startedAt + Math.ceil((due - startedAt) / speed);

function nextWait({ runs, held }: Profile): number {
  const waits = Object.values(runs).map(({ due, stand }) => (due ?? Infinity) - (stand === 'answer' ? 1 : 0));
  return Math.min(...waits, ...Object.values(held).map(({ at }) => at.due));
}
