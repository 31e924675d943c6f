import type { CompiledCatalog } from '../domain/compiled-catalog.ts';
import type { Decision, Effect, MessageRequest, Reason } from '../domain/decision.ts';
import type { Mail, MailRecord } from '../domain/mail-record.ts';
import type { Channel } from '../domain/messaging/channel.ts';
import type { ConsentStatement } from '../domain/messaging/consent-statement.ts';
import type { Suppression, SuppressionReason } from '../domain/messaging/suppression.ts';
import type { Counter, Need, Permit } from '../domain/permit.ts';
import type { Past } from '../domain/profiles/past.ts';
import type { Profile } from '../domain/profiles/profile.ts';
import type { Json } from '../kernel/canonical-json.ts';
import type { ProfileKey } from '../kernel/ids.ts';
import type { AppReceipt } from '../wire/push-events.ts';
import type { Page, PageRequest } from './page.ts';

/**
 * What the actor protocol (docs: protocol.md) needs of the world. Every method is one thing that can be cut off:
 * before, after, or with its answer lost. They throw Transient for what may be tried again and nothing else on
 * purpose; a lost condition is `false`, never a throw.
 */

/** Epoch milliseconds. */
export type Clock = () => number;

// ---- profiles -------------------------------------------------------------------------------------------------

export interface StoredProfile {
  readonly key: ProfileKey;
  /** One more with every commit; 0 is a profile that was never stored. */
  readonly version: number;
  /** Time of the last decision: `now` never runs backwards for a profile. */
  readonly at: number;
  /** Epoch of the catalog of the last decision (guarantee G8). */
  readonly epoch: number;
  readonly profile: Profile;
  readonly pending?: Pending;
}

/**
 * Of the commit with version `v`: what still has to be done, until the journal entry of `last` with this `v` says that it was, or
 * the row of a message that carries it (carried-entry.ts).
 */
export interface Pending {
  readonly v: number;
  readonly at: number;
  /** Every record that the commit handled, those without effect included. */
  readonly ids: readonly HandledRecord[];
  /** jk of a moved record; its journal entry is written after all others and is the certificate. */
  readonly last: string;
  readonly eff: readonly Effect[];
  /** Hop count of mail among the effects. */
  readonly hop: number;
  /** Nobody asks whether the messages among the effects arrive. */
  readonly unasked?: true;
}

export interface HandledRecord {
  readonly jk: string;
  readonly st: 'moved' | 'inert' | 'fwd';
  readonly t: MailRecord['t'];
  readonly why: readonly Reason[];
}

export type Span = readonly [from: number, to: number];

/** What a scan leaves to be looked at: profiles for which any of this holds; with nothing given, all. */
export interface ScanFilter {
  /** Something is due before this instant. */
  readonly dueBefore?: number;
  /** What may have got stuck (protocol.md, step 18): effects committed then, an open question, a frozen state. */
  readonly pendingAt?: readonly [recent: Span, old: Span];
}

export interface ScanAsk {
  readonly filter?: ScanFilter;
  /** Which part of the table, of how many; absent: all of it. */
  readonly segment?: { readonly index: number; readonly of: number };
  readonly cursor?: string;
}

export interface ScannedPage {
  readonly profiles: readonly StoredProfile[];
  /** How many were read, those that the filter left out included. */
  readonly scanned: number;
  /** Absent: this was the last page. */
  readonly cursor?: string;
}

export interface ProfileStore {
  /** Strongly consistent. */
  read(key: ProfileKey): Promise<StoredProfile | undefined>;
  /**
   * Puts `next` if the stored version is still `next.version - 1`; false when it is not.
   * Throws Permanent `profile.too-large` above `MAX_ITEM_BYTES`, before anything is written.
   */
  commit(next: StoredProfile): Promise<boolean>;
  /** One page of all profiles, signposts included. May be a moment old. */
  scan(ask: ScanAsk): Promise<ScannedPage>;
}

// ---- journal --------------------------------------------------------------------------------------------------

