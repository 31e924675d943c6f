import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Something that a process may load; without a file it loads nothing. */
export interface Start {
  readonly file?: string;
  readonly environment: Readonly<Record<string, string>>;
}

const load = join(import.meta.dirname, 'load.mjs');

/**
 * CPU in µs, user and system, of all threads, from the beginning of a process until it has loaded: the median of
 * processes that take turns, so that what else the machine does meets all alike. Nothing compiled is kept between them.
 */
export function measureStarts<Name extends string>(
  starts: Readonly<Record<Name, Start>>,
  rounds: number,
): Record<Name, number> {
  const named = Object.entries<Start>(starts) as [Name, Start][];
  const measured = new Map(named.map(([name]): [Name, number[]] => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, { file, environment }] of named) {
      const args = file === undefined ? [load] : [load, file];
      measured.get(name)!.push(Number(execFileSync(process.execPath, args, { env: { ...environment } })));
    }
  }
  return Object.fromEntries([...measured].map(([name, all]) => [name, median(all)])) as Record<Name, number>;
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
