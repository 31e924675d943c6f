import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../shared/domain/messaging/policy.ts';
import { IdentityRules } from '../../../shared/domain/profiles/identity-rules.ts';
import { MAX_HOLDERS } from '../../../shared/domain/profiles/limits.ts';
import { keyOfNamed, type NamedId, normaliseId } from '../../../shared/domain/profiles/named-id.ts';
import { emptyProfile, holdersOf, isNobody, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { type NamedKind, type ProfileKey, profileKey, sha256Hex, testKey } from '../../../shared/kernel/ids.ts';
import { journey, World } from '../engine/world.ts';

const user = (id: string) => profileKey('user', id);
const email = (id: string): NamedId => ({ kind: 'email', id });
const crm = (id: string): NamedId => ({ kind: 'external:crm', id });
const worldWith = (identities: Policy['identities']) => new World({ policy: { identities } as Partial<Policy> });
const never = { email: { merge: 'never' }, phone: { merge: 'never' } } as const;
const at = (w: World, key: ProfileKey): Profile => w.profiles.get(key) ?? emptyProfile;
const holders = (w: World, named: NamedId) => holdersOf(at(w, keyOfNamed(named)));
const lead = (w: World, named: readonly NamedId[], data = {}) =>
  w.event({ kind: 'identify', name: 'Identified', named, data });

describe('an identity as it is compared', () => {
  it.each<[NamedKind, unknown, string | undefined]>([
    ['email', ' Ada@Example.COM ', 'ada@example.com'],
    ['email', 'ada', undefined],
    ['phone', '+1 (415) 555-0100', '+14155550100'],
    ['phone', '4155550100', undefined],
    ['email-sha256', 'AB'.repeat(32), 'ab'.repeat(32)],
    ['email-sha256', 'ab', undefined],
    ['device', ' d-1 ', 'd-1'],
    ['device', '00000000-0000-0000-0000-000000000000', undefined],
    ['external:crm', 17, '17'],
    ['external:crm', 'guest', undefined],
    ['external:crm', 'x'.repeat(257), undefined],
    ['external:crm', { id: 1 }, undefined],
  ])('%s %s', (kind, value, id) => expect(normaliseId(kind, value)).toBe(id));

  it('has a key below every user, and of no other kind', () => {
    const kinds = ['anonymous', 'email', 'phone', 'device', 'email-sha256', 'external:crm', 'external:erp'] as const;
    const keys = kinds.map((kind) => profileKey(kind, 'ada'));
    expect(new Set(keys).size).toBe(kinds.length);
    for (const key of keys) expect(key < user('ada')).toBe(true);
  });

  it.each([
    [{ email: { merge: 'never', max: 200 } }, true],
    [{ 'external:crm': { merge: 'known' } }, true],
    [{ 'external:CRM': { merge: 'known' } }, false],
    [{ user: { merge: 'never' } }, false],
    [{ email: { merge: 'never', max: 201 } }, false],
    [{ email: { merge: 'sometimes' } }, false],
    [Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`external:s${i}`, { merge: 'never' }])), false],
  ])('rules %j are accepted: %s', (rules, isGood) => expect(IdentityRules.safeParse(rules).success).toBe(isGood));
});

