import type { Json } from '../../kernel/canonical-json.ts';
import { parseCalendarDay, parseClientInstant } from '../../kernel/time.ts';
import { atLocal } from '../../kernel/zone.ts';
import { evaluateOp } from './evaluate-op.ts';
import type { Facts } from './facts.ts';
import { missing } from './found.ts';
import type { Comparison, Op, Scalar } from './predicate.ts';

/**
 * Whether one value can make comparisons of it true, or false, as each is wanted. The comparisons divide all values into
 * kinds that they cannot tell apart: each scalar that is named, the stretches between the numbers and between the
 * instants that are named, any other text, lists, objects, nothing. One candidate stands for each kind, so that none is
 * forgotten. What depends on more than the value (the clock, the zone, another ref, a part of a text) counts as either.
 */
export function someValueFits(
  statements: readonly { readonly predicate: Comparison; readonly holds: boolean }[],
): boolean {
  const ops = statements.map(({ predicate }): Op => predicate);
  return candidatesFor(ops).some((candidate) =>
    statements.every(({ predicate, holds }) => (outcome(predicate, candidate) ?? holds) === holds),
  );
}

interface Candidate {
  readonly value: Json | undefined;
  /** Stands for every other text, list or object, and not for this value alone. */
  readonly isAny?: true;
  /** A text that is this instant; 'unknown': it may be any or none. */
  readonly instant?: number | 'unknown';
}

/** True or false for all that the candidate stands for; undefined: either. */
function outcome(op: Op, { value, isAny, instant }: Candidate): boolean | undefined {
  if (refersTo(op)) return value === undefined ? false : undefined;
  if ('near' in op || 'inside' in op) return undefined;
  if ('withinLast' in op || 'withinNext' in op) return mayBeInstant() ? undefined : false;
  const limits = limitsOf(op);
  if (limits.some((limit) => typeof limit === 'string')) {
    const at = limits.map((limit) => (typeof limit === 'string' ? instantOf(limit) : undefined));
    if (at.includes(undefined) || !mayBeInstant()) return false;
    if (typeof instant !== 'number') return undefined;
    return evaluateOp(withLimits(op, at as number[]), instant, nobody).value;
  }
  if (isAny && ('contains' in op || 'startsWith' in op || 'endsWith' in op)) {
    const isPartOfText = !('contains' in op) || typeof op.contains === 'string';
    if (typeof value === 'string' ? isPartOfText : Array.isArray(value) && 'contains' in op) return undefined;
  }
  return evaluateOp(op, value, nobody).value;

  function mayBeInstant(): boolean {
    return instant !== undefined || (!isAny && typeof value === 'string' && instantOf(value) !== undefined);
  }
}

function candidatesFor(ops: readonly Op[]): Candidate[] {
  const texts = ops.flatMap(scalarsOf).filter((scalar) => typeof scalar === 'string');
  const other = '~'.repeat(1 + Math.max(0, ...texts.map(({ length }) => length)));
  const limits = ops.flatMap(limitsOf).filter((limit) => typeof limit === 'string' && instantOf(limit) !== undefined);
  const days = limits.filter((limit) => parseCalendarDay(limit as string) !== undefined).length;
  // Where a day begins among instants depends on the zone; days among days, and instants among instants, do not.
  const isOrdered = days === 0 || days === limits.length;
  const instants = between(limits.map((limit) => instantOf(limit as string)!));
  return [
    ...[undefined, null, true, false, ...texts, ...regionsOf(ops)].map((value) => ({ value })),
    { value: other, isAny: true },
    ...(isOrdered ? instants : (['unknown'] as const)).map(
      (instant): Candidate => ({ value: other, isAny: true, instant }),
    ),
    { value: [], isAny: true },
    { value: {}, isAny: true },
  ];
}

/** One number for each stretch that the comparisons divide all numbers into. */
export function regionsOf(ops: readonly Op[]): number[] {
  const named = ops.flatMap((op) => [...scalarsOf(op), ...limitsOf(op)]).filter((one) => typeof one === 'number');
  return between(named);
}

function between(numbers: readonly number[]): number[] {
  const sorted = [...new Set([-Number.MAX_VALUE, ...numbers, Number.MAX_VALUE])].sort((a, b) => a - b);
  return sorted.flatMap((number, i) => (i === 0 ? [number] : [sorted[i - 1]! / 2 + number / 2, number]));
}

/** Compares with another ref. */
export const refersTo = (op: Op): boolean =>
  Object.values(op).some((operand) => typeof operand === 'object' && operand !== null && 'ref' in operand);

function scalarsOf(op: Op): readonly Scalar[] {
  if ('is' in op) return isScalar(op.is) ? [op.is] : [];
  if ('isNot' in op) return isScalar(op.isNot) ? [op.isNot] : [];
  if ('in' in op) return Array.isArray(op.in) ? op.in : [];
  return 'notIn' in op ? op.notIn : [];
}

const isScalar = (operand: Scalar | { readonly ref: string }): operand is Scalar =>
  typeof operand !== 'object' || operand === null;

function limitsOf(op: Op): readonly (number | string)[] {
  if ('gt' in op) return [op.gt];
  if ('gte' in op) return [op.gte];
  if ('lt' in op) return [op.lt];
  if ('lte' in op) return [op.lte];
  return 'between' in op ? op.between : [];
}

function withLimits(op: Op, [first, second]: readonly number[]): Op {
  if ('gt' in op) return { gt: first! };
  if ('gte' in op) return { gte: first! };
  if ('lt' in op) return { lt: first! };
  return 'lte' in op ? { lte: first! } : { between: [first!, second!] };
}

function instantOf(text: string): number | undefined {
  const day = parseCalendarDay(text);
  return day === undefined ? parseClientInstant(text) : atLocal(day, '00:00', 'UTC');
}

/** Of whom nothing is known. */
export const nobody: Facts = {
  now: 0,
  zone: 'UTC',
  enteredAt: 0,
  lookup: () => missing,
  occurrences: () => undefined,
  journey: () => ({ inside: false, everEntered: false, ends: [] }),
  geofence: () => undefined,
  segment: () => undefined,
  consent: () => 'none',
};
