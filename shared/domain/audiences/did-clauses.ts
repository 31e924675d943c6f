import { canonicalJson } from '../../kernel/canonical-json.ts';
import { longestMs, MAX_DURATION_MS, readDuration } from '../../kernel/duration.ts';
import { digest } from '../../kernel/ids.ts';
import { DAY_MS, HOUR_MS } from '../../kernel/time.ts';
import type { Did, Predicate, Sequence, SequenceStep, Span } from './predicate.ts';
import { bucketOf, type Thinning, thinOut } from './thin-out.ts';

/**
 * What a profile remembers for the `did` clauses and sequences of the published documents.
 *
 * 1. The newest 48 occurrences are exact; older ones are counted by the hour, and beyond 96 such hours by the day
 *    (UTC), so that a clause never needs more than about 500 entries, whatever is sent.
 * 2. A bucket stands at the start of its hour or day, and is in a window when that instant is.
 * 3. `joinOccurrences` commutes and is associative (sums up to floating point): merges may happen in any order.
 * 4. `total` and `sum` count everything since `since`, also what was dropped from `times`.
 */
export const EXACT_OCCURRENCES = 48;
export const HOUR_BUCKETS = 96;

export interface Occurrences {
  /** Oldest first; a count above 1 is a bucket. */
  readonly times: readonly Occurrence[];
  readonly total: number;
  readonly sum: number;
  /** Nothing is known of the time before; 0: there is nothing that is not known. Epoch milliseconds. */
  readonly since: number;
}

export interface Occurrence {
  readonly at: number;
  readonly count: number;
  readonly sum: number;
}

/** Something that is counted. */
export interface Clause {
  readonly id: string;
  /** The longest window that asks; older occurrences may be dropped. 0: the total is enough. */
  readonly keepMs: number;
}

/** What has to be counted: events of this name for which `where` held when they came. `id`: the same for the same event, filter and summed property. */
export interface DidClause extends Clause {
  readonly event: string;
  readonly where?: Predicate;
  /** The property that is summed. */
  readonly of?: string;
}

const known = new WeakMap<object, DidClause>();

export const didClause = (did: Did): DidClause =>
  knownClause(did, () => makeClause(did.did, did.where, did.sum?.of, keepMs(did.within)));

/** One step of a sequence; the same event and filter are counted once, in a sequence or not. */
export const clauseOf = (step: SequenceStep, within: Sequence['within']): DidClause =>
  knownClause(step, () => makeClause('did' in step ? step.did : step.didNot, step.where, undefined, longestMs(within)));

function knownClause(place: object, make: () => DidClause): DidClause {
  let clause = known.get(place);
  if (clause === undefined) {
    clause = make();
    known.set(place, clause);
  }
  return clause;
}

function makeClause(event: string, where: Predicate | undefined, of: string | undefined, keepMs: number): DidClause {
  return {
    id: digest(canonicalJson({ event, where, sum: of })),
    event,
    ...(where === undefined ? {} : { where }),
    ...(of === undefined ? {} : { of }),
    keepMs,
  };
}

/**
 * The clauses of predicates, or of every predicate in a document, each once, with the longest window that is asked of
 * it. What only looks like a clause (a value named `did`) costs a counter that nobody reads, and no more. A `where`
 * is not searched: it is asked when the event comes, not later.
 */
export const didClauses = (...documents: readonly unknown[]): DidClause[] =>
  collectClauses(documents, (node) =>
    isDid(node)
      ? [didClause(node)]
      : isSequence(node)
        ? node.sequence.map((step) => clauseOf(step, node.within))
        : undefined,
  );

/** What there is of a kind in documents, each once, with the longest window. Nothing below one of them is searched. */
export function collectClauses<C extends Clause>(
  documents: readonly unknown[],
  read: (node: object) => readonly C[] | undefined,
): C[] {
  const found: C[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const clauses = read(node);
    if (clauses === undefined) Object.values(node).forEach(visit);
    else found.push(...clauses);
  };
  documents.forEach(visit);
  return longestOfEach(found);
}

/** 0 keeps no occurrences at all, because the total is enough. */
export function longestOfEach<C extends Clause>(clauses: readonly C[]): C[] {
  const byId = new Map<string, C>();
  for (const clause of clauses) {
    const other = byId.get(clause.id);
    if (other === undefined || other.keepMs < clause.keepMs) byId.set(clause.id, clause);
  }
  return [...byId.values()];
}

