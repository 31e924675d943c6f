import { Transient } from '../kernel/errors.ts';

/**
 * What all customers of a journey share (its limits) no single actor can decide. It is a counter that only grows: of
 * entries, of money, of time given out. A permit is a piece of it that belongs to one decision alone.
 *
 * 1. Pieces never overlap, and none ends beyond the ceiling that it was asked with: so a limit is never exceeded.
 * 2. A permit that was not used may be lost: then less is given out than could be.
 */
export interface Counter {
  readonly journey: string;
  /** `entries#total`, `entries#2026-11-25`, `pace`, `budget#EUR#2026-11-25` … */
  readonly name: string;
  /** Nobody asks for it after this instant; absent: for ever. */
  readonly over?: number;
}

/** A wish for the next `step` of a counter that begins at `floor` or later and ends at `ceiling` at the latest. */
export interface Need {
  readonly counter: Counter;
  readonly step: number;
  readonly floor: number;
  readonly ceiling: number;
  /** How many steps one lease may hold at most. */
  readonly most: number;
}

/** `[at, at + step)` of the counter; of `none`, `at` is where the counter stands, so that nothing is left below the ceiling. */
export interface Permit {
  readonly counter: Counter;
  readonly step: number;
  readonly at: number;
  readonly none?: true;
}

/** A decision needs a permit that it was not given: get it, then decide again with it. */
export class PermitMiss extends Transient {
  readonly need: Need;

  constructor(need: Need) {
    super('permit.missing', `a permit of ${counterKey(need.counter)} is needed`);
    this.need = need;
  }
}

export const counterKey = ({ journey, name }: Counter): string => `${journey} ${name}`;

/** Where the next piece begins, if the counter stands at `position`. */
export const nextAt = (position: number, { floor }: Pick<Need, 'floor'>): number => Math.max(position, floor);

export const isBeyond = (at: number, { step, ceiling }: Pick<Need, 'step' | 'ceiling'>): boolean => at + step > ceiling;

/** Whether this permit answers the need. */
export const answers = ({ counter, step, at, none }: Permit, need: Need): boolean =>
  step === need.step &&
  counterKey(counter) === counterKey(need.counter) &&
  isBeyond(none ? nextAt(at, need) : at, need) === (none === true);
