import type { OutgoingMail, StoredProfile } from '../../shared/app/ports.ts';
import {
  type PreferencePorts,
  readPreferenceForm,
  savePreferences,
  showPreferences,
} from '../../shared/app/preferences.ts';
import { type LinkClaims, signedLinks } from '../../shared/app/signed-links.ts';
import type { CatalogSnapshot } from '../../shared/domain/catalog.ts';
import { addressHash } from '../../shared/domain/messaging/address.ts';
import type { Suppression } from '../../shared/domain/messaging/suppression.ts';
import type { Topic } from '../../shared/domain/messaging/topic.ts';
import { type Consent, emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../shared/kernel/ids.ts';

/** One customer, behind the links of their messages; what the pages do is written down in order. */
export const key = profileKey('user', 'ada');
const keys = { current: 'k1', keys: { k1: new Uint8Array(32).fill(3) } };
export const links = signedLinks({ keys: async () => keys, reload: async () => keys }, 'https://links.example');
export const hash = addressHash('email', 'ada@example.org');
export const claims: LinkClaims = {
  profile: key,
  channel: 'email',
  topic: 'offers',
  addressHash: hash,
  message: `${key}-m1`,
};
export const start = Date.UTC(2026, 10, 22, 9);

const topics: Topic[] = [
  { id: 'offers', name: 'Offers', kind: 'marketing', consent: { email: 'opt-out', sms: 'opt-in' }, public: true },
  {
    id: 'partners',
    name: 'Partners',
    textVersion: '2026-11',
    kind: 'marketing',
    consent: { email: 'opt-in' },
    public: true,
  },
  { id: 'hidden', kind: 'marketing', consent: { email: 'opt-out' } },
  { id: 'account', kind: 'transactional', consent: {}, public: true },
];

export async function linksWorld(
  consents: Consent[] = [],
  traits: Readonly<Record<string, string>> = { email: 'Ada@example.org' },
) {
  const suppressions = new Map<string, Suppression>();
  const mail: OutgoingMail[] = [];
  const order: string[] = [];
  const clock = { now: start };
  const nameOf = (one: Pick<Suppression, 'channel' | 'addressHash' | 'topic'>) =>
    `${one.channel}#${one.addressHash}#${one.topic}`;
  const stored: StoredProfile = {
    ...{ key, version: 1, at: start, epoch: 0 },
    profile: {
      ...emptyProfile,
      traits: Object.fromEntries(
        Object.entries(traits).map(([name, value]) => [name, { value, at: start, source: 'api' as const }]),
      ),
      consents: Object.fromEntries(consents.map((one) => [`${one.channel}/${one.topic}`, one])),
    },
  };
  const ports: PreferencePorts = {
    now: () => clock.now,
    links,
    profiles: { read: async (of) => (of === key ? stored : undefined) },
    snapshots: { current: async () => ({ topics }) as unknown as CatalogSnapshot } as PreferencePorts['snapshots'],
    suppressions: {
      async put(one) {
        order.push(`suppress ${one.topic}`);
        suppressions.set(nameOf(one), one);
      },
      ofAddress: async (channel, ...hashes) =>
        [...suppressions.values()].filter((one) => one.channel === channel && hashes.includes(one.addressHash)),
      async liftUnsubscribe(channel, hashes) {
        order.push('lift');
        for (const of of hashes) suppressions.delete(nameOf({ channel, addressHash: of, topic: null }));
      },
    },
    mailbox: {
      async send(all) {
        order.push('mail');
        mail.push(...all);
        return [];
      },
    },
  };
  const token = (await links.preferencesUrl(claims)).split('/preferences/')[1]!;
  const states = async () =>
    Object.fromEntries((await showPreferences(token, ports))!.preferences.map((one) => [one.key, one.on]));
  const save = async (body: string) => {
    const view = await savePreferences(token, readPreferenceForm(body), ports);
    return Object.fromEntries(view!.preferences.map((one) => [one.key, one.on]));
  };
  const said = () =>
    mail.flatMap(({ mail: { records } }) =>
      records.flatMap((one) =>
        one.t === 'consent' ? one.consents.map((c) => `${c.channel}/${c.topic} ${c.state}`) : [],
      ),
    );
  return { ports, suppressions, mail, order, clock, token, states, save, said };
}

export const record = (
  channel: Consent['channel'],
  topic: string,
  state: Consent['state'],
  at = start - 9,
): Consent => ({
  ...{ channel, topic, state, at, source: 'form' },
});
