import type { DeliveryChannel } from './resources.ts';

/**
 * What an environment decides and functions need to know; infra writes it as JSON into GODWIT_SETTINGS.
 * `infra/config.ts` checks it, so functions only read it.
 */
export interface Settings extends CoreSettings {
  /** Name of the environment: `production`, `staging`, … */
  readonly environment: string;
  readonly delivery: { readonly mode: 'sink' | 'allowlist' | 'live'; readonly allow: readonly string[] };
  readonly senders: readonly Sender[];
  /** Configuration sets of SES by purpose. */
  readonly configurationSets: { readonly marketing: string; readonly transactional: string };
  /** Absent: text messages are not set up, and nothing is sent on that channel. */
  readonly sms?: SmsSettings;
  /** Absent: push notifications are not set up. */
  readonly push?: PushSettings;
  /** Where `/u/{token}` is served, without a trailing slash: only `send` and `api` know it, elsewhere it is empty. */
  readonly linksBaseUrl: string;
  readonly inbox: InboxSettings;
  /** What erasures cannot shorten, and say; and within how many days they are due, where it is not the default. */
  readonly retention: { readonly logDays: number; readonly backupDays: number; readonly answerDays?: number };
  readonly sending?: SendingSettings;
}

/** All that a function needs that makes no messages: evaluate has no room for more beside its queues. */
export interface CoreSettings {
  readonly journalRetentionDays: number;
  readonly messageRetentionDays: number;
  /** Where it is not the default. */
  readonly jobRetentionDays?: number;
  /** Absent: items of profiles are compressed where that makes the write cheaper. */
  readonly compressProfiles?: false;
  readonly zone: string;
  readonly locale: string;
}

/** Who may do what: only for functions that check it. In GODWIT_ACCESS, as JSON. */
export interface AccessSettings {
  /** Absent: entries are kept for good. */
  readonly auditRetentionDays?: number;
  /** What a key may do in a minute that says nothing itself: requests, or events. Absent: as much as the stage lets in. */
  readonly perMinute?: number;
  /** What a draft needs to go live besides the right to publish it; `everywhere`: documents that are live once saved, and broadcasts, too. */
  readonly approval?: 'second-person' | 'second-person-everywhere';
  /** By role, the ARNs of who has it; `*` stands for characters of a name. Only the function that opens sessions knows them. */
  readonly roles?: {
    readonly [R in 'marketer' | 'publisher' | 'operator' | 'privacy']?: readonly string[];
  };
}

export interface InboxSettings {
  /** Of the web pages that may fetch messages, as browsers send them; `*` is every page. */
  readonly origins: readonly string[];
  /** Of messages whose template does not say. */
  readonly keptDays: number;
}

export interface SmsSettings {
  /** `pinpoint`: SendMessages of Amazon Pinpoint, which reports nothing back and knows no expiry. */
  readonly transport: 'end-user-messaging' | 'pinpoint';
  /** Of End User Messaging. */
  readonly configurationSet?: string;
  /** Of Pinpoint. */
  readonly application?: string;
  /** Who sends, by country of the number (ISO 3166-1 alpha-2) or `default`. */
  readonly senders: { readonly [country: string]: string };
  /** In US dollars, for one message with all its parts; what would cost more is refused by AWS. */
  readonly maxPrice?: string;
}

export interface PushSettings {
  /** Of End User Messaging; only the function that sends push notifications knows it. */
  readonly application?: string;
  /** Which environment of Apple's the tokens are of that apps tell. */
  readonly apns: 'production' | 'sandbox';
}

export interface Sender {
  readonly id: string;
  readonly from: string;
  readonly replyTo?: string;
  readonly postalAddress: string;
  readonly warmUp?: WarmUpPlan;
}

/** Of a sender that nobody knows yet. */
export interface WarmUpPlan {
  /** The first day, `2026-12-01`, in the environment's zone. */
  readonly from: string;
  /** How many messages on each day from then on. */
  readonly perDay: readonly number[];
  /** Sends in its place what is beyond. */
  readonly overflow?: string;
}

/** Rates by channel; a channel that is absent sends as fast as it can. */
export type SendingSettings = { readonly [C in DeliveryChannel]?: ChannelSending };

export interface ChannelSending {
  readonly perSecond?: number;
  /** By sender, as the channel names it. */
  readonly senders?: { readonly [sender: string]: number };
  /** How many containers of `send` may run side by side. */
  readonly containers: number;
}
