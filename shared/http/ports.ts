import type { ApprovalStore } from '../app/access/approvals.ts';
import type { KeyRate } from '../app/access/key-rate.ts';
import type { AccessStore, Credential, IdempotencyStore } from '../app/access/ports.ts';
import type { ProposalStore } from '../app/access/proposals.ts';
import type { SessionPorts } from '../app/access/sessions.ts';
import type { AuditStore } from '../app/audit/entry.ts';
import type { CatalogStore } from '../app/catalog/ports.ts';
import type { CatalogCache } from '../app/catalog-cache.ts';
import type { ItemStore } from '../app/collections/items.ts';
import type { DeadLetterPorts } from '../app/dead-letters/ports.ts';
import type { FileStore } from '../app/files.ts';
import type { JournalSearch } from '../app/find-event.ts';
import type { InboxTokenPorts } from '../app/inbox/inbox-token.ts';
import type { MarkPorts } from '../app/inbox/mark-messages.ts';
import type { IntakeStore } from '../app/intake.ts';
import type { Page, PageRequest } from '../app/page.ts';
import type { PastReader } from '../app/past.ts';
import type { Mailbox, MessageStore, ProfileStore, UnknownMessages } from '../app/ports.ts';
import type { PreferencePorts } from '../app/preferences.ts';
import type { ConsentReader, ProfileHistory, StatsReader } from '../app/profiles/ports.ts';
import type { JobStore } from '../app/scans/job.ts';
import type { ScanMachine } from '../app/scans/scan-kind.ts';
import type { StartScan } from '../app/scans/start-scan.ts';
import type { SecretRotation } from '../app/secrets.ts';
import type { ShowSendingPorts } from '../app/sending/show-sending.ts';
import type { SegmentSizes } from '../app/statistics/ports.ts';
import type { TaskPorts } from '../app/tell-task-outcome.ts';
import type { UnsubscribePorts } from '../app/unsubscribe.ts';
import type { CatalogSnapshot } from '../domain/catalog.ts';
import type { Channel } from '../domain/messaging/channel.ts';
import type { RemovedSuppression, Suppression } from '../domain/messaging/suppression.ts';
import type { AccessSettings, Settings } from '../settings.ts';

/** Everything the API reaches. Made once per container (functions/edge/http-ports.ts). */
export interface Ports {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Who a bearer is; undefined: nobody, or not any more. */
  readonly readCredential: (text: string) => Promise<Credential | undefined>;
  readonly keyRate: KeyRate;
  /** Requests of a key that says nothing itself, or of somebody who signed in. */
  readonly perMinute?: number;
  /** Only of the function that opens sessions. */
  readonly sessions?: SessionPorts;
  readonly access: AccessStore;
  readonly approvals: ApprovalStore;
  readonly proposals: ProposalStore;
  /** What somebody else has to approve; absent: nothing. */
  readonly approval?: AccessSettings['approval'];
  readonly audit: AuditPorts;
  readonly idempotency: IdempotencyStore;
  readonly catalog: CatalogStore;
  /** Seconds old. */
  readonly snapshots: CatalogCache<CatalogSnapshot>;
  readonly profiles: Pick<ProfileStore, 'read' | 'scan'>;
  readonly history: ProfileHistory;
  readonly consents: ConsentReader;
  readonly past: PastReader;
  readonly stats: StatsReader;
  readonly sizes: Pick<SegmentSizes, 'read'>;
  readonly messages: Pick<MessageStore, 'read'>;
  readonly unknown: Pick<UnknownMessages, 'list'>;
  readonly mailbox: Mailbox;
  readonly suppressions: SuppressionList;
  readonly items: ItemStore;
  readonly intake: Pick<IntakeStore, 'listRejected' | 'findRejected' | 'listEventTypes'>;
  readonly journalSearch: JournalSearch;
  readonly unsubscribe: UnsubscribePorts;
  readonly preferences: PreferencePorts;
  readonly tasks: TaskPorts;
  readonly endpointSecrets: SecretRotation;
  readonly inbox: MarkPorts & InboxTokenPorts;
  readonly jobs: JobStore;
  readonly startScan: StartScan;
  readonly scanMachine: ScanMachine;
  readonly files: () => Promise<Pick<FileStore, 'size' | 'uploadUrl' | 'downloadUrl'>>;
  readonly deadLetters: DeadLetterPorts;
  readonly sending: ShowSendingPorts;
  readonly settings: Settings;
}

export interface AuditPorts {
  readonly store: AuditStore;
  /** Told of an outcome that could not be written. */
  readonly onLost: (error: unknown, about: Readonly<Record<string, string | number>>) => void;
}

export interface SuppressionList {
  ofAddress(channel: Channel, addressHash: string, hashed?: string): Promise<readonly Suppression[]>;
  list(page: PageRequest): Promise<Page<Suppression>>;
  put(suppression: Suppression): Promise<void>;
  remove(suppression: RemovedSuppression): Promise<void>;
}
