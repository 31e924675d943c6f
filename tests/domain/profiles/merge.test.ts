import { describe, expect, it } from 'vitest';
import type { CustomerEvent } from '../../../shared/domain/customer-event.ts';
import { joinProfiles } from '../../../shared/domain/profiles/join-profiles.ts';
import { jsonBytes, MAX_MERGED_BYTES } from '../../../shared/domain/profiles/limits.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { canonicalJson } from '../../../shared/kernel/canonical-json.ts';
import { type ProfileKey, profileKey } from '../../../shared/kernel/ids.ts';
import fc from '../../property.ts';
import { journey, message, World } from '../engine/world.ts';

const key = {
  user: (id: string) => profileKey('user', id),
  anonymous: (id: string) => profileKey('anonymous', id),
};

describe('joining two states', () => {
  const at = fc.integer({ min: 1, max: 4 });
  const name = fc.constantFrom('x', 'y', 'z');
  const records = <T>(value: fc.Arbitrary<T>, names: fc.Arbitrary<string> = name) =>
    fc.dictionary(names, value, { maxKeys: 3 });
  const runs = fc
    .array(
      fc.record(
        { journey: name, runKey: name, version: at, enteredAt: at, due: at, step: name },
        { requiredKeys: ['journey', 'version', 'enteredAt', 'step'] },
      ),
      { maxLength: 4 },
    )
    .chain((all) => fc.tuple(fc.constant(all), fc.array(fc.uuid(), { minLength: all.length, maxLength: all.length })))
    .map(([all, ids]) => {
      const places = new Set<string>();
      const kept = all.map((run, i) => [ids[i]!, { ...run, since: run.enteredAt, stand: 'wait' as const }] as const);
      // Of each journey and key a profile has one run at most.
      return Object.fromEntries(
        kept.filter(([, run]) => {
          const place = canonicalJson([run.journey, run.runKey ?? null]);
          return !places.has(place) && places.add(place);
        }),
      );
    });
  const keys = fc.uniqueArray(
    fc.integer({ min: 0, max: 9 }).map((i) => key.anonymous(`other-${i}`)),
    { maxLength: 3 },
  );
  const anyProfile: fc.Arbitrary<Profile> = fc.record({
    ids: fc.record(
      {
        user: name,
        anonymous: fc.uniqueArray(name, { minLength: 1 }).map((all) => all.sort()),
        named: fc.dictionary(
          fc.constantFrom('email', 'external:crm'),
          fc.uniqueArray(name, { minLength: 1 }).map((all) => all.sort()),
          { minKeys: 1 },
        ),
      },
      { requiredKeys: [] },
    ),
    createdAt: fc.integer({ min: 0, max: 3 }),
    traits: records(
      fc.record({
        value: fc.oneof(fc.integer({ max: 2 }), fc.constant(null)),
        at,
        source: fc.constantFrom('identify', 'context'),
      }),
    ),
    consents: records(
      fc.record({
        channel: fc.constant('email' as const),
        topic: fc.constant('news'),
        state: fc.constantFrom('granted', 'pending', 'withdrawn'),
        at,
        source: name,
      }),
    ),
    runs,
    held: records(
      at.map((due) => ({
        run: 'r',
        at: { journey: 'j', version: 1, step: 's', since: 0, enteredAt: 0, stand: 'held' as const, due },
      })),
    ),
    entered: records(
      fc.record(
        { last: at, times: at, exited: at, reason: name, goal: fc.record({ version: at, until: at }) },
        { requiredKeys: ['last', 'times'] },
      ),
    ),
    seen: records(
      fc.array(at, { minLength: 1, maxLength: 3 }).map((times) => ({
        times: times.sort().map((one) => ({ at: one, count: 1, sum: one })),
        total: times.length,
        sum: times.reduce((a, b) => a + b, 0),
        since: times[0]!,
      })),
    ),
    sends: fc
      .uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 3 })
      .map((ids) => ids.sort().map((id) => ({ id: `m${id}`, at: id, channel: 'email' as const, topic: 'news' }))),
    deadAddresses: records(fc.constantFrom('bounce' as const, 'complaint' as const)),
    dates: fc.record({
      saw: fc.constant(''),
      next: records(
        fc.record({ joined: name.map((on) => [on]), done: name, unreadable: fc.constant(true) }, { requiredKeys: [] }),
      ),
    }),
    holdouts: records(fc.constantFrom('in' as const, 'out' as const)),
    aliases: fc.constant([]),
    asked: keys.chain((all) =>
      fc
        .array(fc.record({ since: at, origin: fc.constantFrom('identify' as const, 'alias' as const) }), {
          minLength: all.length,
          maxLength: all.length,
        })
        .map((values) => Object.fromEntries(all.map((one, i) => [one, values[i]!]))),
    ),
    declined: keys,
    merged: fc
      .uniqueArray(fc.record({ from: name, at }), { selector: ({ from }) => from, minLength: 1, maxLength: 3 })
      .map((all) => all.sort((a, b) => a.at - b.at || (a.from < b.from ? -1 : 1))),
    inc: fc.constant(0),
  }) as fc.Arbitrary<Profile>;

  const three = fc.tuple(anyProfile, anyProfile, anyProfile);
  const [low, middle, high] = ['p', 'q', 'r'].map(key.user).sort() as [ProfileKey, ProfileKey, ProfileKey];
  const join = (root: Profile, rootKey: ProfileKey, other: Profile, from: ProfileKey) =>
    joinProfiles(root, rootKey, other, from).profile;

  it('commutes and is associative: merges may come in any order', () => {
    fc.assert(
      fc.property(three, ([a, b, c]) => {
        const first = canonicalJson(join(join(c, high, b, middle), high, a, low));
        expect(canonicalJson(join(join(c, high, a, low), high, b, middle))).toBe(first);
        expect(canonicalJson(join(c, high, join(b, middle, a, low), middle))).toBe(first);
      }),
      { numRuns: 500 },
    );
  });

  it('whichever way round: nothing but the names of the two differs', () => {
    fc.assert(
      fc.property(fc.tuple(anyProfile, anyProfile), ([a, b]) => {
        const nameless = (profile: Profile) => canonicalJson({ ...profile, aliases: [] });
        expect(nameless(join(a, high, b, low))).toBe(nameless(join(b, high, a, low)));
      }),
    );
  });

  it('with nothing is nothing new but the alias', () => {
    fc.assert(
      fc.property(anyProfile, (a) => {
        expect(
          canonicalJson({ ...join(a, high, emptyProfile, low), aliases: [], declined: [...a.declined].sort() }),
        ).toBe(canonicalJson({ ...a, declined: [...a.declined].sort() }));
      }),
    );
  });

  it('a withdrawal of either side wins, be the grant of the other newer; else the newest statement does', () => {
    fc.assert(
      fc.property(anyProfile, anyProfile, (a, b) => {
        const { consents } = join(a, high, b, low);
        for (const key of Object.keys(consents)) {
          const stated = [a.consents[key], b.consents[key]].filter((one) => one !== undefined);
          const withdrawn = stated.filter(({ state }) => state === 'withdrawn');
          const candidates = withdrawn.length > 0 ? withdrawn : stated;
          expect(candidates).toContainEqual(consents[key]);
          expect(consents[key]!.at).toBe(Math.max(...candidates.map((one) => one.at)));
        }
      }),
    );
  });

  it('of two runs in one place one stays, and the other is told to have ended', () => {
    fc.assert(
      fc.property(anyProfile, anyProfile, (a, b) => {
        const { profile, ended } = joinProfiles(a, high, b, low);
        const all = { ...a.runs, ...b.runs };
        expect([...Object.keys(profile.runs), ...ended.map(([id]) => id)].sort()).toEqual(Object.keys(all).sort());
        for (const [id, run] of ended) {
          const stayed = Object.values(profile.runs).find(
            (one) => one.journey === run.journey && one.runKey === run.runKey,
          )!;
          expect(stayed.enteredAt, id).toBeLessThanOrEqual(run.enteredAt);
        }
      }),
    );
  });
});

