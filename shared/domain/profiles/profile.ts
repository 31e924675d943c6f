import type { Json } from '../../kernel/canonical-json.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import type { Occurrences } from '../audiences/did-clauses.ts';
import type { Accumulator } from '../computed-traits/accumulator.ts';
import type { Channel } from '../messaging/channel.ts';
import type { Platform } from './push-token.ts';
import type { SetAside } from './set-aside.ts';

export interface Trait {
  readonly value: Json;
  /** When it was true, epoch milliseconds: a value with an older time never overwrites a newer one. */
  readonly at: number;
  readonly source: 'identify' | 'context' | 'group' | 'api' | 'journey' | 'import';
  /** When it was set, it lay far from what is usual (the schema's `outlier`). */
  readonly flag?: 'outlier';
}

/** In a holdout group: let in, or kept out. */
export type Assigned = 'in' | 'out';

export type ConsentState = 'granted' | 'pending' | 'withdrawn';

export interface Consent {
  readonly channel: Channel;
  readonly topic: string;
  readonly state: ConsentState;
  readonly at: number;
  readonly source: string;
  readonly textVersion?: string;
  readonly evidence?: string;
  /** Who gave it for the customer, who is a minor; absent: the customer. */
  readonly guardian?: string;
  /** Could be sent to until the keyword that took it away: START gives it back. */
  readonly stopped?: true;
}

export interface Device {
  readonly platform: Platform;
  /** When the app told it last, to the hour; or since when it is `off`. */
  readonly at: number;
  /** Signed out, removed, or gone at the provider. */
  readonly off?: true;
}

/** Execution state of one customer in one journey; a waiting one costs at most 250 bytes of the item. */
export interface Run {
  readonly journey: string;
  readonly version: number;
  /** It met the plans up to this version's, and stayed; absent: up to its own version's. */
  readonly stayed?: number;
  /** The step where it stands. */
  readonly step: string;
  /** When it came to this step. */
  readonly since: number;
  readonly enteredAt: number;
  /** Wakes are due then; absent while only an event or an answer can move it. */
  readonly due?: number;
  /** When what it stands for ends, where `due` is an earlier time to look again; null: never. */
  readonly until?: number | null;
  /** What became of messages, as far as triggers of this version ask: indexes of its `receipts`, in mailbox order. */
  readonly got?: readonly number[];
  /** Segment triggers for which the customer was seen on the other side: indexes of `segmentTriggers`. */
  readonly apart?: readonly number[];
  /** Why it stands there: a wait, a wait-for, a held message, or a message, webhook or task whose answer it needs. */
  readonly stand: 'wait' | 'wait-for' | 'held' | 'answer';
  /** Value of the re-entry key, when the journey has one. */
  readonly runKey?: string;
  /** Only those entry properties that this version refers to. */
  readonly entry?: { readonly [property: string]: Json };
  /** Saved step fields (`steps.<id>.<field>`), only those referred to. */
  readonly fields?: { readonly [step: string]: { readonly [field: string]: Json } };
  /** Visits per step; absent steps on no cycle are not counted. Of a moved run also what it may have sent before. */
  readonly visits?: { readonly [step: string]: number };
  /** What it has chosen so far, as a number of its version (journeys/path-tree.ts); absent: nothing yet. */
  readonly path?: number;
  readonly goalAt?: number;
  /** Held by `limits.messagesPerMinute`: its message may go then (epoch milliseconds). */
  readonly slot?: number;
  /** Last message decided; only where the goal counts from it. */
  readonly messageAt?: number;
}

/**
 * A message that was given back at hand-over because it may not go yet, while its run has gone on or has finished: only
 * the message is decided again. `at` is the run as it stood at the message step.
 */
export interface HeldMessage {
  readonly run: string;
  readonly at: Run & { readonly due: number };
}

/** Of an entry on a day that a trait names. Days are `2026-03-05`, before the entry's offset. */
export interface SavedDate {
  /** Which occurrence comes next, and when it lets in. */
  readonly on?: string;
  readonly due?: number;
  /** Instead of both, between a merge and the look that follows in the same turn: what came next on either side. */
  readonly joined?: readonly string[];
  /** The last one that has been, whether it let in or not. */
  readonly done?: string;
  /** The trait names no day, which has been said. */
  readonly unreadable?: true;
}

/** Instants are exact; wakes may be later by the minute that executions serve. */
export interface Memberships {
  /** Definitions of up to this epoch of the catalog have been looked at. */
  readonly saw: number;
  /** Time alone may change one of them then, or later. */
  readonly due?: number;
  readonly in: { readonly [segment: string]: { readonly since: number } };
}

