import { describe, expect, it } from 'vitest';
import { compileCatalog } from '../../../shared/domain/compiled-catalog.ts';
import type { CustomerEvent } from '../../../shared/domain/customer-event.ts';
import type { MailRecord } from '../../../shared/domain/mail-record.ts';
import type { IdentityRules } from '../../../shared/domain/profiles/identity-rules.ts';
import { keyOfNamed, type NamedId } from '../../../shared/domain/profiles/named-id.ts';
import { namedOf } from '../../../shared/domain/profiles/named-of.ts';
import { emptyProfile, holdersOf } from '../../../shared/domain/profiles/profile.ts';
import type { Json } from '../../../shared/kernel/canonical-json.ts';
import { isKnown, type ProfileKey, profileKey } from '../../../shared/kernel/ids.ts';
import { journey } from '../engine/world.ts';
import { everyOrder, type Profiles, rootOf, type Script } from './every-order.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const [u, v, w] = ['u', 'v', 'w'].map((id) => profileKey('user', id)) as [ProfileKey, ProfileKey, ProfileKey];
const a = profileKey('anonymous', 'a');
const email = (id: string): NamedId => ({ kind: 'email', id: `${id}@example.com` });
const crm: NamedId = { kind: 'external:crm', id: '7' };

/** Whoever starts stands in a run of their own until tomorrow; what is counted adds up. */
const waiting = journey({
  entry: [{ on: 'event', event: 'Started' }],
  reentry: { key: 'event.cart', again: 'after-exit', whileInside: 'ignore' },
  where: {
    any: [{ did: 'Never', within: 'ever' }, { not: { did: 'Counted', within: 'ever', times: { atLeast: 1_000 } } }],
  },
  steps: { w: { type: 'wait', for: 'P1D', next: 'end' } },
});

const catalogOf = (identities: IdentityRules) =>
  compileCatalog({
    epoch: 1,
    journeys: [{ id: waiting.id, state: 'live', version: 1, document: waiting }],
    templates: [],
    topics: [{ id: 'news', kind: 'marketing', consent: { email: 'opt-out' } }],
    endpoints: [],
    policy: { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [], identities },
  });

const ids = { [u]: { userId: 'u' }, [v]: { userId: 'v' }, [w]: { userId: 'w' }, [a]: { anonymousId: 'a' } };
let serial = 0;
function event(
  to: ProfileKey,
  kind: CustomerEvent['kind'],
  name: string,
  data: object,
  more: Partial<CustomerEvent> = {},
) {
  serial += 1;
  const made: CustomerEvent = {
    id: `e${serial}`,
    sent: null,
    at: NOW - 10_000 + serial,
    kind,
    name,
    data: data as { [name: string]: Json },
    context: {},
    ...ids[to],
    ...more,
  };
  return { to, record: { t: 'event', event: made } as MailRecord };
}
const identify = (to: ProfileKey, traits: object, more: Partial<CustomerEvent> = {}) =>
  event(to, 'identify', 'Identified', traits, more);
const count = (to: ProfileKey) => event(to, 'track', 'Counted', {});
const start = (to: ProfileKey) => event(to, 'track', 'Started', { cart: `cart-${serial}` });
const alias = (to: ProfileKey, previousId: string) => event(to, 'alias', 'Alias Created', {}, { previousId });
const partner = (named: NamedId, traits: object) => ({
  ...identify(keyOfNamed(named), traits, { named: [named] }),
  late: true as const,
});
const consent = (to: ProfileKey, state: 'granted' | 'withdrawn', ago: number) => {
  serial += 1;
  const one = { channel: 'email', topic: 'news', state, at: NOW - ago, source: 'form' } as const;
  return { to, record: { t: 'consent', id: `c${serial}`, at: NOW - ago, consents: [one] } as MailRecord };
};

