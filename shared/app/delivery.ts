import type { InAppContent } from '../domain/messaging/render/in-app-content.ts';
import type { PushContent } from '../domain/messaging/render/push-content.ts';
import type { WebhookEndpoint } from '../domain/messaging/webhook-endpoint.ts';
import type { Json } from '../kernel/canonical-json.ts';
import type { ProfileKey } from '../kernel/ids.ts';
import type { SmsSettings } from '../settings.ts';
import type { DeadBecause, MetricName } from './ports.ts';

/** A message as an adapter gets it: rendered, allowed, and addressed. */
export type Outgoing = OutgoingEmail | OutgoingInApp | OutgoingPush | OutgoingSms | OutgoingWebhook;

export interface OutgoingEmail {
  readonly channel: 'email';
  /** Our message id; receipts carry it. */
  readonly id: string;
  readonly to: string;
  /** Its id among the environment's senders. */
  readonly sender: string;
  /** `name <address>` or an address. */
  readonly from: string;
  readonly replyTo?: string;
  readonly subject: string;
  readonly html?: string;
  readonly text: string;
  readonly configurationSet: string;
  readonly transactional: boolean;
  /** Absent for transactional mail. */
  readonly unsubscribeUrl?: string;
  readonly origin?: { readonly journey: string; readonly step: string };
}

export interface OutgoingInApp {
  readonly channel: 'in-app';
  readonly id: string;
  /** In whose inbox; what is merged away keeps its own, which the person's app reads too. */
  readonly key: ProfileKey;
  /** As `delivery.allow` may name the customer; not stored. */
  readonly customer: string;
  readonly topic: string;
  readonly origin?: { readonly journey: string; readonly step: string };
  readonly content: InAppContent;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly expiresAt: number;
}

export interface OutgoingPush {
  readonly channel: 'push';
  readonly id: string;
  readonly devices: readonly { readonly token: string; readonly service: 'APNS' | 'APNS_SANDBOX' | 'GCM' }[];
  /** As `delivery.allow` may name the customer with all their devices; not sent. */
  readonly owner?: string;
  readonly content: PushContent;
  /** Of End User Messaging. */
  readonly application?: string;
  /** How long services try; absent: as long as they like. */
  readonly ttlSeconds?: number;
}

export interface OutgoingSms {
  readonly channel: 'sms';
  readonly id: string;
  /** E.164. */
  readonly to: string;
  /** The sender that the environment has for the number's country. */
  readonly from: string;
  readonly text: string;
  /** How many the carrier counts, and bills. */
  readonly parts: number;
  readonly transactional: boolean;
  readonly transport: SmsSettings['transport'];
  readonly configurationSet?: string;
  readonly application?: string;
  readonly maxPrice?: string;
  /** After this instant it is of no use, epoch milliseconds. */
  readonly expiresAt?: number;
}

export interface OutgoingWebhook {
  readonly channel: 'webhook';
  readonly id: string;
  readonly endpoint: WebhookEndpoint;
  /** JSON text: what is signed is what is sent. */
  readonly body: string;
  readonly timeoutMs: number;
  /** The answer is wanted. */
  readonly save: boolean;
}

/**
 * What a provider said, classed by what happens next.
 *
 * - `handed`: it has the message, under this id of its own.
 * - `refused`: it said that it will not take this message; final. `suppress`: nor any other to this address, because it
 *   is none, or because its owner has told the provider so.
 * - `throttled`: it surely did not take it, and may later. `parked`: it was not even asked, because of a rate of ours or an
 *   outage of its own.
 * - `unknown`: nobody can tell (time-out after sending, 5xx); guarantee G3.
 *
 * `alarm`: somebody must mend our configuration; a metric of its own counts it, where one is named. `gone`: hashes of
 * devices that the service knows no more.
 *
 * Codes are dotted and stable; neither code nor detail holds an address or a text of the provider's, which may.
 */
export type ProviderResult =
  | {
      readonly handed: string;
      readonly answer?: Json;
      readonly detail?: { readonly [key: string]: Json };
      readonly gone?: readonly string[];
      readonly alarm?: Alarm;
    }
  | {
      readonly refused: string;
      readonly detail?: Json;
      readonly suppress?: DeadBecause;
      readonly gone?: readonly string[];
    }
  | { readonly throttled: string; readonly retryAfterSeconds?: number; readonly alarm?: Alarm; readonly parked?: true }
  | { readonly unknown: string };

type Alarm = true | Extract<MetricName, 'PushCredentialsRefused'>;

/** Never throws for what a provider does; a throw is a bug. */
export type Deliver<M extends Outgoing = Outgoing> = (message: M) => Promise<ProviderResult>;