const isDid = (node: object): node is Did =>
  typeof (node as Partial<Did>).did === 'string' && 'within' in node && isSpan(node.within);

export function isSpan(within: unknown): within is Span {
  if (typeof within !== 'string') return false;
  return within === 'ever' || within === 'today' || within === 'run' || typeof readDuration(within) === 'object';
}

function isSequence(node: object): node is Sequence {
  const { sequence, within } = node as Partial<Sequence>;
  if (!Array.isArray(sequence) || typeof within !== 'string' || typeof readDuration(within) !== 'object') return false;
  return sequence.every((step: Partial<Record<'did' | 'didNot', unknown>> | null) => {
    const event = step?.did ?? step?.didNot;
    return typeof event === 'string';
  });
}

/** A day is up to 26 hours in one zone, and once was skipped: two days. A run is remembered for a year. */
export function keepMs(span: Span): number {
  if (span === 'ever') return 0;
  if (span === 'today') return 2 * DAY_MS;
  return span === 'run' ? MAX_DURATION_MS : longestMs(span);
}

export const noOccurrences = (since: number): Occurrences => ({ times: [], total: 0, sum: 0, since });

/**
 * One more. `sumValue` is 0 when the event lacks the property or it is no number. What is older than `keepMs` before the newest goes.
 *
 * @param from of the first one: since when it is counted
 */
export function recordOccurrence(
  previous: Occurrences | undefined,
  at: number,
  sumValue: number,
  keepMs: number,
  from = at,
): Occurrences {
  const { times, total, sum, since } = previous ?? noOccurrences(from);
  const added = compact([...times, { at, count: 1, sum: sumValue }]);
  const newest = added.at(-1)!.at;
  return {
    times: keepMs === 0 ? [] : added.filter((entry) => entry.at + keepMs > newest),
    total: total + 1,
    sum: sum + sumValue,
    since,
  };
}

/** All at once, in any order: what recording them one by one comes to, and in less time. */
export function occurrencesOf(found: readonly Occurrence[], keepMs: number, since: number): Occurrences {
  const times = compact(found);
  const newest = times.at(-1)?.at ?? 0;
  return {
    times: keepMs === 0 ? [] : times.filter(({ at }) => at + keepMs > newest),
    total: found.reduce((all, { count }) => all + count, 0),
    sum: found.reduce((all, { sum }) => all + sum, 0),
    since,
  };
}

/**
 * One less, as if what happened at that instant had not been recorded; where it has gone into a bucket, the bucket has
 * one less. What was not recorded is not taken back, as far as that can be told: of what is too old to be kept, only
 * the total knows.
 */
export function takeBackOccurrence(from: Occurrences, at: number): Occurrences {
  const { times, total, since } = from;
  const index = [at, bucketOf(at, HOUR_MS), bucketOf(at, DAY_MS)]
    .map((start) => times.findIndex((one) => one.at === start))
    .find((found) => found >= 0);
  if (index === undefined) {
    const isDropped = at >= since && total > 0 && (times[0]?.at ?? Infinity) > at;
    return isDropped ? { ...from, total: total - 1 } : from;
  }
  const { count, ...rest } = times[index]!;
  const left = count > 1 ? [{ ...rest, count: count - 1 }] : [];
  return { ...from, times: times.toSpliced(index, 1, ...left), total: total - 1 };
}

/** What two profiles saw that turn out to be one person. Complete only since the later of the two. */
export function joinOccurrences(a: Occurrences, b: Occurrences): Occurrences {
  return {
    times: compact([...a.times, ...b.times]),
    total: a.total + b.total,
    sum: a.sum + b.sum,
    since: Math.max(a.since, b.since),
  };
}

const thinning: Thinning = {
  exact: EXACT_OCCURRENCES,
  tiers: [
    { sizeMs: HOUR_MS, keep: HOUR_BUCKETS },
    { sizeMs: DAY_MS, keep: Number.POSITIVE_INFINITY },
  ],
};

function compact(entries: readonly Occurrence[]): Occurrence[] {
  const newestFirst = entries.toSorted((a, b) => b.at - a.at || b.count - a.count || b.sum - a.sum);
  return thinOut(newestFirst, thinning, (bucket, { count, sum }, at) => ({
    at,
    count: (bucket?.count ?? 0) + count,
    sum: (bucket?.sum ?? 0) + sum,
  }));
}
