import type { Channel } from '../domain/messaging/channel.ts';
import type { ConsentState, Profile } from '../domain/profiles/profile.ts';
import type { Json } from '../kernel/canonical-json.ts';
import type { ProfileKey } from '../kernel/ids.ts';

type Values = { readonly [name: string]: Json };

interface Who {
  readonly userId?: string;
  readonly anonymousId?: string;
}

/** Something that comes from outside: what a customer does, or what an API call says of them. Times are epoch milliseconds. */
export type Act = Who & {
  readonly at: number;
  /** The client's messageId; the same act has the same one. */
  readonly id: string;
} & (
    | { readonly t: 'event'; readonly name: string; readonly properties: Values; readonly context?: Context }
    | { readonly t: 'traits'; readonly traits: Values; readonly context?: Context }
    | { readonly t: 'consent'; readonly topic: string; readonly channel: Channel; readonly state: ConsentState }
    | { readonly t: 'enroll'; readonly journey: string; readonly properties: Values }
  );

export interface Context {
  readonly locale?: string;
  readonly timezone?: string;
}

/** A customer who is there already: what is known of them at an instant, epoch milliseconds. */
export interface Beginning {
  readonly key: ProfileKey;
  readonly profile: Profile;
  readonly at: number;
}

/** One customer with everything they do. */
export interface Customer {
  readonly name: string;
  /** In the order of time. */
  readonly acts: readonly Act[];
  /** Absent: nobody knows them before their first act. */
  readonly begins?: Beginning;
}
