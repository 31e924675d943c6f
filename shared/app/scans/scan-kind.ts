import type { Collections } from '../../domain/messaging/collection.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import type { ItemStore } from '../collections/items.ts';
import type { Remains } from '../erasure/ports.ts';
import type { FileStore } from '../files.ts';
import type { Intake } from '../intake.ts';
import type {
  CarriedEntries,
  Catalogs,
  Clock,
  Journal,
  Mailbox,
  MessageStore,
  Metrics,
  ProfileStore,
  ScanFilter,
  ScannedPage,
  StoredProfile,
  SuppressionStore,
  UnknownMessages,
} from '../ports.ts';
import type { ConsentReader } from '../profiles/ports.ts';
import type { SubjectItems } from '../rights/ports.ts';
import type { SegmentSizes } from '../statistics/ports.ts';
import type { StatisticsDocuments } from '../statistics/save-statistics.ts';
import type { Counts, Job, JobStore, PagePlace } from './job.ts';

export interface ScanPorts {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly profiles: Pick<ProfileStore, 'scan' | 'read'>;
  readonly catalogs: Catalogs;
  readonly journal: Pick<Journal, 'read'>;
  readonly carried: CarriedEntries;
  readonly journalRetentionDays: number;
  readonly mailbox: Mailbox;
  readonly backlog: Backlog;
  readonly jobs: JobStore;
  readonly machine: ScanMachine;
  readonly documents: StatisticsDocuments;
  readonly sizes: Pick<SegmentSizes, 'put'>;
  readonly suppressions: SuppressionStore;
  readonly messages: Pick<MessageStore, 'read'>;
  readonly unknown: UnknownMessages;
  readonly consents: ConsentReader;
  /** All that is stored of one customer. */
  readonly subjects: SubjectItems;
  readonly intake: Pick<Intake, 'observe'>;
  readonly files: Pick<FileStore, 'read' | 'write'>;
  readonly items: Pick<ItemStore, 'list' | 'put' | 'remove'>;
  /** What erasures delete. */
  readonly remains: Remains;
  /** All that are live. */
  readonly collections: () => Promise<Collections>;
}

/** What lies in the mailbox before anything that is sent now: live events queue up behind it (ADR 40). */
export interface Backlog {
  /** Of the fullest mailbox; approximate, and up to a minute old (SQS API, GetQueueAttributes). */
  waiting(): Promise<number>;
  /** With more than so many, kinds that crowd wait. */
  readonly most: number;
}

export interface PageResult {
  /** To be added to the job's progress. */
  readonly counts: Counts;
  /** Kept as part of the job's result, at most 300 KB. Keys of profiles, nothing personal: jobs outlive an erasure. */
  readonly keep?: Json;
  /** How many were told something, which the pace counts. */
  readonly told?: number;
  /** Index of the last profile that was looked at, when there was no room for the rest. Not with a filter. */
  readonly last?: number;
  /** What is left of the segment is not looked at. */
  readonly enough?: true;
}

/** Page after page of whatever it is, from where it was opened. */
export interface PageSource {
  next(room: number, place: PagePlace, before: Counts): Promise<SourcePage>;
  close?(): Promise<void>;
}

export interface SourcePage extends Omit<PageResult, 'last'> {
  /** Absent: this was the last page. */
  readonly cursor?: string;
  /** It has to wait for somebody: so many seconds until the next page. */
  readonly waitSeconds?: number;
  /** Why it can never go on; the job has failed then. */
  readonly broken?: string;
}

/**
 * What is done with every page of profiles. A page may be done twice (its call died before its progress was written),
 * so whatever it tells profiles has ids made of the job's id; its counts then replace those of the first time.
 */
export interface ScanKind<P = Json> {
  readonly kind: string;
  /** Also actors of identities, which are no customers. */
  readonly includesIdentities?: true;
  /** It may tell everybody something, and yields to what happens live: it waits while the mailbox is full (backlog.ts). */
  readonly crowds?: true;
  /**
   * Before the first page, perhaps several times: what has to be so by then. Answers the code of a reason to skip the
   * whole job, if there is one.
   */
  begin?(job: JobOf<P>, ports: ScanPorts): Promise<string | undefined>;
  /** Leaves out in the table what `page` would not look at. It is read and paid for all the same. */
  filter?(job: JobOf<P>, ports: Pick<ScanPorts, 'journalRetentionDays'>): ScanFilter;
  /** Where profiles come from when not from a scan: those behind the cursor, which is the last one's key. */
  find?(job: JobOf<P>, cursor: string | undefined, ports: ScanPorts): Promise<ScannedPage | undefined>;
  /**
   * @param room how many may be told something now, at least 1.
   * @param before what the pages before have counted in this segment.
   */
  page?(
    profiles: readonly StoredProfile[],
    job: JobOf<P>,
    ports: ScanPorts,
    room: number,
    before: Counts,
    place: PagePlace,
  ): Promise<PageResult>;
  /** After the last page, perhaps several times, before the job is done: what comes of all that pages have kept. */
  finish?(job: JobOf<P>, ports: ScanPorts, kept: AsyncIterable<Json>): Promise<void>;
  /** In the place of `page`, of a job that works through something else than profiles: once per call, where it stands. */
  open?(job: JobOf<P>, cursor: string | undefined, ports: ScanPorts): Promise<PageSource>;
  /** What a job has found when it is done. */
  result?(done: Done<P>): Json | Promise<Json>;
}

export interface Done<P> {
  readonly job: JobOf<P>;
  readonly counts: Counts;
  /** All that pages have kept. */
  readonly kept: () => Promise<readonly Json[]>;
}

export type JobOf<P> = Omit<Job, 'params'> & { readonly params: P };

/** Ties a kind to the type of its params; only `startScan` with that kind makes such a job. */
export const scanKind = <P>(declared: ScanKind<P>): ScanKind => declared as unknown as ScanKind;

/** Input of one execution of the state machine. */
export interface ScanExecution {
  readonly schema: 1;
  readonly job: string;
  /** An execution has room for so many calls; the next one goes on. */
  readonly round: number;
  /** Of the job. */
  readonly run: number;
  readonly segments: number;
  /** RFC 3339. */
  readonly begin: string;
}

export interface ScanMachine {
  /** An execution of this name exists already: done. */
  start(name: string, execution: ScanExecution): Promise<void>;
}
