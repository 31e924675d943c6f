import { describe, expect, it } from 'vitest';
import type { KeywordMeaning } from '../../../shared/domain/messaging/keywords.ts';
import type { Policy } from '../../../shared/domain/messaging/policy.ts';
import { Topic } from '../../../shared/domain/messaging/topic.ts';
import { keyOfNamed, type NamedId } from '../../../shared/domain/profiles/named-id.ts';
import type { Consent } from '../../../shared/domain/profiles/profile.ts';
import { sha256Hex } from '../../../shared/kernel/ids.ts';
import { journey, message, World } from '../engine/world.ts';

const phone = '+4915100000001';
const named: readonly NamedId[] = [
  { kind: 'phone', id: phone },
  { kind: 'phone-sha256', id: sha256Hex(phone) },
];
const topics = [
  { id: 'offers', kind: 'marketing', consent: { sms: 'opt-out', email: 'opt-out' } },
  { id: 'partners', kind: 'marketing', consent: { sms: 'opt-in' } },
  { id: 'codes', kind: 'transactional', consent: {} },
].map((topic) => Topic.parse(topic));
const journeys = [journey({ id: 'offer', topic: 'offers', steps: { m: message('end', { channels: ['sms'] }) } })];
const worldWith = (identities: Policy['identities']) =>
  new World({ topics, journeys, policy: { identities } as Partial<Policy> });
let serial = 0;
const texts = (w: World, word: KeywordMeaning, at = w.now) => {
  serial += 1;
  return w.deliver(keyOfNamed(named[0]!), { t: 'keyword', id: `k-${serial}`, at, channel: 'sms', word, named });
};
const states = (w: World, user: string) =>
  Object.fromEntries(Object.entries(w.profile(user).consents).map(([key, { state }]) => [key, state]));
const consent = (w: World, user: string, topic: string, state: Consent['state'], source = 'form') => {
  serial += 1;
  const record = { channel: 'sms', topic, state, at: w.now, source } as const;
  w.tell(user, { t: 'consent', id: `c-${serial}`, at: w.now, consents: [record] });
};

describe('STOP', () => {
  it.each<[string, Policy['identities']]>([
    ['by number', { phone: { merge: 'never' } }],
    ['by hash alone', { 'phone-sha256': { merge: 'never' } }],
  ])('withdraws all marketing of the channel, of everybody who holds the number: %s', (_what, identities) => {
    const w = worldWith(identities);
    for (const user of ['ann', 'bob']) w.identify(user, { phone });
    w.identify('cat', { phone: '+4915100000002' });
    w.pass('1m');
    texts(w, 'stop');
    for (const user of ['ann', 'bob']) {
      expect(states(w, user)).toEqual({ 'sms/offers': 'withdrawn', 'sms/partners': 'withdrawn' });
    }
    expect(states(w, 'cat')).toEqual({});
  });

  it('is heard by the one who took the number in', () => {
    const w = worldWith({ phone: { merge: 'known' } });
    w.identify('ann', { phone });
    w.pass('1m');
    texts(w, 'stop');
    expect(states(w, 'ann')).toMatchObject({ 'sms/offers': 'withdrawn' });
  });

  it.each<[string, Policy['identities'], string]>([
    ['never merges', { phone: { merge: 'never' } }, 'identity.not-held'],
    ['merges', { phone: { merge: 'unknown' } }, 'identity.not-held'],
    ['is not tracked', {}, 'identity.not-tracked'],
  ])('of a number that nobody has makes nobody’s acquaintance, where it %s', (_what, identities, code) => {
    const w = worldWith(identities);
    expect(texts(w, 'stop')).toMatchObject({ changed: false, forwarded: false });
    expect(w.codes().at(-1)).toBe(code);
  });
});

describe('START', () => {
  const stopped = () => {
    const w = worldWith({ phone: { merge: 'never' } });
    w.identify('ann', { phone });
    w.pass('1m');
    return w;
  };

  it('gives back what STOP took away, and nothing else', () => {
    const w = stopped();
    texts(w, 'stop');
    w.pass('1m');
    texts(w, 'start');
    expect(states(w, 'ann')).toEqual({ 'sms/offers': 'granted', 'sms/partners': 'withdrawn' });
    expect(w.profile('ann').consents['sms/offers']).toMatchObject({ source: 'keyword', at: w.now });
    expect(w.profile('ann').consents['sms/offers']).not.toHaveProperty('stopped');
  });

  it('gives back a consent that was given', () => {
    const w = stopped();
    consent(w, 'ann', 'partners', 'granted');
    w.pass('1m');
    for (const word of ['stop', 'stop', 'start'] as const) {
      texts(w, word);
      w.pass('1m');
    }
    expect(states(w, 'ann')).toEqual({ 'sms/offers': 'granted', 'sms/partners': 'granted' });
  });

  it('leaves alone what was withdrawn in another way, before STOP or after', () => {
    const w = stopped();
    consent(w, 'ann', 'offers', 'withdrawn', 'link');
    w.pass('1m');
    texts(w, 'stop');
    w.pass('1m');
    texts(w, 'start');
    expect(states(w, 'ann')).toEqual({ 'sms/offers': 'withdrawn', 'sms/partners': 'withdrawn' });
    const other = stopped();
    texts(other, 'stop');
    other.pass('1m');
    consent(other, 'ann', 'offers', 'withdrawn', 'support');
    other.pass('1m');
    texts(other, 'start');
    expect(states(other, 'ann')).toMatchObject({ 'sms/offers': 'withdrawn' });
  });

  it('before its STOP, by the time at which both were published, changes nothing', () => {
    const w = stopped();
    texts(w, 'stop');
    texts(w, 'start', w.now - 1);
    expect(states(w, 'ann')).toMatchObject({ 'sms/offers': 'withdrawn' });
  });

  it('of somebody who never stopped says nothing', () => {
    const w = stopped();
    texts(w, 'start');
    expect(states(w, 'ann')).toEqual({});
  });
});

describe('a provider that refuses an address', () => {
  const refused = (suppress: 'bounce' | 'unsubscribe') => {
    const w = worldWith({});
    w.identify('ann', { phone });
    w.track('ann', 'Signed Up');
    const { id } = w.messages.at(-1)!;
    w.outcome(id, 'failed', { reason: 'sms.refused', suppress });
    return w;
  };

  it('because it is none: it is dead, and suppressed for all', () => {
    const w = refused('bounce');
    expect(Object.values(w.profile('ann').deadAddresses)).toEqual(['bounce']);
    expect(w.suppressed).toHaveLength(1);
  });

  it('because its owner said STOP there: what is marketing is withdrawn', () => {
    const w = refused('unsubscribe');
    expect(states(w, 'ann')).toMatchObject({ 'sms/offers': 'withdrawn' });
    expect(w.profile('ann').deadAddresses).toEqual({});
    expect(w.suppressed).toHaveLength(1);
  });
});