describe('an identity that never merges', () => {
  it('leads to everybody who has it, and is let go when the address changes or is taken away', () => {
    const w = worldWith(never);
    w.identify('ann', { email: 'Us@example.com' });
    w.identify('bob', { email: 'us@example.com', phone: '+14155550100' });
    expect(holders(w, email('us@example.com')).sort()).toEqual([user('ann'), user('bob')].sort());
    expect(w.profile('bob').ids.named).toEqual({ email: ['us@example.com'], phone: ['+14155550100'] });
    w.pass('1m');
    w.identify('ann', { email: 'ann@example.com' });
    expect(holders(w, email('us@example.com'))).toEqual([user('bob')]);
    expect(holders(w, email('ann@example.com'))).toEqual([user('ann')]);
    w.pass('1m');
    w.identify('bob', { email: null });
    expect(holders(w, email('us@example.com'))).toEqual([]);
    expect(w.profile('bob').ids.named).toEqual({ phone: ['+14155550100'] });
    expect(isNobody(at(w, keyOfNamed(email('us@example.com'))))).toBe(true);
  });

  it('is put right by PATCH: the wrong one leads to them no more, and what was said before does not bring it back', () => {
    const w = worldWith(never);
    const said = w.now;
    w.identify('ann', { email: 'wrong@example.com' });
    w.pass('1m');
    w.tell('ann', { t: 'patch', id: 'c-1', at: w.now, traits: { email: 'ann@example.com' } });
    expect(holders(w, email('wrong@example.com'))).toEqual([]);
    expect(holders(w, email('ann@example.com'))).toEqual([user('ann')]);
    w.identify('ann', { email: 'wrong@example.com' }, { at: said });
    expect([w.trait('ann', 'email'), holders(w, email('wrong@example.com'))]).toEqual(['ann@example.com', []]);
  });

  it('is the address as the trait has it: a national number, with the policy’s country', () => {
    const w = new World({ policy: { identities: never, defaultCountry: 'DE' } as Partial<Policy> });
    w.identify('ann', { phone: '030 123456' });
    const phone: NamedId = { kind: 'phone', id: '+4930123456' };
    expect([w.trait('ann', 'phone'), w.profile('ann').ids.named]).toEqual([phone.id, { phone: [phone.id] }]);
    expect(holders(w, phone)).toEqual([user('ann')]);
    w.identify('bob', { phone: '+49 30 123456' });
    expect(holders(w, phone).sort()).toEqual([user('ann'), user('bob')].sort());
    w.identify('ann', { phone: '(030) 654321' });
    expect(holders(w, phone)).toEqual([user('bob')]);
    // In an event that carries it as an identity it is already in one form.
    w.identify('cleo', { phone: '030 123456', address: { country: 'AT' } });
    expect(w.profile('cleo').ids.named).toEqual({ phone: ['+4330123456'] });
  });

  it('costs nothing again: a second event with the same address tells nobody', () => {
    const w = worldWith(never);
    w.identify('ann', { email: 'ann@example.com' });
    expect(w.identify('ann', { email: 'ann@example.com' })).toMatchObject({ changed: false, effects: [] });
    expect(w.track('ann', 'Looked Around')).toMatchObject({ changed: false, effects: [] });
  });

  it('in one millisecond there and back again: the last word holds', () => {
    const w = worldWith(never);
    for (const address of ['a@example.com', 'b@example.com', 'a@example.com']) w.identify('ann', { email: address });
    expect(holders(w, email('a@example.com'))).toEqual([user('ann')]);
    expect(holders(w, email('b@example.com'))).toEqual([]);
  });

  it('words come in any order: the newest counts', () => {
    const w = worldWith(never);
    const key = keyOfNamed(email('ann@example.com'));
    const by = user('ann');
    const words = [
      { t: 'hold', by, at: 1 },
      { t: 'release', by, at: 2 },
      { t: 'hold', by, at: 3 },
      { t: 'release', by, at: 4 },
    ] as const;
    for (const order of permutations(words)) {
      w.profiles.delete(key);
      for (const word of order) w.deliver(key, word);
      expect(at(w, key).holders).toEqual({ [by]: -4 });
      expect(w.deliver(key, words[0]).changed).toBe(false);
    }
  });

  it('remembers the newest 20; who gave it up makes room first', () => {
    const w = worldWith(never);
    const key = keyOfNamed(email('all@example.com'));
    w.deliver(key, { t: 'release', by: user('gone'), at: 1_000 });
    for (let i = 0; i < 25; i += 1) w.deliver(key, { t: 'hold', by: user(`u${i}`), at: i + 1 });
    expect(holders(w, email('all@example.com'))).toHaveLength(MAX_HOLDERS);
    expect(holders(w, email('all@example.com'))).not.toContain(user('u0'));
    expect(Object.keys(at(w, key).holders!)).not.toContain(user('gone'));
  });

  it('who is absorbed hands over what they held', () => {
    const w = worldWith(never);
    w.event({ kind: 'identify', name: 'Identified', anonymousId: 'a-1', data: { email: 'ann@example.com' } });
    w.pass('1m');
    w.identify('ann', {}, { anonymousId: 'a-1' });
    expect(holders(w, email('ann@example.com'))).toEqual([user('ann')]);
    expect(w.profile('ann').ids.named).toEqual({ email: ['ann@example.com'] });
  });

  it('of two users who become one, both addresses stay the person’s; a later change gives up only what it replaces', () => {
    const w = worldWith({ email: { merge: 'never', max: 1 } });
    w.identify('ann', { email: 'old@example.com' });
    w.pass('1m');
    w.identify('bob', { email: 'new@example.com' });
    w.alias('ann', 'bob');
    const root = w.profile('ann');
    expect(root.ids.named).toEqual({ email: ['new@example.com', 'old@example.com'] });
    w.pass('1m');
    w.identify('ann', { email: 'newest@example.com' });
    expect(w.profile('ann').ids.named).toEqual({ email: ['newest@example.com', 'old@example.com'] });
    expect(holders(w, email('new@example.com'))).toEqual([]);
    for (const address of ['old@example.com', 'newest@example.com']) {
      expect(holders(w, email(address))).toHaveLength(1);
    }
  });

  it('what is addressed by it goes to the one who has it, and to nobody when there are several or none', () => {
    const w = worldWith({ ...never, 'email-sha256': { merge: 'never' } });
    const hashed: NamedId = { kind: 'email-sha256', id: sha256Hex('us@example.com') };
    expect(lead(w, [hashed], { plan: 'x' })).toMatchObject({ changed: false, forwarded: false });
    expect(w.codes().at(-1)).toBe('identity.not-held');
    w.identify('ann', { email: 'us@example.com' });
    // Committed, so that a redrive after the address has changed hands does not go to another one as well.
    expect(lead(w, [hashed], { plan: 'pro' })).toMatchObject({ forwarded: true, changed: true });
    expect(w.trait('ann', 'plan')).toBe('pro');
    w.identify('bob', { email: 'us@example.com' });
    expect(lead(w, [hashed], { plan: 'none' }).forwarded).toBe(false);
    expect(w.reasons.at(-1)).toMatchObject({ code: 'identity.ambiguous', saw: { kind: 'email-sha256', holders: 2 } });
    expect(w.trait('ann', 'plan')).toBe('pro');
    const patch = {
      t: 'patch',
      id: 'p-1',
      identity: email('us@example.com'),
      at: w.now,
      traits: { plan: 'no' },
    } as const;
    expect(w.deliver(keyOfNamed(email('us@example.com')), patch).changed).toBe(false);
  });

  it('what comes to somebody who gave it up in the meantime is refused, and its actor hears so', () => {
    const w = worldWith(never);
    w.identify('ann', { email: 'ann@example.com' });
    const key = keyOfNamed(email('ann@example.com'));
    w.pass('1m');
    w.identify('ann', { email: null });
    // As after a dead letter: the actor believes in the old holder.
    w.profiles.set(key, { ...emptyProfile, holders: { [user('ann')]: 1 } });
    lead(w, [email('ann@example.com')], { plan: 'pro' });
    expect(w.codes()).toContain('identity.not-held');
    expect(w.trait('ann', 'plan')).toBeUndefined();
    expect(holders(w, email('ann@example.com'))).toEqual([]);
  });

  it('an untracked kind passes an event on to the first that is tracked, and refuses it when there is none', () => {
    const w = worldWith(never);
    w.identify('ann', { email: 'ann@example.com' });
    lead(w, [crm('7'), email('ann@example.com')], { plan: 'pro' });
    expect(w.trait('ann', 'plan')).toBe('pro');
    lead(w, [crm('7')], { plan: 'x' });
    expect(w.codes().at(-1)).toBe('identity.not-tracked');
    expect(at(w, keyOfNamed(crm('7')))).toBe(emptyProfile);
  });

  it('a lead from when the policy let it be one goes on, and does not hold itself', () => {
    const w = worldWith(never);
    const key = keyOfNamed(email('ann@example.com'));
    const traits = { email: { value: 'ann@example.com', at: 1, source: 'identify' } } as const;
    w.profiles.set(key, { ...emptyProfile, createdAt: 1, traits });
    lead(w, [email('ann@example.com')], { plan: 'trial' });
    expect(at(w, key)).toMatchObject({
      traits: { plan: { value: 'trial' } },
      ids: { named: { email: ['ann@example.com'] } },
    });
    expect(at(w, key).holders).toBeUndefined();
  });

  it('without rules nothing is remembered at all', () => {
    const w = new World();
    w.identify('ann', { email: 'ann@example.com' }, { named: [crm('7')], anonymousId: 'a-1' });
    expect(w.profile('ann').ids).toEqual({ user: 'ann' });
    expect(w.profile('ann').merged).toBeUndefined();
    expect([...w.profiles.keys()].sort()).toEqual([user('ann'), profileKey('anonymous', 'a-1')].sort());
  });

  it('a copy for a test run holds nothing', () => {
    const w = new World({
      journeys: [journey({ steps: { w: { type: 'wait', for: 'P1D', next: 'end' } } })],
      policy: { identities: never } as Partial<Policy>,
    });
    const key = testKey('welcome', 'r-1');
    const customer = { createdAt: 1, consents: {}, entered: {}, seen: {}, sends: [], deadAddresses: {} };
    const traits = { email: { value: 'ann@example.com', at: 1, source: 'identify' } } as const;
    w.deliver(key, {
      t: 'test',
      id: 'r-1',
      at: w.now,
      epoch: w.epoch,
      test: { journey: 'welcome', version: 1, sendTo: 'me@example.com', speed: 60 },
      customer: { ...customer, traits },
    });
    expect(Object.values(at(w, key).runs)).toHaveLength(1);
    expect(at(w, key).ids).toEqual({});
    expect(holders(w, email('ann@example.com'))).toEqual([]);
  });
});

