import type { Json } from '../kernel/canonical-json.ts';
import type { ProfileKey } from '../kernel/ids.ts';
import type { MailRecord } from './mail-record.ts';
import type { Channel } from './messaging/channel.ts';
import type { ConsentStatement } from './messaging/consent-statement.ts';
import type { Permit } from './permit.ts';
import type { Profile } from './profiles/profile.ts';

/**
 * What must be done after the commit. Deterministic ids (`[A-Za-z0-9_-]`, at most 80 characters) make every effect
 * idempotent: it may be performed again after a crash.
 */
export type Effect =
  | { readonly e: 'mail'; readonly to: ProfileKey; readonly id: string; readonly record: MailRecord }
  | { readonly e: 'message'; readonly message: MessageRequest }
  /** Wake this profile at `due`; more than 15 minutes ahead it is already rounded up to the minute. */
  | { readonly e: 'wake'; readonly due: number }
  /** The address must not be written to any more (permanent bounce, complaint, withdrawal). */
  | {
      readonly e: 'suppress';
      readonly channel: Channel;
      readonly addressHash: string;
      readonly topic: string | null;
      readonly reason: 'bounce' | 'complaint' | 'unsubscribe';
    }
  /** Kept for good, beside the profile: what a record said of a consent. */
  | { readonly e: 'statement'; readonly statement: ConsentStatement };

/** The visit of a run to a message step: what comes back of the message finds its way by it. */
export interface MessageOrigin {
  readonly journey: string;
  readonly version: number;
  readonly step: string;
  readonly run: string;
  /** How often the run had come to the step; absent: once. */
  readonly visit?: number;
  readonly runKey?: string;
}

/** What lies in a message queue: which message, for whom, and the values that only the run knew. Traits and addresses are read at hand-over. */
export interface MessageRequest {
  /** `${profileKey}-${digest(run, step, visit)}`: 46 characters. */
  readonly id: string;
  readonly key: ProfileKey;
  readonly channel: Channel;
  readonly decidedAt: number;
  /** Incarnation of the profile that decided it; absent: the first. */
  readonly inc?: number;
  /** Of a message without a journey: when the API was asked for it. */
  readonly requestedAt?: number;
  readonly topic: string;
  readonly transactional: boolean;
  /** Absent for a message without a journey. */
  readonly origin?: MessageOrigin;
  readonly template?: { readonly id: string; readonly version?: number };
  readonly sender?: string;
  /** webhook steps: the named endpoint and the resolved body. */
  readonly webhook?: {
    readonly endpoint: string;
    readonly body?: Json;
    readonly timeoutMs?: number;
    readonly save?: boolean;
    /** The hand-over adds the task's id, whom it is about, and the link for its outcome. */
    readonly task?: true;
    /** The hand-over adds whom it is about: nothing that lies in a queue names a customer. */
    readonly about?: true;
  };
  /** Values for the template beside profile.*: entry, event, steps, vars. */
  readonly values: { readonly [name: string]: Json };
  readonly to?: string;
  readonly expiresAt?: number;
  /** Asked for by the author of a template, who gets it: see TestSend. */
  readonly testSend?: true;
  /** Of nobody: it is made, and not handed over (messaging/canary.ts). */
  readonly canary?: true;
  readonly onUnknown: 'count' | 'resend';
  /** 'non-success': only what was not handed over comes back to the mailbox. 'all': the run stands and waits for the answer. */
  readonly report: 'non-success' | 'all';
}

/** Why something happened, or did not; kept in the journal (guarantee G7). */
export interface Reason {
  /** Stable dotted code: `entry.entered`, `entry.too-old`, `message.decided`, `consent.missing`, `exit.goal` … */
  readonly code: string;
  readonly journey?: string;
  readonly version?: number;
  readonly run?: string;
  readonly step?: string;
  readonly message?: string;
  readonly topic?: string;
  readonly channel?: Channel;
  /** What was looked at: predicate parts with their values, limits, due times. Small, no customer text beyond what was compared. */
  readonly saw?: Json;
  /** What would have made a "no" a "yes". */
  readonly fix?: string;
  /** Decided by a dry run, as if: nothing was sent or changed. */
  readonly dryRun?: true;
}

/** One step of a live counter: at least once; exact figures come from journal and messages. */
export interface Count {
  readonly journey: string;
  readonly version: number;
  /** `entered`, `not-entered/<code>`, `exited/<reason>`, `goal`, `goal-value`, `path/<path>/entered|ended|goal|goal-value` (journeys/path-tree.ts), `holdout/<in|out>/people|goal|goal-value`, `moved-here`, `moved-away` (by a plan), `step/<id>/visited`, `step/<id>/port/<port>`, `step/<id>/left` (ended there), `step/<id>/moved-here` and `…/moved-away`, `message/<step>/<outcome>`, `message/<step>/no/<code>` (why it was skipped or not sent); of a dry run each with `dry-run/` in front */
  readonly what: string;
  /** Absent: 1. */
  readonly amount?: number;
}

export interface Decision {
  /** The same object as before when nothing changed. */
  readonly profile: Profile;
  readonly changed: boolean;
  /** This profile is a signpost: the record goes on to `profile.movedTo` (the effect is in `effects`). */
  readonly forwarded: boolean;
  readonly effects: readonly Effect[];
  readonly reasons: readonly Reason[];
  readonly counts: readonly Count[];
  /** Of the permits that were given, those that this decision uses up; absent: none. */
  readonly spent?: readonly Permit[];
}
