import type { Json } from '../../kernel/canonical-json.ts';
import { jsonType } from '../../kernel/json-type.ts';
import { parseCalendarDay, parseClientInstant } from '../../kernel/time.ts';
import { addDuration, atLocal } from '../../kernel/zone.ts';
import type { Facts } from './facts.ts';
import { COARSE_MS, lasting } from './found.ts';
import { isInCircle, isInside, pointOf } from './point.ts';
import type { Op, Scalar } from './predicate.ts';

export interface Answer {
  readonly value: boolean;
  /** The next instant at which time alone can change the value; null when never. */
  readonly validUntil: number | null;
}

const forever = (value: boolean): Answer => ({ value, validUntil: null });

/**
 * One comparison. A missing value (undefined or null), or one of another type than the operand, makes every
 * comparison false, `isNot` and `notIn` too; there is no third truth value. Only `exists` and `null` as an operand
 * look at missing values themselves.
 */
export function evaluateOp(op: Op, value: Json | undefined, facts: Facts): Answer {
  if ('is' in op) {
    const other = operand(op.is, facts);
    return { value: value !== undefined && value === other.value, validUntil: other.validUntil };
  }
  if ('isNot' in op) {
    const other = operand(op.isNot, facts);
    return { value: differs(value, other.value), validUntil: other.validUntil };
  }
  if ('in' in op) {
    const { value: list, validUntil } = Array.isArray(op.in) ? lasting(op.in) : facts.lookup((op.in as Ref).ref);
    const isThere = value !== undefined && isScalar(value) && Array.isArray(list) && list.includes(value);
    return { value: isThere, validUntil };
  }
  if ('notIn' in op) {
    const sameType = op.notIn.some((entry) => jsonType(entry) === jsonType(value));
    return forever(isPresent(value) && sameType && !op.notIn.includes(value as Scalar));
  }
  if ('gt' in op) return forever(compare(value, op.gt, facts, (d) => d > 0));
  if ('gte' in op) return forever(compare(value, op.gte, facts, (d) => d >= 0));
  if ('lt' in op) return forever(compare(value, op.lt, facts, (d) => d < 0));
  if ('lte' in op) return forever(compare(value, op.lte, facts, (d) => d <= 0));
  if ('between' in op) {
    const [low, high] = op.between;
    return forever(compare(value, low, facts, (d) => d >= 0) && compare(value, high, facts, (d) => d <= 0));
  }
  if ('exists' in op) return forever(isPresent(value) === op.exists);
  if ('contains' in op) return forever(contains(value, op.contains));
  if ('startsWith' in op) return forever(typeof value === 'string' && value.startsWith(op.startsWith));
  if ('endsWith' in op) return forever(typeof value === 'string' && value.endsWith(op.endsWith));
  if ('withinLast' in op) {
    const at = instantOf(value, facts);
    return at === undefined ? forever(false) : during(at, addDuration(at, op.withinLast, facts.zone), facts.now);
  }
  if ('withinNext' in op) {
    const at = instantOf(value, facts);
    return at === undefined ? forever(false) : during(addDuration(at, `-${op.withinNext}`, facts.zone), at, facts.now);
  }
  const point = pointOf(value);
  if (point === undefined) return forever(false);
  if ('near' in op) return forever(isInCircle(point, op.near));
  const fence = facts.geofence(op.inside);
  return forever(fence !== undefined && isInside(point, fence));
}

/**
 * `withinLast D` holds from the value's instant until D later, `withinNext D` from D before until the instant; the
 * start is included, the end is not. Adding D to the value, rather than taking it from now, keeps windows of days
 * exact when clocks change: each value has one interval, so `validUntil` is its end and nothing flips twice.
 */
export function during(from: number, until: number, now: number): Answer {
  if (now < from) return { value: false, validUntil: from < until ? from : null };
  return now < until ? { value: true, validUntil: until } : forever(false);
}

/** A date alone is the start of that day in the customer's zone. Numbers are no instants: seconds or milliseconds? */
export function instantOf(value: Json | undefined, facts: Facts): number | undefined {
  if (typeof value !== 'string') return undefined;
  const day = parseCalendarDay(value);
  return day === undefined ? parseClientInstant(value) : atLocal(day, '00:00', facts.zone);
}

type Ref = { readonly ref: string };

function operand(
  of: Scalar | Ref,
  facts: Facts,
): { readonly value: Scalar | undefined; readonly validUntil: number | null } {
  if (typeof of !== 'object' || of === null) return { value: of, validUntil: null };
  const { value, validUntil, halfLifeMs } = facts.lookup(of.ref);
  return {
    value: value !== undefined && isScalar(value) ? value : undefined,
    validUntil: halfLifeMs === undefined ? validUntil : facts.now + COARSE_MS,
  };
}

function differs(value: Json | undefined, other: Scalar | undefined): boolean {
  if (!isPresent(value) || other === undefined) return false;
  return other === null || (jsonType(value) === jsonType(other) && value !== other);
}

/** Numbers with numbers; texts only when both are instants: the order of other texts is nobody's intention. */
function compare(
  value: Json | undefined,
  limit: number | string,
  facts: Facts,
  holds: (difference: number) => boolean,
): boolean {
  if (typeof value === 'number' && typeof limit === 'number') return holds(value - limit);
  if (typeof limit !== 'string') return false;
  const [at, limitAt] = [instantOf(value, facts), instantOf(limit, facts)];
  return at !== undefined && limitAt !== undefined && holds(at - limitAt);
}

function contains(value: Json | undefined, wanted: Scalar): boolean {
  if (typeof value === 'string') return typeof wanted === 'string' && value.includes(wanted);
  return Array.isArray(value) && value.includes(wanted);
}

const isPresent = (value: Json | undefined): value is Exclude<Json, null> => value !== undefined && value !== null;
const isScalar = (value: Json): value is Scalar => typeof value !== 'object' || value === null;
