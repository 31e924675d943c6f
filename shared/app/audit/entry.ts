import type { Page } from '../page.ts';

/** Of a document: the hash is its ETag, which is made of the content alone. */
export interface DocumentState {
  readonly etag: string;
  /** Of a journey. */
  readonly version?: string;
  readonly state?: string;
}

/** One place that differs. Values are JSON, cut short; addresses and values of headers are never in them. */
export interface Change {
  /** JSON pointer. */
  readonly pointer: string;
  readonly before?: string;
  readonly after?: string;
}

/** What is known before a change is tried. */
export interface AuditIntent {
  /** Of the request. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** `key:<id>`, the ARN of a session's principal, or `operator`. */
  readonly who: string;
  readonly method: string;
  /** The pattern: `/v1/journeys/{id}/publish`. */
  readonly route: string;
  /** The path; ids of customers are hashed (`resource.ts`). */
  readonly resource: string;
  /** Of a request about one customer: names of what it said, no values. */
  readonly fields?: readonly string[];
  /** null: there was none. Absent: it is not about a document. */
  readonly before?: DocumentState | null;
}

export interface AuditOutcome {
  readonly status: number;
  /** Of a refusal. */
  readonly code?: string;
  /** null: there is none any more. */
  readonly after?: DocumentState | null;
  readonly changes?: readonly Change[];
  /** Places that differ beyond those in `changes`. */
  readonly moreChanges?: number;
  /** What the route says of it: the id of a new key, why a suppression had been there. */
  readonly noted?: Readonly<Record<string, string>>;
}

/** Without outcome: nobody knows whether the change was made. */
export interface AuditEntry extends AuditIntent {
  readonly outcome?: AuditOutcome;
}

export interface AuditQuery {
  /** Epoch milliseconds, both included. */
  readonly from: number;
  readonly to: number;
  readonly who?: string;
  /** It or what begins with it. */
  readonly resource?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Nobody can change or delete what was written: a store has no method for it, and the role no right. */
export interface AuditStore {
  /** Before the change. Throws when there is such an entry already. */
  intend(intent: AuditIntent): Promise<void>;
  /** Once. */
  conclude(intent: AuditIntent, outcome: AuditOutcome): Promise<void>;
  /** Newest first. A page may be short, or empty, and have a next one. */
  list(query: AuditQuery): Promise<Page<AuditEntry>>;
}