/** Everything that is known of one customer and that decisions depend on. Plain JSON. */
export interface Profile {
  /**
   * `former`: user ids that were merged into this person; `user` is the one whose key is the root's. `named`: by kind, what
   * the policy tracks besides; each may be another profile's as well, where the kind never merges.
   */
  readonly ids: {
    readonly user?: string;
    readonly former?: readonly string[];
    readonly anonymous?: readonly string[];
    readonly named?: { readonly [kind: string]: readonly string[] };
  };
  readonly createdAt: number;
  readonly traits: { readonly [name: string]: Trait };
  /** Values that the policy's schemas refused, newest of each trait; at most 20, absent without one. */
  readonly aside?: { readonly [trait: string]: SetAside };
  /** Key `${channel}/${topic}`. */
  readonly consents: { readonly [key: string]: Consent };
  readonly runs: { readonly [runId: string]: Run };
  /** What dry runs of journeys remember, and would have changed; absent without one. */
  readonly asIf?: AsIf;
  /** By message id. */
  readonly held: { readonly [messageId: string]: HeldMessage };
  /** Key journey, or `journey|runKey`: last entry and how many. `goal`: the last run has ended, its goal may still be reached. */
  readonly entered: {
    readonly [key: string]: {
      readonly last: number;
      readonly times: number;
      readonly exited?: number;
      /** Why the last run ended; absent: it finished. */
      readonly reason?: string;
      readonly goal?: { readonly version: number; readonly until: number; readonly path?: number };
    };
  };
  /** What holdout groups the customer was assigned to, by group; absent before the first one. */
  readonly holdouts?: { readonly [group: string]: Assigned };
  /** Broadcasts that the customer took part in, by a digest of their id, and when; at most 20. */
  readonly broadcasts?: { readonly [broadcast: string]: number };
  /**
   * By journey with a holdout: where the customer stands in the comparison, since when, and until when the goal counts
   * (absent: it was reached, or there is none). `in` is forgotten in time, because it shows in `entered`.
   */
  readonly compared?: {
    readonly [journey: string]: { readonly side: Assigned; readonly from: number; readonly until?: number };
  };
  /** Entries on days that traits name, by place. `saw`: of which catalog. Absent for whoever has no such trait. */
  readonly dates?: { readonly saw: string; readonly next: { readonly [place: string]: SavedDate } };
  /** What is known of live segments; absent for whoever belongs to none, and whom time alone does not move into one. */
  readonly memberships?: Memberships;
  /** Lists that the customer was put on, and when. */
  readonly lists?: { readonly [segment: string]: number };
  /** Occurrences that `did` and `message` predicates of some journey ask for, by clause id. */
  readonly seen: { readonly [clauseId: string]: Occurrences };
  /** What computed traits are computed from, by what is remembered (computed-traits/feed.ts); absent before the first. */
  readonly computed?: { readonly [feed: string]: Accumulator };
  /** Messages decided within the longest cap window, for frequency caps and limits: reservations, given back when not sent. */
  readonly sends: readonly {
    readonly id: string;
    readonly at: number;
    readonly channel: Channel;
    readonly topic: string;
    /** Hash of the address, where the request gave another than the profile's own. */
    readonly to?: string;
    /** The journey has limits of its own, which may ask until then, or as long as the run is there. */
    readonly limited?: { readonly journey: string; readonly until: number; readonly run?: string };
  }[];
  /** Addresses that bounced for good or complained, as digest → reason. */
  readonly deadAddresses: { readonly [digest: string]: 'bounce' | 'complaint' };
  /** By push token; absent for whoever has none. */
  readonly devices?: { readonly [token: string]: Device };

  readonly aliases: readonly ProfileKey[];
  /** Of an alias that was erased before: its `inc` when it was absorbed, and its incarnation. */
  readonly aliasIncs?: { readonly [key: ProfileKey]: { readonly of: number; readonly from: number } };
  /** Whom this profile asked to yield, since when; `by`: the event or command that said so, where merges are remembered. */
  readonly asked: {
    readonly [key: ProfileKey]: { readonly since: number; readonly origin: 'identify' | 'alias'; readonly by?: string };
  };
  /** Shared devices that belong to another known user: not asked again. Newest last, at most 20. */
  readonly declined: readonly ProfileKey[];
  /** The newest merges, oldest first, at most 20; absent before the first one and where the policy says nothing of identities. */
  readonly merged?: readonly Merged[];
  /** This is the actor of an identity that never merges: profiles that have it, since when; negative: gave it up then. At most 20. */
  readonly holders?: { readonly [key: ProfileKey]: number };
  readonly movedTo?: ProfileKey;
  readonly frozen?: true;
  /** Which incarnation of `movedTo` it gave itself up to; absent: the first. */
  readonly movedInc?: number;
  /** This is no customer but a test run of a journey: its key begins with 't'. */
  readonly test?: TestRun;
  /** One more after each erasure, and whenever it became a root again. */
  readonly inc: number;
  /** Its incarnation before this one was erased; stays for good, so that nothing from before comes back. */
  readonly erased?: Erased;
}

export interface Erased {
  /** When it was decided: what was told until then is not taken any more. */
  readonly at: number;
  /** The incarnation that began with it. */
  readonly from: number;
  /** What the job of the erasure still has to see to; absent when it is done. */
  readonly left?: LeftOver;
}