export interface JournalEntry {
  readonly key: ProfileKey;
  readonly jk: string;
  /** Version of the commit that handled it; 0 when nothing was committed. */
  readonly v: number;
  readonly st: 'moved' | 'inert' | 'fwd' | 'parked' | 'trying';
  /** Incarnation of the profile: what was before an erasure is deleted, what came after stays. Absent: the first. */
  readonly inc?: number;
  readonly t: MailRecord['t'];
  /** The record, an event without its context; whole when parked. */
  readonly in?: Json;
  readonly why: readonly Reason[];
  readonly at: number;
}

export interface Journal {
  read(key: ProfileKey, jk: string, consistency: 'strong' | 'eventual'): Promise<JournalState | undefined>;
  /** Overwrites what is there; but without an input, not what the same commit has written. */
  put(entry: JournalEntry): Promise<void>;
  /** An entry that is only `trying` or `parked` counts as absent. False when another one stands there. */
  putIfAbsent(entry: JournalEntry): Promise<boolean>;
  /** One more try, counted before the record is decided; 0 when it has an entry that says it was decided. */
  countTry(entry: Pick<JournalEntry, 'key' | 'jk' | 't' | 'at' | 'inc'>): Promise<number>;
  /** Enters what is parked in the list of all that is (shared/app/dead-letters), any number of times. */
  listParked(entry: Omit<ParkedNote, 'id'>): Promise<void>;
  /** Deciding came back: the tries so far do not count. */
  forgetTries(entry: Pick<JournalEntry, 'key' | 'jk' | 't' | 'at' | 'inc'>): Promise<void>;
  /** Adds to an entry that lacks it what was in the record; nothing else of it changes. */
  putInput(entry: Pick<JournalEntry, 'key' | 'jk'> & { readonly in: Json }): Promise<void>;
}

/** That an entry of the journal is parked; its `id` is made of key and jk. */
export interface ParkedNote extends Pick<JournalEntry, 'key' | 'jk' | 't' | 'why' | 'at'> {
  readonly id: string;
}

export type JournalState = Pick<JournalEntry, 'v' | 'st'> & {
  /** It was written by somebody who did not have the record at hand. Only of strong reads. */
  readonly lacksInput?: true;
};

/** The journal entry of a wake, as the message that it decided last carries it (carried-entry.ts). */
export interface CarriedEntry {
  readonly jk: string;
  readonly v: number;
  readonly at: number;
  readonly why: readonly Reason[];
}

/** What messages carry; eventually consistent. */
export interface CarriedEntries {
  /** False: rows of messages are kept longer than entries of the journal may be. */
  readonly mayCarry: boolean;
  /** Whether the row of the message has this entry. */
  has(key: ProfileKey, message: string, entry: Pick<CarriedEntry, 'jk' | 'v'>): Promise<boolean>;
}

// ---- queues and timers ----------------------------------------------------------------------------------------

/** `id` is the deduplication id, the scope is the profile: `[A-Za-z0-9_-]`, at most 80 characters. */
export interface OutgoingMail {
  readonly id: string;
  readonly mail: Mail;
}

/** One that the service will never accept, by its index in what was sent. */
export interface Refusal {
  readonly index: number;
  readonly code: string;
}

/**
 * Senders take any number, answer with what is refused for good, and throw Transient when some are not sent yet;
 * the others may have been.
 */
export interface Mailbox {
  /** Mail of one profile arrives in the order given. */
  send(mails: readonly OutgoingMail[]): Promise<readonly Refusal[]>;
}

/** What lies in a message queue. `hop` as in Mail. */
export interface QueuedMessage {
  readonly schema: 1;
  readonly hop: number;
  readonly request: MessageRequest;
  /** Its profile need not be told that it was delivered: its row says so. */
  readonly unasked?: true;
  /** Written with the claim: the journal entry of the commit, all else of which is performed. */
  readonly entry?: CarriedEntry;
  /** Drawn when it is put into its queue, and kept when it is put there anew. */
  readonly copy?: string;
}