describe('an identity that merges whoever is unknown', () => {
  const rules = { email: { merge: 'unknown', max: 2 }, 'external:crm': { merge: 'unknown' } } as const;

  it('a lead becomes part of the first user who names it; what comes to the address later follows', () => {
    const w = worldWith(rules);
    lead(w, [email('ann@example.com')], { email: 'ann@example.com', plan: 'trial' });
    w.pass('1m');
    w.identify('ann', { email: 'ann@example.com' });
    expect(w.trait('ann', 'plan')).toBe('trial');
    expect(w.profile('ann').aliases).toEqual([keyOfNamed(email('ann@example.com'))]);
    lead(w, [email('ann@example.com')], { plan: 'pro' });
    expect(w.trait('ann', 'plan')).toBe('pro');
  });

  it('another user who names it is declined, once, and does not go by it', () => {
    const w = worldWith(rules);
    w.identify('ann', { email: 'us@example.com' });
    w.identify('bob', { email: 'us@example.com' });
    expect(w.profile('bob')).toMatchObject({ asked: {}, aliases: [], declined: [keyOfNamed(email('us@example.com'))] });
    expect(w.profile('bob').ids.named).toBeUndefined();
    expect(w.reasons.filter(({ code }) => code === 'identity.shared')).toHaveLength(1);
    expect(w.track('bob', 'Looked Around')).toMatchObject({ changed: false, effects: [] });
    expect(w.profile('ann').ids.named).toEqual({ email: ['us@example.com'] });
  });

  it('a lead known by two identities is one lead', () => {
    const w = worldWith(rules);
    lead(w, [crm('7')], { plan: 'trial' });
    lead(w, [email('ann@example.com'), crm('7')], { city: 'Bonn' });
    w.identify('ann', {}, { named: [crm('7')] });
    expect(w.trait('ann', 'plan')).toBe('trial');
    expect(w.trait('ann', 'city')).toBe('Bonn');
    expect(w.profile('ann').aliases).toHaveLength(2);
  });

  it('who is declined behind a chain of leads is told in the name of the one they asked', () => {
    const w = worldWith(rules);
    const us = email('us@example.com');
    // The lower of two leads yields, so that a chain of two signposts leads from it to ann.
    const low = crm(
      Array.from({ length: 99 }, (_, i) => String(i)).find((id) => keyOfNamed(crm(id)) < keyOfNamed(us))!,
    );
    lead(w, [low], { plan: 'trial' });
    lead(w, [us, low]);
    expect(at(w, keyOfNamed(low)).movedTo).toBe(keyOfNamed(us));
    w.identify('ann', { email: us.id });
    w.identify('bob', {}, { named: [low] });
    expect(w.profile('bob')).toMatchObject({ asked: {}, declined: [keyOfNamed(low)] });
  });

  it('more than the policy lets one profile have is refused, and the event decided', () => {
    const w = worldWith({ 'external:crm': { merge: 'unknown', max: 2 } });
    for (const id of ['1', '2', '3']) w.identify('ann', { [`t${id}`]: id }, { named: [crm(id)] });
    expect(w.profile('ann').ids.named).toEqual({ 'external:crm': ['1', '2'] });
    expect(w.reasons.at(-1)).toEqual({
      code: 'identity.too-many',
      saw: { kind: 'external:crm', limit: 2, actual: 2 },
    });
    expect(w.trait('ann', 't3')).toBe('3');
  });

  it('where the policy said never before, whoever held it is merged or declined', () => {
    const w = worldWith(rules);
    const key = keyOfNamed(email('us@example.com'));
    w.profiles.set(key, { ...emptyProfile, holders: { [user('ann')]: 1, [user('bob')]: 1 } });
    w.identify('ann', { email: 'us@example.com' });
    w.identify('bob', { email: 'us@example.com' });
    expect(at(w, key).movedTo).toBe(user('ann'));
    expect(w.profile('ann').holders).toBeUndefined();
  });

  it('where it said unknown before, its owner keeps it and others cannot hold it', () => {
    const w = worldWith(never);
    const key = keyOfNamed(email('us@example.com'));
    w.profiles.set(key, { ...emptyProfile, movedTo: user('ann') });
    w.identify('bob', { email: 'us@example.com' });
    expect(w.codes()).toContain('identity.shared');
    expect(w.profile('bob').ids.named).toBeUndefined();
    expect(w.track('bob', 'Looked Around')).toMatchObject({ changed: false, effects: [] });
  });
});

