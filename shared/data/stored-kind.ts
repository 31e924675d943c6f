import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { files, tables } from '../resources.ts';

export type StoredTable = keyof typeof tables;
export type StoredItem = Readonly<Record<string, AttributeValue>>;

/**
 * What erasing a customer does to such items:
 *
 * - `none`: they say nothing of a customer.
 * - `erase`: they go.
 * - `anonymise`: they stay without the customer, because others are in them too.
 * - `retain`: they stay as they are, for the reason given.
 */
export type PersonalData = 'erase' | 'anonymise' | { readonly retain: string };

/** The key of an item under which it must be written down; anchored by whoever writes it. */
export interface KeyShape {
  readonly partition: RegExp;
  readonly sort?: RegExp;
}

/** How the items of one customer are found, of which the profile, its aliases, identities and addresses are known. */
export type Found =
  /** Their partition is the key of one of the customer's profiles. */
  | { readonly by: 'profile' }
  /** Their partition is the key of one of the customer's identities. */
  | { readonly by: 'identity' }
  /** Their partition is a channel and the hash of one of the customer's addresses. */
  | { readonly by: 'address' }
  /** An item of another kind leads to them, which is in the same table. */
  | { readonly by: 'item'; readonly of: string; keysIn(item: StoredItem): readonly StoredItem[] }
  /** Why they cannot be. */
  | { readonly not: string };

/** Where the time comes from after which an item is deleted. */
export type Kept =
  /** No TTL. */
  | 'until deleted'
  /** TTL, in words. */
  | { readonly for: string }
  /** A TTL that some have, in words. */
  | { readonly atMost: string };

interface Declared {
  /** One word for each kind of item, kebab-case. */
  readonly kind: string;
  /** What it is, for docs/data-map.md. */
  readonly what: string;
  readonly kept: Kept;
}

type Labelled =
  | { readonly personalData: 'none' }
  | { readonly personalData: PersonalData /** Of one customer. */; readonly found: Found };

/** One kind of item: declared beside its codec, so that whoever stores something new says what becomes of it. */
export type StoredKind = Declared &
  Labelled & {
    readonly table: StoredTable;
    readonly key: KeyShape;
    /** Where the key does not tell it from another kind. */
    readonly is?: (item: StoredItem) => boolean;
  };

/** What lies in a folder of the bucket. */
export type StoredFile = Declared & Labelled & { readonly folder: Exclude<keyof typeof files, 'keptDays'> };

/** Of profiles and identities, and of test runs. */
export const PROFILE_KEY = /^[ua][\w-]{22}$/;
export const TEST_KEY = /^t[\w-]{22}$/;
