import { createHash, randomUUID } from 'node:crypto';

/** A source of ids and chance: repeatable when a seed is given, random when not. */
export interface Ids {
  uuid(): string;
  /** In [0, 1). */
  chance(): number;
}

/** `salt` keeps the ids of a second start on the same data apart from those of the first. */
export function makeIds(seed: number | undefined, salt: string): Ids {
  if (seed === undefined) return { uuid: () => randomUUID(), chance: Math.random };
  let count = 0;
  const next = (): string => createHash('sha1').update(`${seed}|${salt}|${count++}`).digest('hex');
  return {
    uuid() {
      const hex = next();
      const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    },
    chance: () => Number.parseInt(next().slice(0, 12), 16) / 2 ** 48,
  };
}
