import { canonicalJson } from '../../kernel/canonical-json.ts';
import { longestMs, MAX_DURATION_MS, readDuration } from '../../kernel/duration.ts';
import { digest } from '../../kernel/ids.ts';
import { DAY_MS, HOUR_MS } from '../../kernel/time.ts';
import type { Did, Predicate, Sequence, SequenceStep, Span } from './predicate.ts';

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
  /** Nothing is known of the time before. */
  readonly since: number;
}

export interface Occurrence {
  readonly at: number;
  readonly count: number;
  readonly sum: number;
}

/** What has to be counted: events of this name for which `where` held when they came. */
export interface DidClause {
  /** The same for the same event, filter and summed property, wherever the clause stands. */
  readonly id: string;
  readonly event: string;
  readonly where?: Predicate;
  /** The property that is summed. */
  readonly of?: string;
  /** The longest window that asks; older occurrences may be dropped. 0: the total is enough. */
  readonly keepMs: number;
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
export function didClauses(...documents: readonly unknown[]): DidClause[] {
  const found = new Map<string, DidClause>();
  const add = (clause: DidClause) => {
    const other = found.get(clause.id);
    if (other === undefined || other.keepMs < clause.keepMs) found.set(clause.id, clause);
  };
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (isDid(node)) add(didClause(node));
    else if (isSequence(node)) for (const step of node.sequence) add(clauseOf(step, node.within));
    else Object.values(node).forEach(visit);
  };
  documents.forEach(visit);
  return [...found.values()];
}

function isDid(node: object): node is Did {
  const { did, within } = node as Partial<Did>;
  if (typeof did !== 'string' || typeof within !== 'string') return false;
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
function keepMs(span: Span): number {
  if (span === 'ever') return 0;
  if (span === 'today') return 2 * DAY_MS;
  return span === 'run' ? MAX_DURATION_MS : longestMs(span);
}

export const noOccurrences = (since: number): Occurrences => ({ times: [], total: 0, sum: 0, since });

/** One more. `sumValue` is 0 when the event lacks the property or it is no number. What is older than `keepMs` before the newest goes. */
export function recordOccurrence(
  previous: Occurrences | undefined,
  at: number,
  sumValue: number,
  keepMs: number,
): Occurrences {
  const { times, total, sum, since } = previous ?? noOccurrences(at);
  const added = compact([...times, { at, count: 1, sum: sumValue }]);
  const newest = added.at(-1)!.at;
  return {
    times: keepMs === 0 ? [] : added.filter((entry) => entry.at + keepMs > newest),
    total: total + 1,
    sum: sum + sumValue,
    since,
  };
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

function compact(entries: readonly Occurrence[]): Occurrence[] {
  const newestFirst = entries.toSorted((a, b) => b.at - a.at || b.count - a.count || b.sum - a.sum);
  const exact = newestFirst.filter(({ count }) => count === 1).slice(0, EXACT_OCCURRENCES);
  const exactOnes = new Set(exact);
  const rest = newestFirst.filter((entry) => !exactOnes.has(entry));
  if (rest.length === 0) return exact.reverse();
  const hours = inBuckets(rest, HOUR_MS);
  const days = inBuckets(hours.slice(HOUR_BUCKETS), DAY_MS);
  return [...exact, ...hours.slice(0, HOUR_BUCKETS), ...days].sort((a, b) => a.at - b.at || a.count - b.count);
}

/** Newest first in, newest first out. */
function inBuckets(entries: readonly Occurrence[], size: number): Occurrence[] {
  const buckets = new Map<number, Occurrence>();
  for (const { at, count, sum } of entries) {
    const start = Math.floor(at / size) * size;
    const bucket = buckets.get(start);
    buckets.set(start, { at: start, count: (bucket?.count ?? 0) + count, sum: (bucket?.sum ?? 0) + sum });
  }
  return [...buckets.values()];
}
