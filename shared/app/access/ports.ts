import type { GrantedScope } from './scopes.ts';

export type KeyKind = 'api' | 'ingest';

export interface AccessKey {
  /** The first 16 characters of the hash: names the key, and opens nothing. */
  readonly id: string;
  readonly kind: KeyKind;
  readonly name: string;
  /** Empty for an ingest key: it may write events, and nothing else. */
  readonly scopes: readonly GrantedScope[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly createdBy: string;
  /** Within an hour. */
  readonly lastUsedAt?: number;
}

export interface AccessStore {
  /** By SHA-256 of the whole key, base64url; half a read unit. */
  findKey(hash: string): Promise<AccessKey | undefined>;
  listKeys(): Promise<readonly AccessKey[]>;
  putKey(hash: string, key: AccessKey): Promise<void>;
  /** False when there is none of this id. */
  removeKey(id: string): Promise<boolean>;
  /** Nothing when the key is gone. */
  touchKey(hash: string, at: number): Promise<void>;
}

export interface SavedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What a request found under its Idempotency-Key. */
export type Claim =
  | { readonly state: 'claimed' }
  | { readonly state: 'in-progress' }
  | { readonly state: 'other-request' }
  | { readonly state: 'done'; readonly answer: SavedAnswer };

export interface IdempotencyStore {
  /** @param caller who the key belongs to: two callers may choose the same one. */
  claim(caller: string, key: string, requestHash: string, now: number): Promise<Claim>;
  complete(caller: string, key: string, requestHash: string, answer: SavedAnswer, now: number): Promise<void>;
  /** Nothing was done: the next request may try. */
  release(caller: string, key: string, requestHash: string): Promise<void>;
}
