import { describe, expect, it } from 'vitest';
import { joinProfiles } from '../../../shared/domain/profiles/join-profiles.ts';
import { MAX_ASIDE, MAX_ASIDE_BYTES } from '../../../shared/domain/profiles/limits.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import type { SetAside } from '../../../shared/domain/profiles/set-aside.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import fc from '../../property.ts';
import { World } from '../engine/world.ts';

const traits = {
  age: { type: 'integer', min: 0 },
  plan: { type: 'string', enum: ['free', 'pro'] as string[] },
  'address.country': { type: 'country' },
  'address.state': { type: 'region' },
  phone: { type: 'phone' },
} as const;
const world = () => new World({ policy: { traits, defaultCountry: 'DE' } });
const asideOf = (w: World) => w.profile('ann').aside;

describe('a value that a schema refuses', () => {
  it('is set aside with what is wrong, and not with itself in the reason; the trait stays, the rest counts', () => {
    const w = world();
    w.identify('ann', { plan: 'pro' });
    w.pass('1m');
    const { reasons } = w.identify('ann', { plan: 'secret plan', age: '7', other: 'fine' });
    expect([w.trait('ann', 'plan'), w.trait('ann', 'age'), w.trait('ann', 'other')]).toEqual(['pro', 7, 'fine']);
    const why = { code: 'enum', limit: 'one of 2', actual: 'string' };
    expect(asideOf(w)).toEqual({ plan: { value: 'secret plan', at: w.now, source: 'identify', why } });
    expect(reasons.filter(({ code }) => code === 'trait.set-aside')).toEqual([
      { code: 'trait.set-aside', saw: { trait: 'plan', ...why } },
    ]);
    expect(JSON.stringify(reasons)).not.toContain('secret');
  });

  it('again is no change; a newer one takes its place, an older one does not', () => {
    const w = world();
    const first = w.identify('ann', { age: -1 });
    w.pass('1m');
    expect(w.identify('ann', { age: -1 }).profile).toBe(first.profile);
    w.identify('ann', { age: -2 });
    w.identify('ann', { age: -3 }, { at: w.now - 30_000 });
    expect(asideOf(w)!['age']).toMatchObject({ value: -2, at: w.now });
  });

  it('is forgotten with a newer good value, also the one that is there, or with one that is taken away; not by an older one', () => {
    const w = world();
    w.identify('ann', { age: 5 });
    w.pass('1h');
    const bad = () => {
      w.pass('1m');
      w.identify('ann', { age: 'old' });
      expect(asideOf(w)).toBeDefined();
      w.pass('1m');
    };
    bad();
    w.identify('ann', { age: 6 }, { at: w.now - 120_000 });
    expect([w.trait('ann', 'age'), asideOf(w)!['age']!.value]).toEqual([6, 'old']);
    w.identify('ann', { age: 7 });
    expect(asideOf(w)).toBeUndefined();
    bad();
    w.identify('ann', { age: 7 });
    expect(asideOf(w)).toBeUndefined();
    bad();
    w.tell('ann', { t: 'patch', id: 'p', at: w.now, traits: { age: null } });
    expect([w.trait('ann', 'age'), asideOf(w)]).toEqual([null, undefined]);
    bad();
    w.tell('ann', { t: 'patch', id: 'q', at: w.now, traits: { age: null } });
    expect(asideOf(w)).toBeUndefined();
  });

  it(`keeps ${MAX_ASIDE} of them, and of a large one only what is wrong`, () => {
    const many = Object.fromEntries(Array.from({ length: MAX_ASIDE + 2 }, (_, i) => [`t${i}`, { type: 'number' }]));
    const w = new World({ policy: { traits: many as never } });
    for (let i = 0; i < MAX_ASIDE + 2; i += 1) {
      w.identify('ann', { [`t${i}`]: 'x'.repeat(i % 2 === 0 ? MAX_ASIDE_BYTES : 3) });
      w.pass('1m');
    }
    const aside = asideOf(w)!;
    expect(Object.keys(aside)).toHaveLength(MAX_ASIDE);
    expect([aside['t0'], aside['t1']]).toEqual([undefined, undefined]);
    expect(aside['t2']).toMatchObject({ why: { actual: `${MAX_ASIDE_BYTES} characters` } });
    expect(aside['t2']).not.toHaveProperty('value');
    expect(aside['t3']).toHaveProperty('value', 'xxx');
  });

  it('dry runs set nothing aside for real', () => {
    const step = { type: 'update', set: { age: 'old' }, next: 'end' };
    const w = new World({ policy: { traits }, journeys: [], dryRuns: ['welcome'] });
    w.publish(
      {
        schemaVersion: 1,
        id: 'welcome',
        name: 'Welcome',
        topic: 'news',
        entry: [{ on: 'event', event: 'Signed Up' }],
        reentry: { again: 'never', whileInside: 'ignore' },
        start: 'set',
        steps: { set: step },
      } as never,
      'live',
      { dryRun: true },
    );
    const { reasons } = w.track('ann', 'Signed Up');
    expect(reasons.filter(({ code }) => code === 'trait.set-aside')).toMatchObject([{ dryRun: true }]);
    expect(asideOf(w)).toBeUndefined();
  });
});

