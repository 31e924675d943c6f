import type { Json } from '../../../kernel/canonical-json.ts';
import type { CompiledCatalog } from '../../compiled-catalog.ts';
import type { Journey } from '../../journeys/journey.ts';
import type { Profile } from '../../profiles/profile.ts';
import type { Channel } from '../channel.ts';
import { channelSpecs } from '../channels/registry.ts';
import type { Topic } from '../topic.ts';

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
  /** Spreads what is held: the message's id. */
  readonly seed: string;
}

/**
 * undefined: nothing against it. `no`: not on this channel, and `fix` says what would change that. `hold`: not before
 * `until` (epoch milliseconds, after now).
 */
export type Verdict =
  | undefined
  | { readonly no: string; readonly fix: string; readonly saw?: Json }
  | { readonly hold: string; readonly until: number; readonly saw?: Json };

export type Check = (proposal: Proposal) => Verdict;

export const isTransactional = (topic: Topic): boolean => topic.kind === 'transactional';

/** Caps, quiet hours and age are about marketing to people: not transactional topics, not what reaches systems. */
export const isMarketing = ({ topic, channel }: Pick<Proposal, 'topic' | 'channel'>): boolean =>
  !isTransactional(topic) && channelSpecs[channel].reaches === 'people';