describe('an identity that joins known users', () => {
  it('two users of one CRM id are one person, and the merge says by what', () => {
    const w = worldWith({ 'external:crm': { merge: 'known' } });
    w.identify('ann', { plan: 'pro' }, { named: [crm('7')] });
    w.identify('bob', { city: 'Bonn' }, { named: [crm('7')], id: 'the-cause' });
    for (const one of ['ann', 'bob']) {
      expect(Object.keys(w.profile(one).traits).sort()).toEqual(['city', 'plan']);
      expect(w.profile(one).asked).toEqual({});
    }
    const lower = [user('ann'), user('bob')].sort()[0]!;
    expect(w.profile('ann').merged?.find(({ from }) => from === lower)).toMatchObject({
      origin: 'alias',
      by: 'the-cause',
    });
  });

  it('a command of the API does the same for any two', () => {
    const w = worldWith({});
    w.identify('ann', { plan: 'pro' });
    w.identify('bob', { city: 'Bonn' });
    w.tell('ann', { t: 'merge', id: 'c-1', at: w.now, with: user('bob') });
    expect(w.profile('ann')).toBe(w.profile('bob'));
    expect(w.profile('ann').merged).toMatchObject([{ origin: 'alias', by: 'c-1' }]);
    const absorbed = w.reasons.find(({ code }) => code === 'merge.absorbed')!;
    expect(absorbed.saw).toMatchObject({ runs: 0, endedRuns: 0, traits: 1, ofTraits: 1 });
  });
});

