import { knownTexts } from '../../kernel/known-texts.ts';
import type { Consent, Profile } from '../profiles/profile.ts';
import type { Channel } from './channel.ts';
import { channelSpecs } from './channels/registry.ts';
import type { Topic } from './topic.ts';

export const consentKey: (channel: Channel, topic: string) => string = knownTexts(
  (channel, topic) => `${channel}/${topic}`,
);

export interface ConsentAnswer {
  readonly allowed: boolean;
  /** `consent.granted`, `.withdrawn`, `.pending`; without a record `.not-needed` or `.missing` */
  readonly code: string;
  readonly record?: Consent;
}

/**
 * May this customer get messages of this topic on this channel? The record says; without one the topic does. A topic
 * that says nothing of the channel: transactional ones may be sent, marketing ones may not.
 */
export function consentFor(consents: Profile['consents'], channel: Channel, topic: Topic): ConsentAnswer {
  const record = consents[consentKey(channel, topic.id)];
  if (record !== undefined) return { allowed: record.state === 'granted', code: `consent.${record.state}`, record };
  if (channelSpecs[channel].reaches === 'systems') return { allowed: true, code: 'consent.not-needed' };
  const byTopic = Object.hasOwn(topic.consent, channel) ? topic.consent[channel as keyof Topic['consent']] : undefined;
  const meaning = byTopic ?? (topic.kind === 'transactional' ? 'opt-out' : 'opt-in');
  return meaning === 'opt-out'
    ? { allowed: true, code: 'consent.not-needed' }
    : { allowed: false, code: 'consent.missing' };
}
