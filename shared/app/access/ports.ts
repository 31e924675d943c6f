import type { Role } from './roles.ts';
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
  /** It opens nothing from then on; absent: it does not end by itself. */
  readonly expiresAt?: number;
  /** Ids of the key that came in its place, and of the one in whose place it came. */
  readonly replacedBy?: string;
  readonly replaces?: string;
  /** Requests, or events of an ingest key, a minute; absent: what the environment says of its kind. */
  readonly perMinute?: number;
}

/** Of somebody of the AWS account, for an hour. */
export interface Session {
  /** The first 16 characters of the hash. */
  readonly id: string;
  /** The ARN that signed the request, with the name of its own session if it took a role. */
  readonly who: string;
  readonly roles: readonly Role[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** What a bearer stands for. */
export interface Credential {
  /** As `who` in the audit log. */
  readonly who: string;
  readonly kind: KeyKind | 'session';
  readonly scopes: readonly GrantedScope[];
  /** Of the key itself. */
  readonly perMinute?: number;
  /** Id of the session, if it is one. */
  readonly session?: string;
}

export interface AccessStore {
  /** Reads consistently: one that was ended is not found again. */
  findSession(hash: string): Promise<Session | undefined>;
  putSession(hash: string, session: Session): Promise<void>;
  /** Also those whose hour is over, until the table has deleted them. */
  listSessions(): Promise<readonly Session[]>;
  /** False when there is none of this id. */
  removeSession(id: string): Promise<boolean>;
  /** By SHA-256 of the whole key, base64url; half a read unit. */
  findKey(hash: string): Promise<AccessKey | undefined>;
  listKeys(): Promise<readonly AccessKey[]>;
  putKey(hash: string, key: AccessKey): Promise<void>;
  /**
   * Puts `next` and lets `before` end, both or neither. Throws Conflict when `before` was replaced or revoked meanwhile.
   * @param endsAt of the one before.
   */
  replaceKey(before: AccessKey, endsAt: number, hash: string, next: AccessKey): Promise<void>;
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
