import type { CatalogSnapshot } from '../domain/catalog.ts';
import { addressHash, asHashed, normaliseAddress } from '../domain/messaging/address.ts';
import { Channel } from '../domain/messaging/channel.ts';
import { channelSpecs } from '../domain/messaging/channels/registry.ts';
import { consentFor, consentKey } from '../domain/messaging/consent.ts';
import { addressIn } from '../domain/messaging/policy/check-address.ts';
import { suppressedBy } from '../domain/messaging/suppression.ts';
import type { Topic } from '../domain/messaging/topic.ts';
import { type Consent, emptyProfile, type Profile } from '../domain/profiles/profile.ts';
import { traitValue } from '../domain/profiles/set-traits.ts';
import { maskAddress } from '../kernel/addresses.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { digest, isTestKey } from '../kernel/ids.ts';
import type { CatalogCache } from './catalog-cache.ts';
import type { Clock, Mailbox, ProfileStore, SuppressionReader, SuppressionStore } from './ports.ts';
import { knownProfile } from './profiles/find-profile.ts';
import type { LinkClaims, SignedLinks } from './signed-links.ts';

export interface PreferencePorts {
  readonly now: Clock;
  readonly links: Pick<SignedLinks, 'read'>;
  readonly profiles: Pick<ProfileStore, 'read'>;
  readonly snapshots: CatalogCache<CatalogSnapshot>;
  readonly suppressions: SuppressionStore & SuppressionReader & UnsubscribeLifter;
  readonly mailbox: Mailbox;
}

export interface UnsubscribeLifter {
  /** What the customer had asked for themselves, of all topics: never a bounce, a complaint or what an operator entered. */
  liftUnsubscribe(channel: Channel, hashes: readonly string[]): Promise<void>;
}

export interface Preference {
  /** `email/offers` */
  readonly key: string;
  readonly channel: Channel;
  readonly topic: Topic;
  readonly on: boolean;
}

export interface PreferenceView {
  readonly preferences: readonly Preference[];
  /** The customer's own, as they wrote it. */
  readonly locale?: string;
  /** Masked: whoever got the message forwarded does not learn it here. */
  readonly address?: string;
}

type Hashes = readonly [own: string, hashed?: string];

interface Subject {
  readonly claims: LinkClaims;
  readonly profile: Profile;
  readonly topics: readonly Topic[];
  /** Of each channel that reaches this person, all that stand for their address; ours first. */
  readonly addresses: ReadonlyMap<Channel, Hashes>;
  readonly view: PreferenceView;
}

/** What somebody may choose, as it is; changes nothing (scanners follow links). undefined: not a link of ours. */
export async function showPreferences(token: string, ports: PreferencePorts): Promise<PreferenceView | undefined> {
  return (await subjectOf(token, ports))?.view;
}

/** A form as the page makes it. */
export interface PreferenceForm {
  readonly all: boolean;
  /** What is ticked, and what was when the page was made. */
  readonly on: ReadonlySet<string>;
  readonly was: ReadonlySet<string>;
  /** Of which page it is. */
  readonly form: string;
}

export function readPreferenceForm(body: string): PreferenceForm {
  const fields = new URLSearchParams(body);
  return {
    all: fields.get('all') === '1',
    on: new Set(fields.getAll('on')),
    was: new Set(fields.getAll('was')),
    form: (fields.get('form') ?? '').slice(0, 40),
  };
}

/**
 * Saves a choice, and answers with it: the profile learns it from its mailbox, a moment later.
 *
 * 1. Suppressions come first: `send` reads them at once (G10). Then the statements; what the customer had suppressed
 *    themselves is lifted last, when their new wish is in the mailbox.
 * 2. A statement is made of what differs from what is known or from what the page had shown: two pages in a row are two
 *    choices, though the first one is not in the profile yet.
 * 3. One page is one record: pressed twice, it counts once.
 */
export async function savePreferences(
  token: string,
  form: PreferenceForm,
  ports: PreferencePorts,
): Promise<PreferenceView | undefined> {
  const subject = await subjectOf(token, ports);
  if (subject === undefined) return undefined;
  const { claims, view } = subject;
  const preferences = view.preferences.map((one) => ({ ...one, on: !form.all && form.on.has(one.key) }));
  const changed = preferences.filter(
    (one, index) => one.on !== view.preferences[index]!.on || one.on !== form.was.has(one.key),
  );
  const at = ports.now();
  const said = { at, source: 'preference-page', evidence: claims.message } as const;
  const consents: Consent[] = changed.map(({ channel, topic, on }) => ({
    ...{ channel, topic: topic.id, state: on ? 'granted' : 'withdrawn' },
    ...said,
    ...(topic.textVersion !== undefined && { textVersion: topic.textVersion }),
  }));
  const named = new Set(changed.map(({ key }) => key));
  if (form.all)
    consents.push(...othersOf(subject, named).map((one): Consent => ({ ...one, state: 'withdrawn', ...said })));

  const isReal = !isTestKey(claims.profile);
  if (isReal) await suppress(subject, form.all, consents, at, ports);
  if (consents.length > 0) {
    const content = consents.map(({ at: _, ...one }) => one);
    const id = digest('preferences', claims.message, claims.addressHash, form.form, canonicalJson(content));
    const records = [{ t: 'consent', id, at, consents }] as const;
    await ports.mailbox.send([{ id, mail: { schema: 1, key: claims.profile, received: at, hop: 0, records } }]);
  }
  const granted = new Set(consents.filter(({ state }) => state === 'granted').map(({ channel }) => channel));
  for (const channel of isReal ? granted : []) {
    await ports.suppressions.liftUnsubscribe(
      channel,
      subject.addresses.get(channel)!.filter((one) => one !== undefined),
    );
  }
  return { ...view, preferences };
}

