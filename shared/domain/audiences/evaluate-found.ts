import { type Answer, evaluateOp } from './evaluate-op.ts';
import type { Facts } from './facts.ts';
import { COARSE_MS, type Found } from './found.ts';
import type { Op } from './predicate.ts';

/**
 * One comparison with a value that time may change: the answer holds as long as both the value and the comparison do.
 * Of a number that halves every h, v·2^(−t/h) crosses a threshold x of the same sign after t = h·log2(v/x), so no
 * other instant needs a look.
 */
export function evaluateFound(op: Op, found: Found, facts: Facts): Answer {
  const answer = evaluateOp(op, found.value, facts);
  const end = earlier(answer.validUntil, found.validUntil);
  if (found.halfLifeMs === undefined || typeof found.value !== 'number' || found.value === 0) {
    return { value: answer.value, validUntil: end };
  }
  return { value: answer.value, validUntil: earlier(end, changes(op, found.value, found.halfLifeMs, answer, facts)) };
}

function changes(op: Op, value: number, halfLifeMs: number, now: Answer, facts: Facts): number | null {
  if ('exists' in op) return null;
  const limits = thresholds(op);
  if (limits === undefined) return facts.now + COARSE_MS;
  const crossings = limits
    .filter((limit) => limit !== 0 && value / limit >= 1)
    .map((limit) => facts.now + Math.max(0, Math.floor(halfLifeMs * Math.log2(value / limit))))
    .sort((a, b) => a - b);
  for (const crossing of crossings) {
    // The rounding of a logarithm may be a millisecond off on either side.
    for (let at = Math.max(facts.now + 1, crossing - 1); at <= crossing + 2; at += 1) {
      const then = value * 2 ** (-(at - facts.now) / halfLifeMs);
      if (evaluateOp(op, then, facts).value !== now.value) return at;
    }
  }
  return null;
}

/** Undefined: the operator has none. Texts are no thresholds of a number. */
function thresholds(op: Op): number[] | undefined {
  const limits =
    'gt' in op
      ? [op.gt]
      : 'gte' in op
        ? [op.gte]
        : 'lt' in op
          ? [op.lt]
          : 'lte' in op
            ? [op.lte]
            : 'between' in op
              ? op.between
              : undefined;
  return limits?.filter((limit) => typeof limit === 'number');
}

export const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
