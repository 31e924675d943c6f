import type { CatalogSnapshot, JourneyState, JourneyVersion } from '../../domain/catalog.ts';
import type { KillSwitch } from '../../domain/messaging/kill-switch.ts';
import type { Page, PageRequest } from '../page.ts';

/** What the catalog holds. Every kind has immutable versions and one that is live; journeys also a draft and a state. */
export type DocumentKind = 'journey' | 'template' | 'topic' | 'endpoint' | 'policy';

/** The environment has one policy; it is stored under this id. */
export const POLICY_ID = 'policy';

/** One per document; the only item of a document that changes. */
export interface Head {
  readonly id: string;
  readonly name: string;
  /** Only journeys move through states; everything else is `live` until it is removed. */
  readonly state: JourneyState | 'removed';
  /** Version that is live; absent before the first one and after removal. */
  readonly live?: number;
  /** Highest version that was ever given; 0 before the first. */
  readonly latest: number;
  /** ETag of what a GET without `version` answers: the draft, when there is one, else the live version. */
  readonly etag: string;
  readonly hasDraft: boolean;
  /** Epoch milliseconds. */
  readonly changedAt: number;
  readonly changedBy: string;
}

export interface StoredDocument {
  readonly document: unknown;
  readonly etag: string;
  readonly at: number;
  readonly by: string;
}

export interface StoredVersion extends StoredDocument {
  readonly version: number;
}

/** What the caller believes to be stored; a change of anything else is refused with `Conflict` (precondition-failed). */
export type Expectation = { readonly absent: true } | { readonly etag: string };

/** Who changes something, and when (epoch milliseconds); every change leaves an audit entry. */
export interface Actor {
  readonly by: string;
  readonly at: number;
}

export interface AuditEntry extends Actor {
  /** `journey.published`, `topic.saved`, `switch.set` … */
  readonly what: string;
  readonly subject: string;
  readonly version?: number;
  /** The catalog's epoch after the change; absent for what evaluation does not see. */
  readonly epoch?: number;
}

export interface CatalogStore {
  /** 0 before the first change. Half a read unit, and possibly a moment old: for asking often; `newest` costs a whole one. */
  readEpoch(age?: 'newest'): Promise<number>;
  /** All that is live at exactly one epoch. */
  readSnapshot(): Promise<CatalogSnapshot>;
  /** Those that exist, in no order. */
  readJourneyVersions(wanted: readonly { readonly id: string; readonly version: number }[]): Promise<JourneyVersion[]>;

  readHead(kind: DocumentKind, id: string): Promise<Head | undefined>;
  listHeads(kind: DocumentKind, page: PageRequest): Promise<Page<Head>>;
  readDraft(id: string): Promise<StoredDocument | undefined>;
  readVersion(kind: DocumentKind, id: string, version: number): Promise<StoredVersion | undefined>;
  /** Newest first. */
  listVersions(kind: DocumentKind, id: string, page: PageRequest): Promise<Page<Omit<StoredVersion, 'document'>>>;

  /** The epoch does not grow: nobody is decided by a draft. */
  saveDraft(id: string, name: string, document: unknown, expected: Expectation, actor: Actor): Promise<Head>;
  /** A journey that was never published is gone with its draft. */
  deleteDraft(head: Head, actor: Actor): Promise<void>;
  /** The draft becomes version `latest + 1`, and live. The state becomes `state`. */
  publishDraft(head: Head, document: unknown, state: JourneyState, actor: Actor): Promise<Head>;
  setJourneyState(head: Head, state: JourneyState, actor: Actor): Promise<Head>;
  /** Not for journeys: the document becomes a new version and is live at once. */
  saveLive(
    kind: Exclude<DocumentKind, 'journey'>,
    id: string,
    name: string,
    document: unknown,
    expected: Expectation,
    actor: Actor,
  ): Promise<Head>;
  /** Not live any more; versions stay, for those who are pinned to one. */
  removeLive(kind: Exclude<DocumentKind, 'journey'>, head: Head, actor: Actor): Promise<void>;

  readKillSwitches(): Promise<readonly KillSwitch[]>;
  setKillSwitch(killSwitch: KillSwitch): Promise<void>;
  /** Newest first, of one calendar month (UTC, `2026-11`). */
  listAudit(month: string, page: PageRequest): Promise<Page<AuditEntry>>;
}