/** What apps tell of messages; taken when it returns, and Transient when it is not. */
export interface ReceiptQueue {
  send(receipts: readonly AppReceipt[]): Promise<void>;
}

export interface MessageQueues {
  send(messages: readonly QueuedMessage[]): Promise<readonly Refusal[]>;
}

/** What lies in the wakes queue and, until 15 minutes, in the delay queue. */
export interface WakeRequest {
  readonly key: ProfileKey;
  /** Epoch milliseconds. */
  readonly due: number;
}

export interface Timers {
  /** At least once per request, never before `due`. */
  arm(wakes: readonly WakeRequest[]): Promise<readonly Refusal[]>;
}

/** Input of one execution of the state machine: it sleeps until `due`, then hands the document to wake-cohort. */
export interface Cohort {
  readonly schema: 1;
  /** RFC 3339, a whole minute: Step Functions cuts milliseconds off. */
  readonly due: string;
  /** When the wait really ends, epoch milliseconds; only when it needs another hop: evaluate arms it again. */
  readonly ends?: number;
  readonly keys: readonly ProfileKey[];
}

export interface WaitMachine {
  /** An execution of this name exists already: done. */
  start(name: string, cohort: Cohort): Promise<void>;
}

// ---- messages -------------------------------------------------------------------------------------------------

/** Not final: handing (a sender is at it, or died), retry (the provider did not accept it), held (back to the actor). */
export type MessageStatus = 'handing' | 'retry' | 'held' | 'sent' | 'not-sent' | 'failed' | 'unknown';

/** Why an address is of no use, as a provider says when it is asked to send there. */
export type DeadBecause = Extract<SuppressionReason, 'bounce' | 'unsubscribe'>;

export interface MessageRecord {
  readonly key: ProfileKey;
  readonly id: string;
  readonly st: MessageStatus;
  /** The delivery that wrote it. */
  readonly by: string;
  /** The copy in the queue: an effect that is performed twice makes two. */
  readonly copy: string;
  /** Of the request, epoch milliseconds: a message that was held and decided again is another decision. */
  readonly decidedAt: number;
  /** Of the request. */
  readonly inc?: number;
  /** When it was first asked for, where that was before `decidedAt`: by the API, or by the decision that was held. */
  readonly requestedAt?: number;
  /** When its content was made; absent where it was not. */
  readonly renderedAt?: number;
  /** When it came to stand as it stands. */
  readonly at: number;
  readonly why?: string;
  /** Of one that was `unknown` and is no more: since when, and why. */
  readonly unknownAt?: number;
  readonly unknownWhy?: string;
  readonly channel: MessageRequest['channel'];
  /** What it is about; absent for the call of a webhook step, which reaches no person. */
  readonly topic?: string;
  readonly journey?: string;
  readonly step?: string;
  readonly version?: number;
  /** Of one that is unknown: the visit that it comes from, for who finds out later. */
  readonly run?: string;
  readonly visit?: number;
  readonly providerId?: string;
  /** Template and version, sizes, what a refusal saw; in a sink the subject line. Never an address. */
  readonly detail?: Json;
  /** The provider says that nobody must write to this address any more. */
  readonly suppress?: DeadBecause;
  /** Attempts that were in vain. */
  readonly tries?: number;
  /** Hashes of devices that the provider knows no more, kept so that the report can be repeated. */
  readonly gone?: readonly string[];
  /** Of what is held: the actor decides it again at this instant, not before. */
  readonly notBefore?: number;
  /** A webhook's answer that the run waits for, kept so that the report can be repeated. */
  readonly answer?: Json;
  /** The first time of each (`delivered`, `opened` …), epoch milliseconds. Written by `receipts`, and by who hands over what then has arrived. */
  readonly receipts?: { readonly [was: string]: number };
  /** Its profile is not told that it was delivered, because nobody asked when it was decided. */
  readonly unasked?: true;
  /** Its sender writes nothing when it is handed over (quiet-claim.ts): then it stands as `handing`. */
  readonly quiet?: true;
  /** Of the wakes that decided it. Whoever claims it adds one, and nobody takes one away. */
  readonly entries?: readonly CarriedEntry[];
}

