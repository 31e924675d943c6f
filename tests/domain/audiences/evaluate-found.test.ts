import { describe, expect, it } from 'vitest';
import { evaluateFound } from '../../../shared/domain/audiences/evaluate-found.ts';
import { evaluateOp } from '../../../shared/domain/audiences/evaluate-op.ts';
import { nobody } from '../../../shared/domain/audiences/fitting-values.ts';
import { COARSE_MS, type Found, lasting } from '../../../shared/domain/audiences/found.ts';
import type { Op } from '../../../shared/domain/audiences/predicate.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/kernel/time.ts';
import fc from '../../property.ts';

const NOW = 1_780_000_000_000;
const facts = { ...nobody, now: NOW };
const falling = (value: number, halfLifeMs = DAY_MS): Found => ({ value, validUntil: null, halfLifeMs });

describe('a comparison with a value that time changes', () => {
  it.each<[string, Op, Found, boolean, number | null]>([
    ['a lasting value', { gte: 3 }, lasting(4), true, null],
    ['a value that ends', { gte: 3 }, { value: 4, validUntil: NOW + HOUR_MS }, true, NOW + HOUR_MS],
    ['two half-lives above', { gt: 2 }, falling(8), true, NOW + 2 * DAY_MS],
    ['gte holds at the threshold itself', { gte: 2 }, falling(8), true, NOW + 2 * DAY_MS + 1],
    ['below already', { gt: 9 }, falling(8), false, null],
    ['becomes smaller', { lt: 4 }, falling(8), false, NOW + DAY_MS + 1],
    ['falls into the range', { between: [2, 4] }, falling(8), false, NOW + DAY_MS],
    ['leaves the range', { between: [2, 4] }, falling(3), true, undefined as never],
    ['never reaches 0', { gt: 0 }, falling(8), true, null],
    ['a negative one rises', { lt: -2 }, falling(-8), true, NOW + 2 * DAY_MS],
    ['is there', { exists: true }, falling(8), true, null],
    ['equality is coarse', { is: 5 }, falling(8), false, NOW + COARSE_MS],
    ['nothing decays', { gt: 1 }, falling(0), false, null],
  ])('%s', (_case, op, found, value, validUntil) => {
    const answer = evaluateFound(op, found, facts);
    expect(answer.value).toBe(value);
    if (validUntil !== undefined) expect(answer.validUntil).toBe(validUntil);
  });

  it('is false as soon as an operand that ends has ended', () => {
    const lookup = () => ({ value: 4, validUntil: NOW + 5 });
    expect(evaluateFound({ is: { ref: 'profile.x' } }, lasting(4), { ...facts, lookup })).toEqual({
      value: true,
      validUntil: NOW + 5,
    });
    expect(evaluateFound({ is: { ref: 'profile.x' } }, lasting(4), { ...facts, lookup: () => falling(4) })).toEqual({
      value: true,
      validUntil: NOW + COARSE_MS,
    });
  });

  it('holds until the instant of the crossing, and not at it', () => {
    const number = fc.double({ min: 0.001, max: 1e6, noNaN: true });
    const op = fc.oneof(
      number.map((x): Op => ({ gt: x })),
      number.map((x): Op => ({ lte: x })),
      fc.tuple(number, number).map(([a, b]): Op => ({ between: [Math.min(a, b), Math.max(a, b)] })),
    );
    fc.assert(
      fc.property(number, op, fc.integer({ min: HOUR_MS, max: 400 * DAY_MS }), (value, asked, halfLifeMs) => {
        const { value: now, validUntil } = evaluateFound(asked, falling(value, halfLifeMs), facts);
        const at = (instant: number) => evaluateOp(asked, value * 2 ** (-(instant - NOW) / halfLifeMs), facts).value;
        if (validUntil === null) return;
        expect(at(validUntil)).toBe(!now);
        expect(at(validUntil - 1)).toBe(now);
        expect(at(NOW + Math.floor((validUntil - NOW) / 2))).toBe(now);
      }),
    );
  });
});
