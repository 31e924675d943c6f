import type { Json } from '../kernel/canonical-json.ts';
import type { ProfileKey } from '../kernel/ids.ts';
import type { Predicate } from './audiences/predicate.ts';
import type { CustomerEvent } from './customer-event.ts';
import type { MessageOrigin, MessageRequest } from './decision.ts';
import type { Channel } from './messaging/channel.ts';
import type { KeywordMeaning } from './messaging/keywords.ts';
import type { SuppressionReason } from './messaging/suppression.ts';
import type { NamedId } from './profiles/named-id.ts';
import type { Consent, Profile, TestRun } from './profiles/profile.ts';
import type { Platform } from './profiles/push-token.ts';

/**
 * What lies in the mailbox of a profile: one SQS FIFO message each, MessageGroupId = profile key.
 *
 * Two families. *Told* records (events, commands, receipts) come from outside, may come twice hours apart, and are
 * looked up in the journal by their `id` before they may change anything. *Own* records (wake, merge mail, nudge) are
 * idempotent by state and need no look-up (protocol.md, step 4).
 */
export type MailRecord = ToldRecord | OwnRecord;

export type ToldRecord =
  | { readonly t: 'event'; readonly event: CustomerEvent; readonly quiet?: Quiet }
  /** Enrollment through the API (`id` is request id and index), or by a step of another journey (`origin`). */
  | {
      readonly t: 'enroll';
      readonly id: string;
      readonly identity?: NamedIdentity;
      readonly at: number;
      /** Of the catalog that the API has checked this with: not to be decided with an older one. */
      readonly epoch?: number;
      readonly journey: string;
      readonly runKey?: string;
      readonly traits?: { readonly [key: string]: Json };
      readonly properties?: { readonly [key: string]: Json };
      /** The visit to the step that enrolls. */
      readonly origin?: MessageOrigin;
      /**
       * Who takes part in one does so once, and only if `where` holds now; of an `occurrence` (epoch milliseconds), the
       * members of what comes round then; of a segment's `existing` members, those who have not come in by themselves since.
       */
      readonly broadcast?: {
        readonly id: string;
        readonly where?: Predicate;
        readonly occurrence?: number;
        readonly existing?: string;
      };
    }
  /** A test run begins, with what is copied of a customer. The mailbox is the test's own. */
  | {
      readonly t: 'test';
      readonly id: string;
      readonly at: number;
      readonly epoch: number;
      readonly test: Omit<TestRun, 'startedAt'>;
      readonly customer: TestCustomer;
      /** It enters by this event, past all filters; or, without one, as if enrolled with `properties`. */
      readonly event?: CustomerEvent;
      readonly properties?: { readonly [key: string]: Json };
      /** Of a test send, which has no journey. */
      readonly send?: TestSend;
    }
  | { readonly t: 'unenroll'; readonly id: string; readonly at: number; readonly journey: string }
  /** A change of traits through the API; null unsets. */
  | {
      readonly t: 'patch';
      readonly id: string;
      readonly identity?: NamedIdentity;
      readonly at: number;
      readonly traits: { readonly [key: string]: Json };
      readonly quiet?: Quiet;
    }
  | {
      readonly t: 'consent';
      readonly id: string;
      readonly identity?: NamedIdentity;
      readonly at: number;
      readonly consents: readonly Consent[];
      readonly quiet?: Quiet;
    }
  /** POST /v1/profiles/{id}/merges: this profile and that of `with` are one person. */
  | {
      readonly t: 'merge';
      readonly id: string;
      readonly identity?: NamedIdentity;
      readonly at: number;
      readonly with: ProfileKey;
    }
  /** Onto a list, or off it. */
  | {
      readonly t: 'list';
      readonly id: string;
      readonly identity?: NamedIdentity;
      readonly at: number;
      /** As in `enroll`: of the catalog that knows the list. */
      readonly epoch?: number;
      readonly segment: string;
      readonly change: 'join' | 'leave';
      readonly quiet?: Quiet;
    }
  /** A device of this customer's is told by the API, or taken away. */
  | {
      readonly t: 'device';
      readonly id: string;
      readonly identity?: NamedIdentity;
      readonly at: number;
      readonly token: string;
      readonly change: 'add' | 'remove';
      /** Absent: by the token's form. */
      readonly platform?: Platform;
      readonly quiet?: Quiet;
    }
  /** POST /v1/messages: one transactional message without a journey. `id` becomes part of the message id. */
  | {
      readonly t: 'message';
      readonly id: string;
      readonly identity?: NamedIdentity;
      readonly at: number;
      /** As in `enroll`. */
      readonly epoch?: number;
      readonly template: string;
      /** A transactional one; absent: the environment's first transactional topic by id. */
      readonly topic?: string;
      readonly channels?: readonly Channel[];
      readonly properties: { readonly [key: string]: Json };
      /** Address given in the request instead of the profile's own. */
      readonly to?: string;
      /** After this instant it is not sent any more (a password reset an hour late is noise). */
      readonly expiresAt?: number;
    }
  /** What became of a message that `send` did not hand over, or of one whose step waits for the answer. */
  | {
      readonly t: 'outcome';
      readonly id: string;
      readonly at: number;
      readonly message: string;
      readonly outcome: 'sent' | 'not-sent' | 'failed' | 'unknown';
      readonly reason?: string;
      /** Answer of a webhook step that saves it. */
      readonly answer?: Json;
      /** The provider does not write to this address any more. */
      readonly suppress?: SuppressionReason;
      /** Hashes of push tokens that the provider knows no more. */
      readonly gone?: readonly string[];
      /** Where the message comes from; absent: no journey. */
      readonly origin?: MessageRequest['origin'];
      readonly decidedAt?: number;
      readonly channel?: Channel;
      /** Absent for the call of a webhook step, which reaches no person. */
      readonly topic?: string;
      /** Of a message that was held (`reason` begins with `held.`): what it carried, because its run may have gone on. */
      readonly values?: MessageRequest['values'];
      /** The same: it is not decided again before. */
      readonly notBefore?: number;
    }
  /** Somebody texted one from a number of theirs, which `named` says by every kind that a policy may track. */
  | {
      readonly t: 'keyword';
      readonly id: string;
      readonly at: number;
      readonly channel: Channel;
      readonly word: KeywordMeaning;
      readonly named: readonly NamedId[];
    }
  /** What became of a task. `id` is made of the task alone: the first outcome counts. */
  | {
      readonly t: 'task';
      readonly id: string;
      readonly at: number;
      /** The message that brought it. */
      readonly task: string;
      readonly outcome: string;
      readonly origin: MessageOrigin;
    }
  /** A provider's receipt about a message of ours. */
  | {
      readonly t: 'receipt';
      readonly id: string;
      readonly at: number;
      readonly message: string;
      readonly channel: Channel;
      readonly was: 'delivered' | 'delayed' | 'bounced' | 'complained' | 'opened' | 'clicked' | 'rejected';
      readonly permanent?: boolean;
      readonly link?: string;
      readonly suppress?: SuppressionReason;
      /** An open or a click that no person made, as far as the provider lets us see. */
      readonly machine?: true;
      /** What the message's row says of it; absent when the row is gone, and `journey` and `step` for direct messages. */
      readonly topic?: string;
      readonly journey?: string;
      readonly step?: string;
    };