describe('consent across a merge', () => {
  const consent = (state: 'granted' | 'withdrawn', minute: number, w: World, id: string) =>
    ({
      t: 'consent',
      id,
      at: w.now,
      consents: [{ channel: 'email', topic: 'news', state, at: w.now + minute * 60_000, source: 'form' }],
    }) as const;
  const state = (w: World) => w.profile('ann').consents['email/news']?.state;

  it('a withdrawal stated before it holds, whichever side said it, be it heard before or after', () => {
    for (const order of permutations(['grant', 'withdraw', 'merge'] as const)) {
      const w = worldWith({});
      w.identify('ann', {});
      w.event({ kind: 'page', name: 'Page Viewed', anonymousId: 'a-1' });
      const withdraw = consent('withdrawn', -60, w, 'c-1');
      const grant = consent('granted', -30, w, 'c-2');
      for (const what of order) {
        if (what === 'grant') w.tell('ann', grant);
        if (what === 'withdraw') w.deliver(profileKey('anonymous', 'a-1'), withdraw);
        if (what === 'merge') w.identify('ann', {}, { anonymousId: 'a-1' });
      }
      expect(state(w), order.join()).toBe('withdrawn');
      w.pass('1m');
      w.tell('ann', consent('granted', 0, w, 'c-3'));
      expect(state(w), 'the person says so themselves').toBe('granted');
    }
  });

  it('within one profile the newest statement holds, as ever', () => {
    const w = worldWith({});
    w.tell('ann', consent('withdrawn', -60, w, 'c-1'));
    w.tell('ann', consent('granted', -30, w, 'c-2'));
    expect(state(w)).toBe('granted');
    w.event({ kind: 'page', name: 'Page Viewed', anonymousId: 'a-1' });
    w.identify('ann', {}, { anonymousId: 'a-1' });
    expect(state(w)).toBe('granted');
  });
});

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length <= 1) return [[...all]];
  return all.flatMap((one, i) => permutations([...all.slice(0, i), ...all.slice(i + 1)]).map((rest) => [one, ...rest]));
}
