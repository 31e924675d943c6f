import { describe, expect, it } from 'vitest';
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

const key = profileKey('user', 'ada');
const keys = { current: 'k1', keys: { k1: new Uint8Array(32).fill(3) } };
const links = signedLinks({ keys: async () => keys, reload: async () => keys }, 'https://links.example');
const hash = addressHash('email', 'ada@example.org');
const claims: LinkClaims = { profile: key, channel: 'email', topic: 'offers', addressHash: hash, message: `${key}-m1` };
const start = Date.UTC(2026, 10, 22, 9);

const topics: Topic[] = [
  { id: 'offers', name: 'Offers', kind: 'marketing', consent: { email: 'opt-out', sms: 'opt-in' }, public: true },
  { id: 'partners', name: 'Partners', kind: 'marketing', consent: { email: 'opt-in' }, public: true },
  { id: 'hidden', kind: 'marketing', consent: { email: 'opt-out' } },
  { id: 'account', kind: 'transactional', consent: {}, public: true },
];

async function world(
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
      ofAddress: async (channel, of) =>
        [...suppressions.values()].filter((one) => one.channel === channel && one.addressHash === of),
      async liftUnsubscribe(channel, of) {
        order.push('lift');
        suppressions.delete(nameOf({ channel, addressHash: of, topic: null }));
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

const record = (channel: Consent['channel'], topic: string, state: Consent['state'], at = start - 9): Consent => ({
  ...{ channel, topic, state, at, source: 'form' },
});

describe('what a customer sees', () => {
  it('is every public marketing topic on the channels that reach them, as it is: record, topic, suppression', async () => {
    const w = await world();
    expect(await w.states()).toEqual({ 'email/offers': true, 'email/partners': false });
    const both = await world([record('email', 'partners', 'granted'), record('email', 'offers', 'withdrawn')], {
      email: 'ada@example.org',
      phone: '+4915112345678',
    });
    expect(await both.states()).toEqual({ 'email/offers': false, 'sms/offers': false, 'email/partners': true });
    await both.ports.suppressions.put({
      ...{ channel: 'email', addressHash: hash, topic: null, reason: 'unsubscribe', at: start },
    });
    expect((await both.states())['email/partners'], 'told by the list before the profile has it').toBe(false);
  });

  it('of their address only so much that they know it again, and nothing when it is another one by now', async () => {
    const own = await world();
    expect((await showPreferences(own.token, own.ports))!.address).toBe('a•••@e•••.org');
    const moved = await world([], { email: 'new@example.net' });
    expect((await showPreferences(moved.token, moved.ports))!).not.toHaveProperty('address');
  });

  it.each(['', 'x', 'k1.AAAA.AAAAAAAAAAAAAAAAAAAAAA'])('nothing, with a link that is not ours: %j', async (bad) => {
    const w = await world();
    expect(await showPreferences(bad, w.ports)).toBeUndefined();
    expect(await savePreferences(bad, readPreferenceForm('all=1'), w.ports)).toBeUndefined();
    const unsubscribe = (await links.unsubscribeUrl(claims)).split('/u/')[1]!;
    expect(await showPreferences(unsubscribe, w.ports), 'of another purpose').toBeUndefined();
    expect(w.order).toEqual([]);
  });

  it('looking changes nothing', async () => {
    const w = await world();
    await w.states();
    expect(w.order).toEqual([]);
  });
});

describe('what a customer saves', () => {
  it('G10 stops the address first, then tells the profile, then lifts; and is shown at once', async () => {
    const w = await world();
    expect(await w.save('form=1&was=email/offers&on=email/partners')).toEqual({
      'email/offers': false,
      'email/partners': true,
    });
    expect(w.order).toEqual(['suppress offers', 'mail', 'lift']);
    expect(w.said()).toEqual(['email/offers withdrawn', 'email/partners granted']);
    expect(w.mail[0]!.mail).toMatchObject({
      key,
      hop: 0,
      records: [{ consents: [{ source: 'preference-page', evidence: claims.message, at: start }, {}] }],
    });
    expect((await w.states())['email/offers'], 'before the profile has it').toBe(false);
  });

  it('says only what is another wish than before', async () => {
    const w = await world();
    await w.save('form=1&was=email/offers&on=email/offers');
    expect(w.order).toEqual([]);
  });

  it('of two pages in a row the second counts, though the profile has not learned the first yet', async () => {
    const w = await world();
    await w.save('form=1&was=email/offers&on=email/offers&on=email/partners');
    w.clock.now += 1_000;
    await w.save('form=2&was=email/offers&was=email/partners&on=email/offers');
    expect(w.said()).toEqual(['email/partners granted', 'email/partners withdrawn']);
    expect(new Set(w.mail.map(({ id }) => id)).size).toBe(2);
  });

  it('pressed twice, one page is one record', async () => {
    const w = await world();
    await w.save('form=1&was=email/offers');
    w.clock.now += 500;
    await w.save('form=1&was=email/offers');
    expect(new Set(w.mail.map(({ id }) => id)).size).toBe(1);
  });

  it('everything is also what the page does not show, and what will be', async () => {
    const w = await world([], { email: 'ada@example.org', phone: '+4915112345678' });
    expect(Object.values(await w.save('form=1&was=email/offers&all=1&on=email/offers'))).toEqual([false, false, false]);
    expect(w.said()).toEqual(['email/offers withdrawn', 'email/hidden withdrawn']);
    expect([...w.suppressions.values()].map(({ channel, topic, reason }) => [channel, topic, reason])).toEqual([
      ['email', null, 'unsubscribe'],
      ['sms', null, 'unsubscribe'],
    ]);
    expect(Object.values(await w.states())).toEqual([false, false, false]);
  });

  it('takes nothing that the page does not offer', async () => {
    const w = await world();
    await w.save('form=1&was=email/offers&on=email/offers&on=email/hidden&on=email/account&on=push/offers&on=x');
    expect(w.order).toEqual([]);
  });

  it('in the mail of a test run is the test’s, and suppresses nobody', async () => {
    const w = await world();
    const ofTest = { ...claims, profile: `t${key.slice(1)}` };
    const token = (await links.preferencesUrl(ofTest)).split('/preferences/')[1]!;
    await savePreferences(token, readPreferenceForm('all=1'), w.ports);
    expect(w.order).toEqual(['mail']);
    expect(w.mail[0]!.mail.key).toBe(ofTest.profile);
  });
});