/** Whatever else happens, in every order: nothing is left behind, unanswered, lost or doubled. */
function checkLaws(profiles: Profiles, script: Script): void {
  const happened = { counted: 0, runs: 0 };
  for (const [key, profile] of profiles) {
    expect(profile.frozen, 'state left behind').toBeUndefined();
    if (profile.movedTo !== undefined) {
      const { movedTo: _, aliases: __, createdAt: ___, ...rest } = profile;
      const { aliases: ____, createdAt: _____, ...empty } = emptyProfile;
      expect(rest).toEqual(empty);
      expect(profiles.get(rootOf(profiles, key))!.aliases).toContain(key);
      continue;
    }
    expect(profile.asked, 'question never answered').toEqual({});
    happened.counted += Object.values(profile.seen).reduce((sum, { total }) => sum + total, 0);
    happened.runs += Object.keys(profile.runs).length;
    for (const holder of holdersOf(profile)) {
      expect(profiles.get(holder)?.movedTo, 'a holder that was merged').toBeUndefined();
      expect(namedOf(profiles.get(holder)!).map(keyOfNamed), 'a holder that gave it up').toContain(key);
    }
    for (const named of namedOf(profile)) {
      const actor = keyOfNamed(named);
      const leadsHere = rootOf(profiles, actor) === key || holdersOf(profiles.get(actor)!).includes(key);
      expect(leadsHere, `${named.kind} leads to whoever goes by it`).toBe(true);
    }
  }
  const told = script.flatMap(({ record }) => (record.t === 'event' ? [record.event.name] : []));
  expect(happened).toEqual({
    counted: told.filter((name) => name === 'Counted').length,
    runs: told.filter((name) => name === 'Started').length,
  });
}

const never = { email: { merge: 'never' } } as const;
const known = { 'external:crm': { merge: 'known' } } as const;
const unknown = { 'external:crm': { merge: 'unknown' }, email: { merge: 'unknown' } } as const;
const x = email('x').id;
const y = email('y').id;

/** Who ends up with whom does not depend on the order, nor does anything else. */
const confluent: [string, IdentityRules, () => Script][] = [
  [
    'two users by alias, a grant here and a withdrawal there',
    {},
    () => [
      consent(u, 'granted', 5),
      identify(u, { a: 1 }),
      start(u),
      alias(u, 'v'),
      identify(v, { b: 1 }),
      consent(v, 'withdrawn', 9),
      count(v),
    ],
  ],
  [
    'two users who ask for each other',
    {},
    () => [identify(u, { a: 1 }), alias(u, 'v'), count(u), identify(v, { b: 1 }), alias(v, 'u'), start(v)],
  ],
  [
    'two users of one address that never merges, and of one whose address changes',
    never,
    () => [
      identify(u, { email: x }),
      identify(u, { email: y }),
      count(u),
      identify(v, { email: x }),
      identify(v, { email: null }),
      start(v),
    ],
  ],
  [
    'two users of one address, who are merged',
    never,
    () => [identify(u, { email: x }), identify(v, { email: x }), alias(v, 'u'), count(u), start(v)],
  ],
  [
    'a device with an address becomes a user with another one',
    never,
    () => [
      identify(a, { email: x }),
      start(a),
      identify(u, { email: y }),
      identify(u, {}, { anonymousId: 'a' }),
      count(a),
    ],
  ],
  [
    'two users of one CRM id are one person',
    known,
    () => [
      identify(u, { a: 1 }, { named: [crm] }),
      start(u),
      consent(v, 'withdrawn', 9),
      identify(v, { b: 1 }, { named: [crm] }),
      consent(u, 'granted', 5),
    ],
  ],
  [
    'a partner’s data, a device and a user',
    unknown,
    () => [
      partner(crm, { score: 3 }),
      identify(a, { b: 1 }),
      start(a),
      identify(u, { a: 1 }, { named: [crm], anonymousId: 'a' }),
      count(a),
    ],
  ],
  [
    'three in a chain: a device, and two users by alias',
    {},
    () => [
      start(a),
      consent(a, 'withdrawn', 9),
      identify(u, {}, { anonymousId: 'a' }),
      identify(v, { b: 1 }),
      alias(v, 'u'),
      consent(v, 'granted', 5),
    ],
  ],
  [
    'two users and what a partner tells, by one CRM id',
    known,
    () => [
      identify(u, { a: 1 }, { named: [crm] }),
      count(u),
      identify(v, { b: 1 }, { named: [crm] }),
      partner(crm, { score: 3 }),
    ],
  ],
  [
    'three users by one CRM id',
    known,
    () => [
      ...[u, v, w].map((one) => identify(one, { [`of-${one}`]: 1 }, { named: [crm] })),
      start(v),
      consent(w, 'withdrawn', 9),
    ],
  ],
];

