import { addressHash } from '../../domain/messaging/address.ts';
import { nominalMs } from '../../kernel/duration.ts';
import type { ConfirmClaims } from '../signed-links.ts';
import type { Material } from './making.ts';

/** A mail that lay in a mailbox over a holiday still works; one that somebody finds next year does not. */
const DEFAULT_WITHIN = 'P7D';
const MAX_TOPICS = 10;

/**
 * What `{{ confirm_url }}` of this message confirms: the topic that the step names (`vars.confirm_topic`), else whatever is pending on
 * the channel. undefined: nothing.
 */
export function confirmClaimsOf(material: Material): ConfirmClaims | undefined {
  const { request, address, policy, now } = material;
  const topics = topicsToConfirm(material);
  if (topics.length === 0) return undefined;
  return {
    ...{ profile: request.key, channel: request.channel, message: request.id, topics },
    addressHash: addressHash(request.channel, address),
    at: now,
    until: now + nominalMs(policy.confirmWithin ?? DEFAULT_WITHIN),
  };
}

function topicsToConfirm({ request, profile }: Material): readonly string[] {
  const named = (request.values['vars'] as { readonly confirm_topic?: unknown } | undefined)?.confirm_topic;
  if (typeof named === 'string' && named !== '') return [named];
  return Object.values(profile.consents)
    .filter(({ channel, state }) => channel === request.channel && state === 'pending')
    .map(({ topic }) => topic)
    .sort()
    .slice(0, MAX_TOPICS);
}
