/**
 * Exponential decay. What happened at t₀ weighs 2^(−(t−t₀)/h) at t, for a half-life h. Every weight falls by the same
 * factor, so the sum Σ xᵢ·2^(tᵢ/h), with time counted from a fixed day, is all that has to be kept, and its value at t is
 * that times 2^(−t/h): the order of the occurrences plays no part, and two sums are joined by adding them. It is kept as
 * its logarithm to base 2, because it grows without end. ("Forward decay": Cormode, Shkapenyuk, Srivastava, Xu, ICDE 2009.)
 * What is dated in the future weighs more than 1 until its time has come.
 */
const EPOCH_MS = Date.UTC(2020, 0, 1);

/** Logarithms have six decimals: a weight is exact to a millionth. */
const rounded = (log: number): number => Math.round(log * 1e6) / 1e6;

/** @param value above 0 */
export const logOf = (value: number, at: number, halfLifeMs: number): number =>
  rounded((at - EPOCH_MS) / halfLifeMs + Math.log2(value));

/** The logarithm of the sum of both. */
export function addLogs(a: number | null | undefined, b: number | null | undefined): number | null {
  if (a === null || a === undefined) return b ?? null;
  if (b === null || b === undefined) return a;
  const [more, less] = a > b ? [a, b] : [b, a];
  return rounded(more + Math.log2(1 + 2 ** (less - more)));
}

/** What it is at `now`. */
export const valueOfLog = (log: number | null | undefined, now: number, halfLifeMs: number): number =>
  log === null || log === undefined ? 0 : 2 ** (log - (now - EPOCH_MS) / halfLifeMs);