/** Marketing topics that the page does not show: "everything" is those, too. */
function othersOf({ profile, topics, addresses }: Subject, named: ReadonlySet<string>) {
  return topics
    .filter(({ kind }) => kind === 'marketing')
    .flatMap((topic) => [...addresses.keys()].map((channel) => ({ channel, topic })))
    .filter(({ channel, topic }) => !named.has(consentKey(channel, topic.id)))
    .filter(({ channel, topic }) => consentFor(profile.consents, channel, topic).allowed)
    .map(({ channel, topic }) => ({ channel, topic: topic.id }));
}

async function suppress(
  { addresses }: Subject,
  all: boolean,
  consents: readonly Consent[],
  at: number,
  { suppressions }: PreferencePorts,
): Promise<void> {
  const reason = 'unsubscribe' as const;
  if (all) {
    for (const [channel, [addressHash]] of addresses) {
      await suppressions.put({ channel, addressHash, topic: null, reason, at });
    }
    return;
  }
  for (const { channel, topic, state } of consents) {
    const hashes = addresses.get(channel);
    if (state !== 'withdrawn' || hashes === undefined) continue;
    await suppressions.put({ channel, addressHash: hashes[0], topic, reason, at });
  }
}

async function subjectOf(token: string, ports: PreferencePorts): Promise<Subject | undefined> {
  const claims = await ports.links.read('preferences', token);
  if (claims === undefined) return undefined;
  const [stored, { topics }] = await Promise.all([
    knownProfile(ports.profiles, claims.profile),
    ports.snapshots.current(),
  ]);
  const profile = stored?.profile ?? emptyProfile;
  const addresses = addressesOf(profile, claims);
  const isStopped = await stoppedBy(addresses, profile, ports);
  const preferences = topics
    .filter((topic) => topic.public === true && topic.kind === 'marketing')
    .flatMap((topic) =>
      Channel.options
        .filter((channel) => addresses.has(channel) && Object.hasOwn(topic.consent, channel))
        .map((channel): Preference => {
          const on = consentFor(profile.consents, channel, topic).allowed && !isStopped(channel, topic);
          return { key: consentKey(channel, topic.id), channel, topic, on };
        }),
    );
  const locale = traitValue(profile, 'locale');
  const address = addressIn(profile, claims.channel);
  const isOwn = address !== undefined && addressHash(claims.channel, address) === claims.addressHash;
  const masked = isOwn ? maskAddress(normaliseAddress(claims.channel, address) ?? '') : undefined;
  const view: PreferenceView = {
    preferences,
    ...(typeof locale === 'string' && { locale }),
    ...(masked !== undefined && { address: masked }),
  };
  return { claims, profile, topics, addresses, view };
}

/** Of the link's channel the address that the message went to, be it another one's by now. */
function addressesOf(profile: Profile, { channel: by, addressHash: hash }: LinkClaims): Map<Channel, Hashes> {
  const people = Channel.options.filter((channel) => channelSpecs[channel].reaches === 'people');
  const own = people.flatMap((channel): [Channel, Hashes][] => {
    const address = addressIn(profile, channel);
    return address === undefined ? [] : [[channel, [addressHash(channel, address), asHashed(channel, address)]]];
  });
  const addresses = new Map(own);
  return addresses.get(by)?.[0] === hash ? addresses : addresses.set(by, [hash]);
}

/** What was said on this page or by another link a moment ago may not be in the profile yet; in the list it is. */
async function stoppedBy(addresses: ReadonlyMap<Channel, Hashes>, profile: Profile, ports: PreferencePorts) {
  const lists = await Promise.all(
    [...addresses].map(
      async ([channel, hashes]) => [channel, await ports.suppressions.ofAddress(channel, ...hashes)] as const,
    ),
  );
  const byChannel = new Map(lists);
  return (channel: Channel, { id }: Topic): boolean => {
    const wishes = (byChannel.get(channel) ?? []).filter(({ reason }) => reason === 'unsubscribe');
    const grantedAt = profile.consents[consentKey(channel, id)]?.at;
    return suppressedBy(wishes, { topic: id, transactional: false, grantedAt }) !== undefined;
  };
}
