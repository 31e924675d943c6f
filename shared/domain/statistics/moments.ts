/**
 * How many numbers there are, their mean, and the sum of squares of their distances from it.
 *
 * One number after the other by Welford (1962), two heaps by Chan, Golub and LeVeque ("Updating formulae and a pairwise
 * algorithm for computing sample variances", 1979):
 *
 *     δ = mean_b − mean_a    mean = mean_a + δ · n_b / n    m2 = m2_a + m2_b + δ² · n_a · n_b / n
 *
 * Sums of x and x² would lose the variance of what lies far from zero, such as instants.
 */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly m2: number;
}

export function addMoments(a: Moments, b: Moments): Moments {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const delta = b.mean - a.mean;
  return { n, mean: a.mean + (delta * b.n) / n, m2: a.m2 + b.m2 + (delta * delta * a.n * b.n) / n };
}

/** Of all of them, not of a sample: the job has seen the whole base. */
export const deviationOf = ({ n, m2 }: Moments): number => (n === 0 ? 0 : Math.sqrt(m2 / n));