describe('a merge is a conversation', () => {
  const waiting = journey({ steps: { w: { type: 'wait', for: 'P1D', next: 'm' }, m: message() } });

  it('identify with both ids: the device’s history becomes the user’s, and later mail follows', () => {
    const w = new World({ journeys: [waiting] });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'a-1' });
    w.identify('ann', { email: 'ann@example.com' }, { anonymousId: 'a-1' });
    const profile = w.profile('ann');
    expect(profile.ids).toEqual({ user: 'ann', anonymous: ['a-1'] });
    expect(profile.aliases).toEqual([key.anonymous('a-1')]);
    expect(profile.asked).toEqual({});
    expect(w.profiles.get(key.anonymous('a-1'))).toEqual({
      ...emptyProfile,
      createdAt: w.now,
      movedTo: key.user('ann'),
    });
    expect(w.event({ kind: 'identify', name: 'Identified', anonymousId: 'a-1', data: { plan: 'pro' } }).forwarded).toBe(
      true,
    );
    expect(w.trait('ann', 'plan')).toBe('pro');
  });

  it('G6: a waiting run moves along and its wait is armed again', () => {
    const w = new World({ journeys: [waiting] });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'a-1' });
    w.pass('12h');
    w.identify('ann', { email: 'ann@example.com' }, { anonymousId: 'a-1' });
    w.pass('12h');
    expect(w.messages.map((one) => one.key)).toEqual([key.user('ann')]);
    expect(w.codes().at(-1)).toBe('exit.finished');
  });

  it('G6: the root arms the wait itself: a wake that came in between has found nothing', () => {
    const w = new World({ journeys: [waiting] });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'a-1' });
    const due = w.now + 86_400_000;
    w.identify('ann', {}, { anonymousId: 'a-1' });
    const absorbed = w.decisions.find(({ record }) => record.t === 'absorb')!.decision;
    expect(absorbed.effects).toContainEqual({ e: 'wake', due });
  });

  it('a question that was answered is not answered again', () => {
    const w = new World();
    w.identify('ann', {}, { anonymousId: 'a-1' });
    for (const origin of ['identify', 'alias'] as const) {
      const again = w.deliver(key.anonymous('a-1'), { t: 'yield', to: key.user('ann'), origin });
      expect(again).toMatchObject({ changed: false, forwarded: false, effects: [] });
    }
  });

  it('an answer that was asked for under the old key still finds its run', () => {
    const w = new World({
      journeys: [journey({ steps: { m: message('end', { failed: 'f' }), f: { type: 'exit', reason: 'failed' } } })],
    });
    w.event({ kind: 'identify', name: 'Identified', anonymousId: 'a-1', data: { email: 'ann@example.com' } });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'a-1' });
    w.identify('ann', {}, { anonymousId: 'a-1' });
    w.outcome(w.messages[0]!.id, 'failed');
    expect(w.counts.at(-1)).toBe('welcome exited/failed');
  });

  it('who entered first stays, the other run ends as merged', () => {
    const w = new World({ journeys: [waiting] });
    w.event({ kind: 'track', name: 'Signed Up', anonymousId: 'a-1' });
    w.pass('1h');
    w.track('ann', 'Signed Up');
    w.identify('ann', {}, { anonymousId: 'a-1' });
    expect(w.run('ann').enteredAt).toBe(w.now - 3_600_000);
    expect(w.counts).toContain('welcome exited/merged');
    expect(w.profile('ann').entered['welcome']).toMatchObject({ times: 2 });
  });

  it('a shared device stays with its first known user, and is asked once', () => {
    const w = new World();
    w.event({ kind: 'page', name: 'Page Viewed', anonymousId: 'pad' });
    w.identify('ann', {}, { anonymousId: 'pad' });
    w.identify('bob', {}, { anonymousId: 'pad' });
    expect(w.codes().filter((code) => code === 'device.shared')).toHaveLength(2);
    expect(w.profile('bob')).toMatchObject({ asked: {}, declined: [key.anonymous('pad')], aliases: [] });
    const before = w.decisions.length;
    expect(w.identify('bob', {}, { anonymousId: 'pad' })).toMatchObject({ changed: false, effects: [] });
    expect(w.decisions.length).toBe(before + 1);
    expect(w.profile('ann').aliases).toEqual([key.anonymous('pad')]);
  });

  it('an alias joins the two users of that device all the same', () => {
    const w = new World();
    w.identify('ann', { plan: 'pro' }, { anonymousId: 'pad' });
    w.identify('bob', { city: 'Bonn' }, { anonymousId: 'pad' });
    w.alias('bob', 'ann');
    for (const user of ['ann', 'bob']) {
      const { traits, ids, declined, asked } = w.profile(user);
      expect(Object.keys(traits).sort()).toEqual(['city', 'plan']);
      expect([ids.user, ...ids.former!].sort()).toEqual(['ann', 'bob']);
      expect({ declined, asked }).toEqual({ declined: [], asked: {} });
    }
  });

  it('an alias of an anonymous id, before and after its first event', () => {
    for (const early of [true, false]) {
      const w = new World();
      const identify = () =>
        w.event({ kind: 'identify', name: 'Identified', anonymousId: 'a-1', data: { plan: 'pro' } });
      if (early) w.alias('ann', 'a-1');
      identify();
      if (!early) w.alias('ann', 'a-1');
      expect(w.trait('ann', 'plan')).toBe('pro');
      expect(w.profile('ann').asked).toEqual({});
      // Nobody of that name was ever seen as a user.
      expect(w.profiles.get(key.user('a-1'))).toBe(emptyProfile);
    }
  });

  it('a second absorb only strips again; a strip of a root, a nudge and a yield to oneself do nothing', () => {
    const w = new World();
    w.identify('ann', {}, { anonymousId: 'a-1' });
    const ann = key.user('ann');
    const again = w.deliver(ann, { t: 'absorb', from: key.anonymous('a-1') });
    expect(again).toMatchObject({ changed: false, effects: [{ e: 'mail', record: { t: 'strip' } }] });
    for (const record of [{ t: 'strip' }, { t: 'nudge' }, { t: 'yield', to: ann, origin: 'alias' }] as const) {
      expect(w.deliver(ann, record)).toMatchObject({ changed: false, effects: [] });
    }
  });

  it('G13: merges do not make a profile larger than 64 KB: what is too much stays behind, and is recorded', () => {
    const w = new World();
    for (let device = 0; device < 6; device += 1) {
      const traits = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`d${device}-${i}`, 'x'.repeat(7_000)]));
      w.event({
        kind: 'identify',
        name: 'Identified',
        anonymousId: `a-${device}`,
        data: { ...traits, city: `city ${device}` },
      });
      w.pass('1m');
    }
    for (let device = 0; device < 6; device += 1) w.identify('ann', {}, { anonymousId: `a-${device}` });
    expect(jsonBytes(w.profile('ann'))).toBeLessThanOrEqual(MAX_MERGED_BYTES);
    expect(w.profile('ann').aliases).toHaveLength(6);
    expect(w.trait('ann', 'city')).toBe('city 5');
    expect(w.codes().filter((code) => code === 'merge.too-large')).toHaveLength(4);
  });

  it('a person of more than 200 ids takes no more', () => {
    const w = new World();
    for (let i = 0; i < 201; i += 1) w.identify('bot', {}, { anonymousId: `a-${i}` });
    expect(w.profile('bot').aliases).toHaveLength(200);
    expect(w.reasons.at(-1)).toMatchObject({ code: 'merge.too-many', saw: { limit: 200, actual: 200 } });
  });

  type Act = { readonly act: 'trait' | 'identify' | 'alias'; readonly a: number; readonly b: number };
  const act: fc.Arbitrary<Act> = fc.record({
    act: fc.constantFrom('trait', 'identify', 'alias'),
    a: fc.nat(3),
    b: fc.nat(3),
  });
  /** Two devices and two users, as protocol.md's model has them. */
  const devices = ['d0', 'd1'];
  const users = ['u0', 'u1'];

  function play(
    acts: readonly Act[],
    choices: readonly number[],
    allowIdentify: boolean,
  ): { w: World; links: [ProfileKey, ProfileKey][]; told: Map<string, ProfileKey> } {
    const w = new World();
    const links: [ProfileKey, ProfileKey][] = [];
    const told = new Map<string, ProfileKey>();
    let choice = 0;
    const next = () => choices[choice++ % choices.length] ?? 0;
    // Everybody was seen before, so that no alias is declined.
    for (const userId of users) w.decide(key.user(userId), { t: 'event', event: eventOf({ userId }, 'first', w.now) });
    acts.forEach(({ act: what, a, b }, index) => {
      w.now += 1_000;
      const [user, other, device] = [users[a % 2]!, users[b % 2]!, devices[b % 2]!];
      if (what === 'trait') {
        const who = a < 2 ? { userId: user } : { anonymousId: device };
        const at = a < 2 ? key.user(user) : key.anonymous(device);
        told.set(`t${index}`, at);
        w.mail.push({
          to: at,
          record: { t: 'event', event: eventOf(who, `t${index}`, w.now, { [`t${index}`]: index }) },
        });
      } else if (what === 'alias' || !allowIdentify) {
        const [previousId, previous] = b < 2 ? [other, key.user(other)] : [device, key.anonymous(device)];
        const event = { ...eventOf({ userId: user }, `l${index}`, w.now), kind: 'alias', previousId } as const;
        links.push([key.user(user), previous]);
        w.mail.push({ to: key.user(user), record: { t: 'event', event } });
      } else {
        w.mail.push({
          to: key.user(user),
          record: { t: 'event', event: eventOf({ userId: user, anonymousId: device }, `i${index}`, w.now) },
        });
      }
      for (let n = next() % 4; n > 0 && w.mail.length > 0; n -= 1) w.deliverOne(next());
    });
    for (let steps = 0; w.mail.length > 0; steps += 1) {
      expect(steps, 'the conversation ends').toBeLessThan(500);
      w.deliverOne(next());
    }
    return { w, links, told };
  }
  function eventOf(
    who: Pick<CustomerEvent, 'userId' | 'anonymousId'>,
    id: string,
    at: number,
    data = {},
  ): CustomerEvent {
    return { id, sent: null, at, kind: 'identify', name: 'Identified', data, context: {}, ...who };
  }
  const rootOf = (w: World, start: ProfileKey): ProfileKey => {
    let at = start;
    for (let hops = 0; w.profiles.get(at)?.movedTo !== undefined; hops += 1) {
      expect(hops, 'signposts form no circle').toBeLessThan(10);
      at = w.profiles.get(at)!.movedTo!;
    }
    return at;
  };
  const scripts = [fc.array(act, { maxLength: 12 }), fc.array(fc.nat(7), { minLength: 1, maxLength: 60 })] as const;

  it('G1: under every interleaving nothing is left behind, unanswered or lost', () => {
    fc.assert(
      fc.property(...scripts, (acts, choices) => {
        const { w, told } = play(acts, choices, true);
        for (const profile of w.profiles.values()) {
          expect(profile.frozen, 'state left behind').toBeUndefined();
          if (profile.movedTo !== undefined)
            expect({ ...profile, aliases: [], createdAt: 0, movedTo: undefined }).toEqual({
              ...emptyProfile,
              movedTo: undefined,
            });
          else expect(profile.asked, 'question never answered').toEqual({});
        }
        for (const [trait, at] of told) expect(w.profiles.get(rootOf(w, at))!.traits[trait], trait).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  it('aliases commute: under every interleaving the same people become one, with the highest key', () => {
    fc.assert(
      fc.property(...scripts, (acts, choices) => {
        const { w, links } = play(acts, choices, false);
        const groups = new Map<ProfileKey, ProfileKey>();
        const find = (k: ProfileKey): ProfileKey => (groups.has(k) ? find(groups.get(k)!) : k);
        for (const [a, b] of links) {
          const [x, y] = [find(a), find(b)];
          if (x !== y) groups.set(x < y ? x : y, x < y ? y : x);
        }
        for (const one of [...users.map(key.user), ...devices.map(key.anonymous)]) {
          expect(rootOf(w, one)).toBe(find(one));
          if (find(one) !== one) expect(w.profiles.get(find(one))!.aliases).toContain(one);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('identify never joins two known users', () => {
    fc.assert(
      fc.property(...scripts, (acts, choices) => {
        const { w } = play(
          acts.filter((one) => one.act !== 'alias'),
          choices,
          true,
        );
        for (const user of users) expect(rootOf(w, key.user(user))).toBe(key.user(user));
      }),
      { numRuns: 200 },
    );
  });
});
