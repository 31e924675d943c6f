import type { Json } from '../../kernel/canonical-json.ts';
import { formatInstant } from '../../kernel/time.ts';
import { isInWindows, nextWindowOpening, windowCloses } from '../../kernel/windows.ts';
import { addDuration } from '../../kernel/zone.ts';
import { FINISHED, type JourneyHistory } from '../profiles/journey-history.ts';
import { didClause } from './did-clauses.ts';
import { evaluateDid } from './evaluate-did.ts';
import { evaluateFound } from './evaluate-found.ts';
import type { Answer } from './evaluate-op.ts';
import { evaluateSequence } from './evaluate-sequence.ts';
import type { Facts } from './facts.ts';
import { messageClause } from './message-clauses.ts';
import type { InJourney, InSegment, Predicate } from './predicate.ts';
import { printPredicate } from './print-predicate.ts';

/**
 * 1. The value stays the same on [now, validUntil) as long as nothing new is learned; null: for ever.
 * 2. Two values, never three: what is missing or wrongly typed makes the comparison false, and `not` of it true.
 * 3. `because` has one entry for each comparison that was made, in the order they are written; of a segment, what was
 *    compared for it comes behind it.
 */
export interface Evaluation extends Answer {
  readonly because: readonly Because[];
  /** Some count reaches further back than what is known of the customer: complete only since then. */
  readonly completeSince?: number;
}

export interface Because {
  /** The comparison in text. */
  readonly part: string;
  readonly value: boolean;
  /** A scalar as JSON (cut after 64 characters), the type and size of anything larger, or a count. */
  readonly saw?: string;
}

const texts = new WeakMap<Predicate, string>();

export function evaluatePredicate(p: Predicate, facts: Facts): Evaluation {
  const because: Because[] = [];
  let completeSince: number | undefined;

  const leaf = (part: Predicate, { value, validUntil }: Answer, saw?: string): Answer => {
    because.push({ part: textOf(part), value, ...(saw === undefined ? {} : { saw }) });
    return { value, validUntil };
  };
  const visit = (part: Predicate): Answer => {
    if ('all' in part) return combine(part.all.map(visit), true);
    if ('any' in part) return combine(part.any.map(visit), false);
    if ('not' in part) {
      const { value, validUntil } = visit(part.not);
      return { value: !value, validUntil };
    }
    if ('ref' in part) {
      const found = facts.lookup(part.ref);
      completeSince = latest(completeSince, found.completeSince);
      return leaf(part, evaluateFound(part, found, facts), show(found.value));
    }
    if ('did' in part || 'message' in part || 'sequence' in part) {
      const answer =
        'sequence' in part
          ? evaluateSequence(part, facts)
          : evaluateDid(part, 'did' in part ? didClause(part) : messageClause(part), facts);
      completeSince = latest(completeSince, answer.completeSince);
      return leaf(part, answer, answer.saw);
    }
    if ('consent' in part) {
      const state = facts.consent(part.consent.channel, part.consent.topic);
      return leaf(part, { value: state === part.is, validUntil: null }, state);
    }
    if ('journey' in part) {
      const history = facts.journey(part.journey);
      return leaf(part, { value: isInJourney(part, history), validUntil: null }, saidOf(history));
    }
    if ('segment' in part) {
      const found = facts.segment(part.segment);
      if (found === undefined) return leaf(part, { value: false, validUntil: null }, 'no such segment');
      completeSince = latest(completeSince, found.completeSince);
      const since = part.since === undefined ? undefined : (facts.memberSince?.(part.segment) ?? null);
      const answer = leaf(part, membership(part, found, since, facts), saidSince(since));
      because.push(...found.because);
      return answer;
    }
    return leaf(part, clock(part.windows, facts));
  };

  const { value, validUntil } = visit(p);
  return { value, validUntil, because, ...(completeSince === undefined ? {} : { completeSince }) };
}

/**
 * `all` is false as long as one of its false parts is, so until the last of them can change; it is true until the
 * first of its parts can change. `any` is the same with true and false exchanged.
 */
function combine(answers: readonly Answer[], all: boolean): Answer {
  const deciding = answers.filter(({ value }) => value !== all);
  if (deciding.length > 0) {
    const ends = deciding.map(({ validUntil }) => validUntil ?? Number.POSITIVE_INFINITY);
    return { value: !all, validUntil: finite(Math.max(...ends)) };
  }
  const ends = answers.map(({ validUntil }) => validUntil ?? Number.POSITIVE_INFINITY);
  return { value: all, validUntil: finite(Math.min(...ends)) };
}

const finite = (instant: number): number | null => (Number.isFinite(instant) ? instant : null);

/** 'exited': by a rule, an exit step or a command, so not by coming to the end; with a reason, by that one. */
function isInJourney({ is, reason }: InJourney, { inside, everEntered, ends }: JourneyHistory): boolean {
  switch (is) {
    case 'inside':
      return inside;
    case 'never-entered':
      return !everEntered;
    case 'finished':
      return ends.includes(FINISHED);
    case 'exited':
      return ends.some((end) => (reason === undefined ? end !== FINISHED : end === reason));
  }
}

function saidOf({ inside, everEntered, ends }: JourneyHistory): string {
  if (!everEntered) return 'never entered';
  return [...(inside ? ['inside'] : []), ...ends].slice(0, 4).join(', ') || 'entered';
}

/** @param since undefined: not asked; null: not remembered, so it does not hold. */
function membership(
  { is, since: asked }: InSegment,
  found: Answer,
  since: number | null | undefined,
  facts: Facts,
): Answer {
  if (asked === undefined || since === undefined) {
    return { value: found.value === (is === 'member'), validUntil: found.validUntil };
  }
  if (!found.value || since === null || is !== 'member') return { value: false, validUntil: found.validUntil };
  const from = addDuration(since, asked.atLeast, facts.zone);
  if (facts.now >= from) return { value: true, validUntil: found.validUntil };
  return { value: false, validUntil: finite(Math.min(from, found.validUntil ?? Number.POSITIVE_INFINITY)) };
}

const saidSince = (since: number | null | undefined): string | undefined =>
  since === undefined ? undefined : since === null ? 'not a member' : `since ${formatInstant(since)}`;

function clock(windows: Parameters<typeof isInWindows>[1], { now, zone }: Facts): Answer {
  return isInWindows(now, windows, zone)
    ? { value: true, validUntil: windowCloses(now, windows, zone) }
    : { value: false, validUntil: nextWindowOpening(now, windows, zone) ?? null };
}

const latest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.max(a, b);

function textOf(part: Predicate): string {
  let text = texts.get(part);
  if (text === undefined) {
    text = printPredicate(part);
    texts.set(part, text);
  }
  return text;
}

function show(value: Json | undefined): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'object';
  const text = JSON.stringify(value);
  return text.length <= 64 ? text : `${text.slice(0, 64)}… (${(value as string).length} characters)`;
}
