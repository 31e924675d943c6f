import { createHash } from 'node:crypto';

/**
 * Chance that does not depend on the order of arrival: a throw is a hash of the seed, of what it is about, and of how
 * often it has been about that. So one seed does the same to the same call, as far as the same calls come.
 */
export class Dice {
  readonly #seed: string;
  readonly #thrown = new Map<string, number>();

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** In [0, 1); another one each time that the same is asked. */
  throwFor(what: string): number {
    const times = this.#thrown.get(what) ?? 0;
    this.#thrown.set(what, times + 1);
    return this.at(`${what} ${times}`);
  }

  /** In [0, 1); always the same. */
  at(what: string): number {
    return createHash('sha256').update(`${this.#seed} ${what}`).digest().readUIntBE(0, 6) / 2 ** 48;
  }
}

/** So short that millions of them are kept. */
export const shortly = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);
