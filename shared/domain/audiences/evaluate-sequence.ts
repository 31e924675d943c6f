import { addDuration } from '../../kernel/zone.ts';
import { clauseOf, type Occurrences } from './did-clauses.ts';
import type { DidAnswer } from './evaluate-did.ts';
import type { Facts } from './facts.ts';
import type { Sequence, SequenceStep } from './predicate.ts';

/**
 * Whether the events of a sequence came one after the other, all of them in the window.
 *
 * 1. "Then" is later, not at the same instant; `within` of a step is the time since the step before it, its end not
 *    included, like every window.
 * 2. "Without" counts from the step before it (at the beginning: from where the window begins) to the step after it,
 *    both instants not included; at the end, to now.
 * 3. Exact as far as occurrences are (`EXACT_OCCURRENCES`); beyond, a bucket stands at the start of its hour or day.
 *
 * For each step it is enough to look at the latest way to the step before it: that leaves the most of the window, the
 * shortest gap, and the least room for what must not have happened.
 */
export function evaluateSequence(sequence: Sequence, facts: Facts): DidAnswer {
  const seen = sequence.sequence.map((step) => facts.occurrences(clauseOf(step, sequence.within)));
  if (!seen.every((one) => one !== undefined)) return { value: false, validUntil: null, saw: 'not tracked' };
  const { steps, windowEnd } = prepared(sequence, seen, facts);
  const { reached, value } = follow(steps, windowEnd, facts.now);
  const since = Math.max(...seen.map((one) => one.since));
  const incomplete = addDuration(facts.now, `-${sequence.within}`, facts.zone) < since;
  return {
    value,
    validUntil:
      changes(steps, windowEnd, facts.now).find((now) => follow(steps, windowEnd, now).value !== value) ?? null,
    saw: `${reached} of ${steps.filter(({ step }) => 'did' in step).length} steps`,
    ...(incomplete ? { completeSince: since } : {}),
  };
}

interface Prepared {
  readonly step: SequenceStep;
  /** Ascending, each once. */
  readonly times: readonly number[];
  /** Of a time of the step before: until when this step had to come. */
  readonly gapEnd: (before: number) => number;
}

function prepared({ sequence, within }: Sequence, seen: readonly Occurrences[], { zone }: Facts) {
  const ends = new Map<number, number>();
  /** When an occurrence leaves the window. */
  const windowEnd = (at: number): number => {
    let end = ends.get(at);
    if (end === undefined) {
      end = addDuration(at, within, zone);
      ends.set(at, end);
    }
    return end;
  };
  const steps = sequence.map((step, i): Prepared => {
    const gap = 'did' in step ? step.within : undefined;
    return {
      step,
      times: [...new Set(seen[i]!.times.map(({ at }) => at))],
      gapEnd: (before) => (gap === undefined ? Number.POSITIVE_INFINITY : addDuration(before, gap, zone)),
    };
  });
  return { steps, windowEnd };
}

function follow(steps: readonly Prepared[], windowEnd: (at: number) => number, now: number) {
  const inWindow = ({ times }: Prepared) => times.filter((at) => at <= now && windowEnd(at) > now);
  /** Where the last step can have been reached; undefined before the first one. */
  let ways: readonly number[] | undefined;
  let unwanted: number[] = [];
  let reached = 0;
  for (const one of steps) {
    const times = inWindow(one);
    if ('didNot' in one.step) {
      unwanted.push(...times);
      continue;
    }
    const before = ways;
    const between = unwanted;
    unwanted = [];
    ways = times.filter((at) => {
      if (before === undefined) return !between.some((not) => not < at);
      const from = before.findLast((way) => way < at);
      return from !== undefined && at < one.gapEnd(from) && !between.some((not) => from < not && not < at);
    });
    if (ways.length === 0) return { reached, value: false };
    reached += 1;
  }
  const last = ways?.at(-1) ?? Number.NEGATIVE_INFINITY;
  return { reached, value: !unwanted.some((not) => last < not) };
}

/** Instants at which an occurrence comes (one dated in the future) or leaves the window. */
function changes(steps: readonly Prepared[], windowEnd: (at: number) => number, now: number): number[] {
  const instants = new Set<number>();
  for (const at of steps.flatMap(({ times }) => times)) {
    const end = windowEnd(at);
    if (at > now) instants.add(at);
    if (end > now) instants.add(end);
  }
  return [...instants].sort((a, b) => a - b);
}
