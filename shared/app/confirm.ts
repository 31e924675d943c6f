import { addressHash, asHashed } from '../domain/messaging/address.ts';
import { consentKey } from '../domain/messaging/consent.ts';
import { addressIn } from '../domain/messaging/policy/check-address.ts';
import type { Consent, Profile } from '../domain/profiles/profile.ts';
import { traitValue } from '../domain/profiles/set-traits.ts';
import { digest, isTestKey } from '../kernel/ids.ts';
import type { PreferencePorts } from './preferences.ts';
import { knownProfile } from './profiles/find-profile.ts';
import type { ConfirmClaims } from './signed-links.ts';

export interface Confirmation {
  /** `expired`: in time, because the address is another one by now, or because somebody said no since. */
  readonly state: 'ask' | 'done' | 'expired';
  /** For people. */
  readonly topicNames: readonly string[];
  /** The customer's own, as they wrote it. */
  readonly locale?: string;
}

interface Subject {
  readonly claims: ConfirmClaims;
  readonly profile: Profile | undefined;
  readonly confirmation: Confirmation;
}

/** What a link would confirm; a GET does no more than this (scanners follow links). undefined: not a link of ours. */
export async function askConfirmation(token: string, ports: PreferencePorts): Promise<Confirmation | undefined> {
  return (await subjectOf(token, ports))?.confirmation;
}

/**
 * Grants what the message asked for: whoever presses the button reads the mail of this address (double opt-in). One link is one
 * record, however often it is pressed; after a "no" it is worth nothing any more.
 */
export async function confirm(token: string, ports: PreferencePorts): Promise<Confirmation | undefined> {
  const subject = await subjectOf(token, ports);
  if (subject === undefined || subject.confirmation.state === 'expired') return subject?.confirmation;
  const { claims, profile, confirmation } = subject;
  const { channel, addressHash: hash, message } = claims;
  const at = ports.now();
  const consents = claims.topics.map((topic): Consent => {
    const textVersion = profile?.consents[consentKey(channel, topic)]?.textVersion;
    const words = textVersion === undefined ? {} : { textVersion };
    return { channel, topic, state: 'granted', at, source: 'confirm-link', ...words, evidence: message };
  });
  const id = digest('confirm', message, hash, ...claims.topics);
  const records = [{ t: 'consent', id, at, consents }] as const;
  await ports.mailbox.send([{ id, mail: { schema: 1, key: claims.profile, received: at, hop: 0, records } }]);
  const address = profile && addressIn(profile, channel);
  const hashes = address === undefined ? [hash] : [hash, asHashed(channel, address)];
  if (!isTestKey(claims.profile)) await ports.suppressions.liftUnsubscribe(channel, hashes);
  return { ...confirmation, state: 'done' };
}

async function subjectOf(token: string, ports: PreferencePorts): Promise<Subject | undefined> {
  const claims = await ports.links.read('confirm', token);
  if (claims === undefined) return undefined;
  const [stored, { topics }, suppressions] = await Promise.all([
    knownProfile(ports.profiles, claims.profile),
    ports.snapshots.current(),
    ports.suppressions.ofAddress(claims.channel, claims.addressHash),
  ]);
  const profile = stored?.profile;
  const isRefused = suppressions.some(
    ({ reason, topic, at }) =>
      reason === 'unsubscribe' && at > claims.at && (topic === null || claims.topics.includes(topic)),
  );
  const isOver = ports.now() >= claims.until || isRefused || profile === undefined || !stillFits(claims, profile);
  const locale = profile && traitValue(profile, 'locale');
  const nameOf = (id: string) => topics.find((topic) => topic.id === id)?.name ?? id;
  const confirmation: Confirmation = {
    state: isOver ? 'expired' : 'ask',
    topicNames: claims.topics.map(nameOf),
    ...(typeof locale === 'string' && { locale }),
  };
  return { claims, profile, confirmation };
}

/** The address is the one that the link proves, and nobody has said no since it was sent. */
function stillFits({ channel, addressHash: hash, topics, at }: ConfirmClaims, profile: Profile): boolean {
  const address = addressIn(profile, channel);
  if (address === undefined || addressHash(channel, address) !== hash) return false;
  return topics.every((topic) => {
    const record = profile.consents[consentKey(channel, topic)];
    return record?.state !== 'withdrawn' || record.at <= at;
  });
}