export interface MessageStore {
  /** Strongly consistent. */
  read(key: ProfileKey, id: string): Promise<MessageRecord | undefined>;
  /** Puts it if nothing is there, or if what is there matches one of `expected`; false when not. */
  put(
    record: MessageRecord,
    expected: 'absent' | readonly { readonly st?: MessageStatus; readonly by?: string }[],
  ): Promise<boolean>;
  /** Enters a message that is `unknown` in the list of its day, under an id of its own: any number of times. */
  noteUnknown(record: Pick<MessageRecord, 'key' | 'id' | 'at'>): Promise<void>;
}

export interface UnknownNote {
  readonly key: ProfileKey;
  readonly id: string;
  /** Since when it was unknown. */
  readonly at: number;
}

/** What was once unknown, by the day (UTC) on which it became so; kept as long as its messages are. */
export interface UnknownMessages {
  /** Of those before `until`; newest first. */
  list(day: string, page: PageRequest, until?: number): Promise<Page<UnknownNote>>;
  /** Writes down what was found out; false when the message is not `unknown` any more, or has got as far before. */
  settle(record: UnknownNote, found: Settled): Promise<boolean>;
}

/** `failed` beats `sent`: a server that took a mail may send it back afterwards. */
export interface Settled {
  readonly st: 'sent' | 'failed';
  readonly at: number;
  readonly why: string;
}

/** What came of handing a message over. Codes are dotted (`consent.missing`, `provider.throttled`). */
export type HandResult = HandAnswer & {
  /** When the content was made; absent when it did not come to that. */
  readonly renderedAt?: number;
};

type HandAnswer =
  /** The provider's id of it, '' when it gives none. */
  | { readonly handed: string; readonly answer?: Json; readonly detail?: Json; readonly gone?: readonly string[] }
  /** Will not be sent: our own checks say no (`not-sent`), or the provider will never take it (`failed`). */
  | {
      readonly refused: string;
      readonly as: 'not-sent' | 'failed';
      readonly answer?: Json;
      readonly detail?: Json;
      readonly suppress?: DeadBecause;
      readonly gone?: readonly string[];
    }
  /** Not accepted, certainly; try again. `parked`: nobody was asked, so it was no attempt. */
  | { readonly throttled: string; readonly retryAfterSeconds?: number; readonly parked?: true }
  /** Whether the provider took it, nobody knows: time-out, 5xx. */
  | { readonly unknown: string }
  /** Not now: the actor decides again, `notBefore` an instant that only who hands over knows. */
  | { readonly holdUntil: number; readonly why: string; readonly notBefore?: number };

/**
 * Checks (kill switch, consent, suppression, quiet hours, expiresAt), with a catalog that is not older than the one the
 * profile was decided with (guarantee G8), and renders. Nobody is called yet, and nothing that it throws says that somebody was.
 */
export type Hand = (request: MessageRequest, state: StoredProfile) => Promise<Ready | HandResult>;

/** A message that may go. */
export interface Ready {
  /** Template and version, sizes. */
  readonly detail?: Json;
  readonly renderedAt: number;
  /**
   * Calls the provider, once: provider clients have `maxAttempts: 1`. A thrown Transient says that nothing was handed over; any
   * other throw leaves it open.
   */
  readonly call: () => Promise<HandResult>;
  /** Instead of the call: what was taken for it goes back. */
  readonly giveBack?: () => void;
}

// ---- the rest -------------------------------------------------------------------------------------------------

/** What was said of consents: only added to. */
export interface ConsentStore {
  /** Nothing, when it is there. */
  put(key: ProfileKey, statement: ConsentStatement): Promise<void>;
}

export interface SuppressionStore {
  /** What is there for a weightier reason stays: an unsubscribe does not bring a bounced address back. */
  put(suppression: Suppression): Promise<void>;
}

