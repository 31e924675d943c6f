import type { BundleSize } from './bundle-size.ts';

/** A function may grow by so much before somebody has to say that it is worth it. */
export const ROOM = 0.05;

export type BundleSizes = Readonly<Record<string, BundleSize>>;

export interface Verdict {
  readonly name: string;
  readonly what: keyof BundleSize;
  readonly bytes: number | undefined;
  readonly limit: number | undefined;
  /** Absent: within its limit. */
  readonly problem?: string;
}

const parts = ['start', 'package'] as const satisfies readonly (keyof BundleSize)[];

/** Each function's sizes beside what was agreed. One that nobody has agreed on is a problem, and so is a line without a function. */
export function judgeSizes(measured: BundleSizes, agreed: BundleSizes): Verdict[] {
  const names = [...new Set([...Object.keys(agreed), ...Object.keys(measured)])].sort();
  return names.flatMap((name) =>
    parts.map((what): Verdict => {
      const bytes = measured[name]?.[what];
      const limit = agreed[name] && Math.floor(agreed[name][what] * (1 + ROOM));
      const problem =
        limit === undefined
          ? 'has no line'
          : bytes === undefined
            ? 'is no function any more'
            : bytes > limit
              ? `is ${bytes - limit} bytes above its limit`
              : undefined;
      return { name, what, bytes, limit, ...(problem !== undefined && { problem }) };
    }),
  );
}
