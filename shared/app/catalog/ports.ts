import type { CatalogSnapshot, JourneyState, JourneyVersion } from '../../domain/catalog.ts';
import type { Finding } from '../../domain/journeys/lint/finding.ts';
import type { StepChange, VersionChanges } from '../../domain/journeys/plans/compare-versions.ts';
import type { AppliedPlan, Choice, Moves } from '../../domain/journeys/plans/moves.ts';
import type { KillSwitch } from '../../domain/messaging/kill-switch.ts';
import type { Page, PageRequest } from '../page.ts';

/** What the catalog holds. Every kind has immutable versions and one that is live; journeys also a draft and a state. */
export type DocumentKind =
  | 'journey'
  | 'template'
  | 'block'
  | 'collection'
  | 'topic'
  | 'endpoint'
  | 'segment'
  | 'computed-trait'
  | 'policy'
  | 'statistics';

/**
 * Decisions go by these, so a change of one is a new epoch of the catalog. Blocks and collections are only read when
 * templates and items are saved.
 */
export const isDecidedBy = (kind: DocumentKind): boolean => kind !== 'block' && kind !== 'collection';

/** The environment has one policy; it is stored under this id. */
export const POLICY_ID = 'policy';
/** And one document of statistics, which a job makes every night. */
export const STATISTICS_ID = 'base';

/** One per document; the only item of a document that changes. */
export interface Head {
  readonly id: string;
  readonly name: string;
  /** Only journeys move through states; everything else is `live` until it is removed. */
  readonly state: JourneyState | 'removed';
  /** Version that is live; absent before the first one and after removal. */
  readonly live?: number;
  /** The version that is live is a dry run. */
  readonly dryRun?: true;
  /** Highest version that was ever given; 0 before the first. */
  readonly latest: number;
  /** ETag of what a GET without `version` answers: the draft, when there is one, else the live version. */
  readonly etag: string;
  readonly hasDraft: boolean;
  /** Of a journey that went on after a pause without what was due until then; epoch milliseconds. */
  readonly overdueUntil?: number;
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
  /** Of a journey: it was published as a dry run. */
  readonly dryRun?: true;
}

/** What would happen to people in flight if a draft were published; by whom and when it was made. */
export interface StoredPlan extends Actor {
  /** `<journey>.<digest>` */
  readonly id: string;
  readonly journey: string;
  readonly draftEtag: string;
  /** That the draft would become. */
  readonly version: number;
  readonly moves: Moves;
  /** No finding is an error. */
  readonly publishable: boolean;
  readonly findings: readonly Finding[];
  /** Older versions with people inside, newest first. */
  readonly from: readonly PlannedVersion[];
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  /** When it was; then it does not expire. */
  readonly applied?: number;
}

export interface PlannedVersion {
  readonly version: number;
  /** By live counters. */
  readonly inside: number;
  readonly journey: VersionChanges['journey'];
  /** `inside` and `choice` of every step that people may stand at. */
  readonly steps: readonly (StepChange & { readonly inside?: number; readonly choice?: Choice })[];
}

/** A plan that is applied with a publication. */
export interface PlanToApply {
  readonly id: string;
  /** All that decisions know of the journey's plans from then on; absent: it moves nobody, and nothing is added. */
  readonly plans?: readonly AppliedPlan[];
}

export interface HowPublished {
  readonly dryRun?: boolean;
  /** Not of a dry run. */
  readonly plan?: PlanToApply;
}

/** What the caller believes to be stored; a change of anything else is refused with `Conflict` (precondition-failed). */
export type Expectation = { readonly absent: true } | { readonly etag: string };

/** Who changes something, and when (epoch milliseconds); every change leaves an entry. */
export interface Actor {
  readonly by: string;
  readonly at: number;
}

export interface CatalogChange extends Actor {
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
  /**
   * The draft becomes version `latest + 1`, and live, as a dry run or for real. The state becomes `state`. A plan is
   * applied once, in the same transaction.
   */
  publishDraft(head: Head, document: unknown, state: JourneyState, actor: Actor, how?: HowPublished): Promise<Head>;
  /** The epoch does not grow: nobody is decided by a plan that is not applied. */
  savePlan(plan: StoredPlan): Promise<void>;
  readPlan(journey: string, id: string): Promise<StoredPlan | undefined>;
  /**
   * Keeps a draft for test runs, for as long as those last. Answers its version: negative, and the same for the same
   * document. Nothing else sees it, so the epoch does not grow.
   */
  saveTestVersion(id: string, draft: StoredDocument, actor: Actor): Promise<number>;
  /** @param overdueUntil of a journey that goes on without what was due until then; absent: nothing is passed over. */
  setJourneyState(head: Head, state: JourneyState, actor: Actor, overdueUntil?: number): Promise<Head>;
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
  listChanges(month: string, page: PageRequest): Promise<Page<CatalogChange>>;
}