/** The first to be heard keeps it. */
const firstCome: [string, IdentityRules, () => Script][] = [
  [
    'two users name one lead',
    unknown,
    () => [
      partner(email('x'), { email: x, score: 3 }),
      identify(u, { email: x }),
      count(u),
      identify(v, { email: x }),
      start(v),
    ],
  ],
  [
    'two users on one device, with one address',
    unknown,
    () => [
      start(a),
      identify(u, { email: x }, { anonymousId: 'a' }),
      identify(v, { email: x }, { anonymousId: 'a' }),
      count(v),
    ],
  ],
  [
    'two users on one device, with one address that never merges',
    never,
    () => [
      identify(a, { email: x }),
      start(a),
      identify(u, {}, { anonymousId: 'a' }),
      identify(v, {}, { anonymousId: 'a' }),
      count(a),
    ],
  ],
];

describe('in every order in which mailboxes may be worked off', () => {
  it.each(confluent)('%s: all end in the same state', (_, rules, write) => {
    const script = write();
    const { ends, orders } = everyOrder(script, catalogOf(rules), NOW);
    expect(orders).toBeGreaterThan(100n);
    for (const profiles of ends) checkLaws(profiles, script);
    expect(ends.map(byPerson).filter((one, _i, all) => JSON.stringify(one) !== JSON.stringify(all[0]))).toEqual([]);
    for (const profiles of ends) {
      const withdrawn = script.some(
        ({ record }) => record.t === 'consent' && record.consents[0]!.state === 'withdrawn',
      );
      if (withdrawn) expect(profiles.get(rootOf(profiles, u))!.consents['email/news']!.state).toBe('withdrawn');
    }
  });

  it.each(firstCome)('%s: nobody is lost, and the two users stay two', (_, rules, write) => {
    const script = write();
    const { ends, orders } = everyOrder(script, catalogOf(rules), NOW);
    expect(orders).toBeGreaterThan(1_000n);
    expect(ends.length).toBeGreaterThan(1);
    for (const profiles of ends) {
      checkLaws(profiles, script);
      for (const user of [u, v]) expect(rootOf(profiles, user)).toBe(user);
    }
  });

  it('what a partner tells by a hash goes to one at most, and once', () => {
    const script = [
      identify(u, { email: x }),
      identify(u, { email: null }),
      identify(v, { email: x }),
      partner(email('x'), { score: 3 }),
    ];
    const { ends } = everyOrder(script, catalogOf(never), NOW);
    const scored = ends.map(
      (profiles) => [u, v].filter((user) => profiles.get(user)!.traits['score'] !== undefined).length,
    );
    expect(new Set(scored)).toEqual(new Set([0, 1]));
  });
});

/** Of several orders, which id stands for a merge and which is remembered as its cause may differ; who is whom may not. */
function byPerson(profiles: Profiles) {
  return [...profiles]
    .filter(([, profile]) => profile.movedTo === undefined && profile !== emptyProfile)
    .map(([key, { merged: _, ...profile }]) => [key, { ...profile, isKnown: isKnown(key) }] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, profile]) => [key, sorted(profile)]);
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  );
}