describe('the laws of one trait', () => {
  // Each value is another one: of the same value again only the first time counts.
  const told = fc.array(fc.record({ at: fc.integer({ min: 1, max: 6 }), good: fc.boolean() }), { maxLength: 10 });

  it('property: the newest good value is the trait, and the newest bad one that is newer still is aside', () => {
    fc.assert(
      fc.property(told, (all) => {
        const w = world();
        const start = w.now - 60_000;
        const sent = all.map(({ at, good }, index) => ({ at: start + at, good, value: good ? index : -1 - index }));
        for (const { at, value } of sent) w.identify('ann', { age: value }, { at });
        // Of the same instant the later in the mailbox.
        const newest = (some: typeof sent) =>
          some.reduceRight<(typeof sent)[number] | undefined>(
            (best, one) => (best === undefined || one.at > best.at ? one : best),
            undefined,
          );
        const good = newest(sent.filter((one) => one.good));
        expect(w.trait('ann', 'age')).toBe(good?.value);
        const bad = newest(sent.filter((one) => !one.good));
        const aside = asideOf(w)?.['age'];
        if (bad === undefined || (good !== undefined && good.at > bad.at)) expect(aside).toBeUndefined();
        else if (good === undefined || good.at < bad.at) expect(aside).toMatchObject({ value: bad.value, at: bad.at });
      }),
    );
  });
});

describe('parts of a trait', () => {
  it('are brought into form, regions by the country beside them; what is bad makes the whole bad', () => {
    const w = world();
    w.identify('ann', { address: { Country: 'United States', state: 'California', city: ' Reno ' } });
    expect(w.trait('ann', 'address')).toEqual({ country: 'US', state: 'US-CA', city: 'Reno' });
    w.pass('1m');
    w.identify('ann', { address: { country: 'Atlantis', city: 'Deep' } });
    expect(w.trait('ann', 'address')).toMatchObject({ country: 'US' });
    expect(asideOf(w)!['address']!.why).toEqual({
      code: 'format',
      limit: 'country',
      actual: '8 characters',
      part: 'country',
    });
    w.identify('ann', { address: { city: 'Anywhere' } });
    expect(w.trait('ann', 'address')).toEqual({ city: 'Anywhere' });
  });

  it.each<[string, object, unknown]>([
    ['the policy’s country', { phone: '0151 12345678' }, '+4915112345678'],
    ['the address’s, by its name', { phone: '0664 1234567', address: { country: 'Österreich' } }, '+436641234567'],
    ['the number’s own', { phone: '+1 415 555 2671' }, '+14155552671'],
  ])('phone numbers of %s', (_title, sent, expected) => {
    const w = world();
    w.identify('ann', sent as never);
    expect(w.trait('ann', 'phone')).toBe(expected);
  });

  it('without a schema the policy’s country reads phone numbers too', () => {
    const w = new World({ policy: { defaultCountry: 'DE' } });
    w.identify('ann', { phone: '0151 12345678' });
    expect(w.trait('ann', 'phone')).toBe('+4915112345678');
  });
});

describe('two profiles that become one', () => {
  const [a, b] = [profileKey('user', 'a'), profileKey('user', 'b')];
  const why = { code: 'type', limit: 'number', actual: 'string' } as const;
  const aside = fc.dictionary(
    fc.constantFrom('x', 'y', 'z'),
    fc.record({ value: fc.constantFrom('p', 'q'), at: fc.integer({ min: 1, max: 4 }) }),
  );
  const good = fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.integer({ min: 1, max: 4 }));
  const profile = fc.tuple(aside, good).map(([bad, times]): Profile => {
    const traitsOf = Object.entries(times).map(([name, at]) => [name, { value: 1, at, source: 'api' }]);
    const kept = Object.entries(bad).map(([name, one]): [string, SetAside] => [name, { ...one, source: 'api', why }]);
    const hasSome = kept.length > 0;
    return {
      ...emptyProfile,
      traits: Object.fromEntries(traitsOf),
      ...(hasSome && { aside: Object.fromEntries(kept) }),
    };
  });
  const join = (one: Profile, other: Profile) => joinProfiles(one, a, other, b).profile;
  const shown = ({ aside: left, traits: kept }: Profile) => ({ left, kept });

  it('property: values set aside join in any order, the newest wins, and a good value that is newer clears', () => {
    fc.assert(
      fc.property(profile, profile, profile, (x, y, z) => {
        expect(shown(join(x, y))).toEqual(shown(join(y, x)));
        expect(shown(join(join(x, y), z))).toEqual(shown(join(x, join(y, z))));
        const joined = join(x, y);
        for (const [name, one] of Object.entries(joined.aside ?? {})) {
          expect(joined.traits[name]?.at ?? 0).toBeLessThan(one.at);
          expect(one.at).toBe(Math.max(x.aside?.[name]?.at ?? 0, y.aside?.[name]?.at ?? 0));
        }
      }),
    );
  });
});