export interface SuppressionReader {
  /**
   * For every topic; strongly consistent: half a second after the unsubscribe is too late to be right.
   *
   * @param hashed how the address stands in lists that have only its SHA-256; absent: they are not asked.
   */
  ofAddress(channel: Channel, addressHash: string, hashed?: string): Promise<readonly Suppression[]>;
}

/** What the owner of an address takes back by a word that they text. */
export interface OptOutStore {
  /** Takes back an opt-out that is not newer, and no suppression of another kind. */
  optIn(channel: Channel, addressHash: string, at: number): Promise<void>;
}

/** Live counters: approximate (a crash loses or doubles a batch); exact figures come from journal and messages. */
export interface Tally {
  readonly journey: string;
  readonly version: number;
  /** Calendar day in UTC, `2026-11-22`. */
  readonly day: string;
  readonly counts: { readonly [what: string]: number };
}

export interface StatsStore {
  /** `spread` picks one of the shards of each counter. */
  add(tallies: readonly Tally[], spread: string): Promise<void>;
}

/** Counters of limits that all customers of a journey share (domain/permit.ts). */
export interface CounterStore {
  /**
   * Moves the counter on by `by`, from where it stands or from `floor`, whichever is further, unless it would then
   * stand beyond `ceiling`. Taken: `[at, at + by)` is the caller's alone, for ever. Not taken: it stands at `at`, or
   * further.
   *
   * @param seen where it is thought to stand: saves a call when that is right.
   */
  advance(
    counter: Counter,
    by: number,
    within: Pick<Need, 'floor' | 'ceiling'>,
    seen: number,
  ): Promise<{ readonly taken: boolean; readonly at: number }>;
}

/** Names of CloudWatch metrics, counted; alarms stand on them. */
export type MetricName =
  | 'RecordsParked'
  | 'RecordsFailed'
  | 'EffectsRefused'
  | 'EffectsRepeated'
  | 'StatsLost'
  | 'MessagesSent'
  | 'MessagesNotSent'
  | 'MessagesFailed'
  | 'MessagesUnknown'
  | 'MessagesSettled'
  | 'MessagesUnsettled'
  | 'AnswersLate'
  | 'MessagesRetried'
  | 'MessagesPaced'
  | 'MessagesParked'
  | 'ProviderDown'
  | 'ProviderMisconfigured'
  | 'OptOutsLearntLate'
  | 'PushCredentialsRefused'
  | 'WakesLate'
  | 'SweepFound'
  | 'CanarySilent'
  | 'EventsAccepted'
  | 'EventsRejected'
  | 'IntakeLost'
  | 'AuditOutcomesLost'
  | 'ReceiptsReceived'
  | 'ReceiptsIgnored'
  | 'ReceiptsFailed';

export interface Metrics {
  count(name: MetricName, value?: number): void;
}

export interface Catalogs {
  /**
   * Never older than `atLeastEpoch`, with these versions in it; Transient when that cannot be had. `newest`: as it is
   * now, not as it was seconds ago.
   */
  current(
    atLeastEpoch: number,
    needed: readonly { readonly journey: string; readonly version: number }[],
    newest?: boolean,
  ): Promise<CompiledCatalog>;
}

/** The decision core (shared/domain/decide.ts). */
export interface Rules {
  decide(
    profile: Profile,
    key: ProfileKey,
    record: MailRecord,
    catalog: CompiledCatalog,
    now: number,
    frozen?: Profile,
    permits?: readonly Permit[],
    past?: Past,
  ): Decision;
  neededVersions(profile: Profile): readonly { readonly journey: string; readonly version: number }[];
  /** Whether a run stands in a journey that this catalog shows as paused, or would begin now: its time passes unheard. */
  isPaused(profile: Profile, catalog: CompiledCatalog, now: number): boolean;
  /** Whether anything asks of this customer what was delivered. */
  asksOfDelivery(profile: Profile, catalog: CompiledCatalog): boolean;
}
