import { parseDuration } from '../../kernel/duration.ts';
import { addDuration, dayStart, nextDayStart } from '../../kernel/zone.ts';
import type { Occurrence, Occurrences } from './did-clauses.ts';
import { type Answer, evaluateOp } from './evaluate-op.ts';
import type { Facts } from './facts.ts';
import type { Count, Span, Sum } from './predicate.ts';

/** `did` and `message` alike. */
interface Counted {
  readonly within: Span;
  readonly times?: Count;
  readonly sum?: Sum;
}

export interface DidAnswer extends Answer {
  readonly saw: string;
  /** Set when the window begins before anything was tracked. */
  readonly completeSince?: number;
}

interface Interval extends Occurrence {
  /** Not included; Infinity for windows that do not end. */
  readonly until: number;
}

/**
 * Every occurrence counts from its instant until it leaves the window, by the same rule as `withinLast`. The answer
 * is valid until the first of those ends (or of occurrences dated in the future) at which it really changes.
 * With `sum`, at least one occurrence is still needed (`times` defaults to at least 1). Not tracked is false.
 */
export function evaluateDid(did: Counted, clause: Parameters<Facts['occurrences']>[0], facts: Facts): DidAnswer {
  const seen = facts.occurrences(clause);
  if (seen === undefined) return { value: false, validUntil: null, saw: 'not tracked' };
  if (did.within === 'run' && facts.enteredAt === undefined) return { value: false, validUntil: null, saw: 'no run' };
  const { intervals, before } = intervalsOf(did, seen, facts);
  const at = (instant: number) => {
    let { count, sum } = before;
    for (const interval of intervals) {
      if (interval.at > instant || instant >= interval.until) continue;
      count += interval.count;
      sum += interval.sum;
    }
    return { count, sum, value: holds(did, count, sum, facts) };
  };
  const now = at(facts.now);
  const incomplete = seen.since > 0 && windowStart(did, facts) < seen.since;
  return {
    value: now.value,
    validUntil: changes(intervals, facts.now).find((instant) => at(instant).value !== now.value) ?? null,
    saw: did.sum === undefined ? `${now.count} times` : `${now.count} times, sum ${now.sum}`,
    ...(incomplete ? { completeSince: seen.since } : {}),
  };
}

function changes(intervals: readonly Interval[], now: number): number[] {
  const instants = new Set<number>();
  for (const { at, until } of intervals) {
    if (at > now) instants.add(at);
    if (until > now && until !== Number.POSITIVE_INFINITY) instants.add(until);
  }
  return [...instants].sort((a, b) => a - b);
}

function intervalsOf(
  did: Counted,
  seen: Occurrences,
  facts: Facts,
): { intervals: Interval[]; before: { count: number; sum: number } } {
  const { within } = did;
  const { times } = seen;
  const nothing = { count: 0, sum: 0 };
  const endless = (entry: Occurrence): Interval => ({ ...entry, until: Number.POSITIVE_INFINITY });
  if (within === 'ever') {
    // What is no longer in `times` is in the totals; what is still there may be dated in the future.
    const future = times.filter(({ at }) => at > facts.now);
    const count = future.reduce((all, entry) => all - entry.count, seen.total);
    const sum = future.length === 0 ? seen.sum : future.reduce((all, entry) => all - entry.sum, seen.sum);
    return { intervals: future.map(endless), before: { count, sum } };
  }
  if (within === 'run') {
    return { intervals: times.filter(({ at }) => at >= facts.enteredAt!).map(endless), before: nothing };
  }
  if (within === 'today') {
    const start = dayStart(facts.now, facts.zone);
    const today = times.filter(({ at }) => at >= start);
    return {
      intervals: today.map((entry) => ({ ...entry, until: nextDayStart(entry.at, facts.zone) })),
      before: nothing,
    };
  }
  const duration = parseDuration(within);
  const intervals = times.map((entry) => ({ ...entry, until: addDuration(entry.at, duration, facts.zone) }));
  return { intervals: intervals.filter(({ until }) => until > facts.now), before: nothing };
}

function windowStart(did: Counted, facts: Facts): number {
  if (did.within === 'ever') return Number.NEGATIVE_INFINITY;
  if (did.within === 'run') return facts.enteredAt!;
  if (did.within === 'today') return dayStart(facts.now, facts.zone);
  return addDuration(facts.now, `-${did.within}`, facts.zone);
}

function holds(did: Counted, count: number, sum: number, facts: Facts): boolean {
  if (!enough(did.times ?? { atLeast: 1 }, count)) return false;
  return did.sum === undefined || evaluateOp(did.sum, sum, facts).value;
}

function enough(times: Count, count: number): boolean {
  if ('atLeast' in times) return count >= times.atLeast;
  return 'atMost' in times ? count <= times.atMost : count === times.exactly;
}