/**
 * From an import of what was before: it teaches like any other, and lets nobody in, and no run meets it, whatever its
 * age. What is true then is true: conditions that runs look at see it.
 */
type Quiet = true;

/** One message to the author of a template, with what a customer of theirs would get. */
export interface TestSend {
  /** `x`, or `x@7`. */
  readonly template: string;
  readonly channel: Channel;
  readonly topic: string;
  readonly sender?: string;
  readonly values: { readonly [name: string]: Json };
}

/** What a test run knows of the customer that it stands for. */
export type TestCustomer = Pick<
  Profile,
  | 'createdAt'
  | 'traits'
  | 'consents'
  | 'entered'
  | 'seen'
  | 'computed'
  | 'sends'
  | 'deadAddresses'
  | 'devices'
  | 'memberships'
  | 'lists'
>;

/** Which id the API's caller used. The profile remembers it when it is its own: a key is a hash and does not tell. */
export type NamedIdentity = { readonly user: string } | { readonly anonymous: string } | NamedId;

export type OwnRecord =
  /** `epoch`: not to be decided with an older catalog, because the journey was paused in it. */
  | { readonly t: 'wake'; readonly id: string; readonly due: number; readonly epoch?: number }
  /**
   * "Give yourself up to `to`." `origin` decides whether it may join two known users (protocol.md, step 14). `by`: the
   * event or command behind it, where the policy says that merges are remembered. `asked`: a signpost passed it on, and
   * whoever declines answers in its name.
   */
  | {
      readonly t: 'yield';
      readonly to: ProfileKey;
      readonly origin: 'identify' | 'alias';
      readonly by?: string;
      readonly asked?: ProfileKey;
      /** Incarnation of `to`; absent: its first. */
      readonly inc?: number;
    }
  /** A signpost's answer to `to`: the device belongs to another known user; stop asking. */
  | { readonly t: 'declined'; readonly from: ProfileKey }
  /** `inc`: of whom it gave itself up to, `of`: its own incarnation; absent: the first. */
  | { readonly t: 'absorb'; readonly from: ProfileKey; readonly inc?: number; readonly of?: number }
  /** `of`: the incarnation that was absorbed. */
  | { readonly t: 'strip'; readonly of?: number }
  /** To the actor of an identity that never merges: `by` has it since `at`, or gave it up then. In any order, any number of times. */
  | { readonly t: 'hold' | 'release'; readonly by: ProfileKey; readonly at: number; readonly inc?: number }
  /** To the actor of a push token: `by` was told it at `at`, and it is of one profile alone. */
  | {
      readonly t: 'token-held';
      readonly token: string;
      readonly by: ProfileKey;
      readonly at: number;
      readonly inc?: number;
    }
  /** Forget this customer. `job` is told what there was; `at`: when it was asked for. */
  | { readonly t: 'erase'; readonly job: string; readonly at: number }
  /** `by`, whose incarnation `inc` was erased at `at`, has left something with you: forget it, and say so (`wiped`). */
  | {
      readonly t: 'wipe';
      readonly by: ProfileKey;
      readonly inc: number;
      readonly at: number;
      readonly job?: string;
      readonly how: 'alias' | 'asked' | 'absorb' | 'hold' | 'address';
      readonly of?: number;
    }
  | { readonly t: 'wiped'; readonly from: ProfileKey; readonly at: number; readonly gone: boolean }
  /** What was left in other places is gone: the job is done. */
  | { readonly t: 'purged'; readonly at: number }
  /** To whoever had it before: by now it is `by`'s, since `at`. */
  | { readonly t: 'token-lost'; readonly token: string; readonly by: ProfileKey; readonly at: number }
  | { readonly t: 'nudge' }
  /**
   * "Count these again, from your journal", by a catalog that is not older than `epoch`: ids of clauses, and of what feeds
   * computed traits. `isNew`: nobody counted them before a moment ago.
   */
  | {
      readonly t: 'fill';
      readonly id: string;
      readonly epoch: number;
      readonly clauses: readonly string[];
      readonly isNew?: true;
    };

/**
 * One mailbox message as it travels: several records of one profile may share it. `hop` counts machine-made steps
 * since the last thing that came from outside or from the clock; at `maxHops` the record is parked
 * (Lambda's own recursion guard is switched off for these functions).
 */
export interface Mail {
  readonly schema: 1;
  readonly key: ProfileKey;
  readonly received: number;
  readonly hop: number;
  readonly records: readonly MailRecord[];
}

export const maxHops = 64;
