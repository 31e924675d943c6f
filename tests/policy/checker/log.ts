/**
 * What the checker reads: what was sent, what was said of it, and the documents as their authors wrote them. It shares no
 * code with the product, not even types.
 */

/** A message that went to a customer. Times are RFC 3339 in UTC. */
export interface SentLine {
  readonly line: 'sent';
  readonly customer: string;
  /** When it was decided: caps and gaps count from there. */
  readonly decided: string;
  /** When it was handed to the provider: nobody is disturbed before. */
  readonly handed: string;
  readonly channel: string;
  readonly topic: string;
  readonly journey: string;
  readonly step: string;
  readonly run: string;
  /** The customer's clock, and country where it is known. */
  readonly zone: string;
  readonly country?: string;
}

/** Something else that is on record of the customer. */
export interface NoteLine {
  readonly line: 'note';
  readonly customer: string;
  readonly at: string;
  readonly code: string;
  readonly journey?: string;
  readonly step?: string;
  readonly run?: string;
  readonly channel?: string;
  readonly topic?: string;
  readonly saw?: unknown;
  readonly zone: string;
  readonly country?: string;
}

export type Line = SentLine | NoteLine;

export interface Hours {
  readonly days?: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly channels?: readonly string[];
  readonly countries?: readonly string[];
}

export interface Holiday {
  readonly dates: readonly string[];
  readonly channels?: readonly string[];
  readonly countries?: readonly string[];
}

export interface Cap {
  readonly id?: string;
  readonly channel?: string;
  readonly topic?: string;
  readonly max: number;
  readonly per: string;
}

export interface StepSetting {
  readonly type: string;
  readonly next?: string;
  readonly channels?: readonly string[] | string;
}

export interface JourneySetting {
  readonly id: string;
  readonly priority?: number;
  readonly steps: { readonly [id: string]: StepSetting };
  readonly sending?: {
    readonly quietHours?: string | readonly Hours[];
    readonly windows?: readonly Hours[];
    readonly closedDates?: readonly string[];
  };
  readonly limits?: { readonly messagesPerProfile?: readonly { readonly max: number; readonly per: string }[] };
}

export interface Settings {
  readonly policy: {
    readonly quietHours: readonly Hours[];
    readonly closedDates?: readonly Holiday[];
    readonly caps: readonly Cap[];
    readonly gap?: { readonly between: string; readonly channels?: readonly string[]; readonly onlyDifferent?: true };
    readonly reserve?: string;
    readonly holdout?: { readonly percent: number; readonly group: string };
  };
  readonly topics: readonly {
    readonly id: string;
    readonly kind: string;
    readonly consent: { readonly [channel: string]: string };
  }[];
  readonly journeys: readonly JourneySetting[];
}

/** One thing that must not have happened. */
export interface Violation {
  readonly rule: string;
  readonly customer: string;
  readonly at: string;
  readonly detail: string;
}

/** Whether the cap counts messages like this one. */
export const concerns = ({ channel, topic }: Cap, sent: { readonly channel?: string; readonly topic?: string }) =>
  (channel === undefined || channel === sent.channel) && (topic === undefined || topic === sent.topic);
