import type { Json } from '../../../kernel/canonical-json.ts';
import type { CompiledCatalog } from '../../compiled-catalog.ts';
import type { Journey } from '../../journeys/journey.ts';
import type { Profile } from '../../profiles/profile.ts';
import type { Channel } from '../channel.ts';
import { channelSpecs } from '../channels/registry.ts';
import type { Topic } from '../topic.ts';
import type { Rival } from './rivals.ts';

/** One message that somebody wants to send on one channel, now. */
export interface Proposal {
  readonly profile: Profile;
  readonly catalog: Pick<CompiledCatalog, 'policy' | 'topics' | 'templates'>;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The customer's, else the journey's, else the environment's. */
  readonly zone: string;
  readonly channel: Channel;
  readonly topic: Topic;
  /** Address that was given instead of the profile's own. */
  readonly to?: string;
  readonly template?: { readonly id: string; readonly version?: number };
  readonly journey?: Journey;
  /** Of a message that a run sends. */
  readonly run?: string;
  /** Messages with a higher priority that are known to come, first those that are due first; absent: none. */
  readonly rivals?: readonly Rival[];
  /** Spreads what is held: the message's id. */
  readonly seed: string;
}

/** Not before `until` (epoch milliseconds, after now). */
export interface Hold {
  readonly hold: string;
  readonly until: number;
  readonly saw?: Json;
  /** What would let it go now. */
  readonly fix: string;
  /** The policy says that it is not worth waiting for; a step that says `whenBlocked` knows better. */
  readonly drops?: true;
}

/** undefined: nothing against it. `no`: not on this channel, and `fix` says what would change that. */
export type Verdict = undefined | { readonly no: string; readonly fix: string; readonly saw?: Json } | Hold;

/** Begins the `fix` of what is held. */
export const LATER = 'goes later by itself';

/** What drops the message counts most; else the hold that ends last. */
export const laterOf = (one: Hold | undefined, other: Hold): Hold =>
  one === undefined || (one.drops === other.drops ? other.until > one.until : other.drops === true) ? other : one;

export type Check = (proposal: Proposal) => Verdict;

export const isTransactional = (topic: Topic): boolean => topic.kind === 'transactional';

/** Caps, quiet hours and age are about marketing to people: not transactional topics, not what reaches systems. */
export const isMarketing = ({ topic, channel }: Pick<Proposal, 'topic' | 'channel'>): boolean =>
  !isTransactional(topic) && channelSpecs[channel].reaches === 'people';
