import type { Erased } from '../../domain/profiles/profile.ts';
import type { ProfileKey } from '../../kernel/ids.ts';

/** Whose remains: everything under this key that was there before an incarnation. */
export interface Erasing {
  readonly key: ProfileKey;
  /** The first one that stays. */
  readonly inc: number;
  readonly at: Erased['at'];
  /** Since when there is somebody again. */
  readonly recreatedAt?: number;
  /** Under which suppressions of its addresses stand. */
  readonly addresses: readonly { readonly channel: string; readonly hashes: readonly string[] }[];
  /** Suppressions stay without what leads to the address. */
  readonly salts?: true;
  /** It is the actor of an identity or of a device, which somebody held: only what is about this customer … */
  readonly heldBy?: readonly ProfileKey[];
  /** … or all, because nobody else has it. */
  readonly isFree?: boolean;
}

/** One item that has to go: for the certificate a hash of its key, and nothing that was in it. */
export interface Remnant {
  /** Of the list of stored kinds. */
  readonly kind: string;
  readonly hash: string;
}

/** What of a customer lies outside of profiles. */
export interface Remains {
  /** What is there; some pages of it, when it is much. */
  list(of: Erasing): AsyncIterable<readonly Remnant[]>;
  /** Deletes it, and answers how many items it was; any number of times. */
  remove(of: Erasing): Promise<number>;
}