/** Hashes and figures, nothing personal. */
export interface LeftOver {
  readonly job?: string;
  /** Whose erasure this is a part of; absent: it was named itself. */
  readonly by?: ProfileKey;
  /** When this actor decided it. */
  readonly since: number;
  /** The incarnation that was erased. */
  readonly inc: number;
  /** Other actors that hold something of it. */
  readonly wipes: { readonly [key: ProfileKey]: Wipe };
  /** Under which its suppressions stand. */
  readonly addresses: readonly { readonly channel: Channel; readonly hashes: readonly string[] }[];
  /** What there was, by kind. */
  readonly counts: { readonly [kind: string]: number };
}

/**
 * `alias`: was absorbed. `asked`: was asked to yield. `absorb`: gave itself up to who was erased by then. `hold`: the
 * actor of an identity or a push token. `address`: of what was sent to an address alone. `of`: its `inc`, where it must be that one.
 */
export interface Wipe {
  readonly how: 'alias' | 'asked' | 'absorb' | 'hold' | 'address';
  readonly of?: number;
  /** It has answered: what it had is gone, or it had nothing of this customer's. */
  readonly end?: 'gone' | 'kept';
  /** Something of it is gone already, and it is told again. */
  readonly once?: true;
}

/** How often who it was has been erased: whoever comes after an erasure is another one. */
export const incarnationOf = ({ erased }: Pick<Profile, 'erased'>): number => erased?.from ?? 0;

/** Erased, and nobody has come since. */
export const isErased = ({ erased, createdAt }: Profile): boolean => erased !== undefined && createdAt === 0;

/** One profile that became part of this one. */
export interface Merged {
  readonly from: ProfileKey;
  /** When this profile absorbed it. */
  readonly at: number;
  readonly origin?: 'identify' | 'alias';
  /** Id of the event or command that said so; absent when it is not known any more. */
  readonly by?: string;
}

/**
 * A test run of one journey, or, without one, a test send of one message: a copy of a customer, whose time passes `speed`
 * times as fast, and whose mail goes to its author.
 */
export interface TestRun {
  readonly journey?: string;
  /** Of the journey. Negative: a draft as it was when the test began, stored for tests alone. */
  readonly version?: number;
  /** E-mail address. */
  readonly sendTo: string;
  readonly speed: number;
  /** Epoch milliseconds; until then its time is ours. */
  readonly startedAt: number;
}

export const testedJourney = ({ journey, version }: Pick<TestRun, 'journey' | 'version'>) =>
  journey === undefined || version === undefined ? undefined : { journey, version };

/** Seen by dry runs alone, on top of what is real (as-if.ts). Empty parts are left out. */
export interface AsIf {
  readonly runs?: Profile['runs'];
  readonly entered?: Profile['entered'];
  readonly traits?: Profile['traits'];
  readonly sends?: Profile['sends'];
  readonly holdouts?: NonNullable<Profile['holdouts']>;
  readonly compared?: NonNullable<Profile['compared']>;
  /** Messages that dry runs have decided; these count with the real ones, and do not hide them. */
  readonly seen?: Profile['seen'];
}

export const emptyProfile: Profile = {
  ids: {},
  createdAt: 0,
  traits: {},
  consents: {},
  runs: {},
  held: {},
  entered: {},
  seen: {},
  sends: [],
  deadAddresses: {},
  aliases: [],
  asked: {},
  declined: [],
  inc: 0,
};

/** Who has the identity whose actor this is. */
export const holdersOf = ({ holders = {} }: Profile): ProfileKey[] =>
  Object.keys(holders).filter((key) => holders[key]! > 0);

/** An identity's own actor that only knows who has it: no customer. */
export const isNobody = ({ holders, createdAt }: Profile): boolean => holders !== undefined && createdAt === 0;

/**
 * The earliest instant at which a run, a held message, a date or a membership is due; the sweep looks for profiles where it has passed,
 * and for dates that come soon.
 */
export function nextDue(profile: Profile): number | undefined {
  let earliest: number | undefined;
  for (const due of duesOf(profile)) if (earliest === undefined || due < earliest) earliest = due;
  return earliest;
}

/** When its runs, those of dry runs, held messages, dates and memberships are due. */
export function duesOf(profile: Profile): number[] {
  const { runs, asIf, held, dates, memberships } = profile;
  const waiting = [
    ...Object.values(runs),
    ...Object.values(asIf?.runs ?? {}),
    ...Object.values(held).map(({ at }) => at),
  ];
  const known = memberships === undefined ? [] : [memberships];
  return [...waiting, ...Object.values(dates?.next ?? {}), ...known].flatMap(({ due }) => due ?? []);
}

/** When days that traits name come, from `from` on and before `until`; each instant once. */
export function datesDue({ dates }: Profile, from: number, until: number): number[] {
  if (dates === undefined) return [];
  const dues = Object.values(dates.next).flatMap(({ due }) =>
    due !== undefined && from <= due && due < until ? due : [],
  );
  return [...new Set(dues)];
}
