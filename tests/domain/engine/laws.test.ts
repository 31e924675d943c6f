import { describe, expect, it } from 'vitest';
import { CatalogMiss } from '../../../shared/domain/catalog-miss.ts';
import { compileCatalog } from '../../../shared/domain/compiled-catalog.ts';
import { decide, neededVersions } from '../../../shared/domain/decide.ts';
import type { Journey } from '../../../shared/domain/journeys/journey.ts';
import { jsonBytes } from '../../../shared/domain/profiles/limits.ts';
import { emptyProfile } from '../../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import fc from '../../property.ts';
import { instant, journey, message, World } from './world.ts';

const names = ['Signed Up', 'Order Completed', 'Cart Updated', 'Page Viewed'] as const;

/** Journeys with every step type that works, circles included. */
const journeys: readonly Journey[] = [
  journey({
    id: 'long',
    entry: [{ on: 'event', event: 'Signed Up' }, { on: 'api' }],
    reentry: { again: 'PT2H', whileInside: 'restart', max: 9 },
    goal: { event: 'Order Completed', within: 'P2D', from: 'message' },
    exitWhen: [{ on: 'event', event: 'Order Completed', where: 'event.total > 90', reason: 'bought' }],
    steps: {
      m1: message('w1', { skipped: 'w1', failed: 'end' }),
      w1: { type: 'wait', for: 'PT20M', next: 'which' },
      which: {
        type: 'split',
        arms: [
          { id: 'a', weight: 50, next: 'm2' },
          { id: 'b', weight: 50, next: 'hook' },
        ],
      },
      m2: message('again', { channels: ['sms', 'email'] }),
      hook: { type: 'webhook', endpoint: 'crm', saveAs: 'crm', next: 'again', failed: 'again' },
      again: {
        type: 'wait-for',
        any: [{ on: 'event', event: 'Cart Updated', next: 'm1' }],
        within: 'PT5H',
        timeout: 'night',
      },
      night: { type: 'wait', until: { time: '09:00' }, next: 'check' },
      check: {
        type: 'branch',
        cases: [{ if: 'did "Page Viewed" at least 2 times in last 6 hours', next: 'm3' }],
        else: 'set',
      },
      m3: message('set', { whenBlocked: 'skip' }),
      set: { type: 'update', increment: { rounds: 1 }, next: 'end' },
    },
  } as never),
  journey({
    id: 'cart',
    entry: [{ on: 'event', event: 'Cart Updated', where: 'event.cart exists' }],
    reentry: { key: 'event.cart', again: 'after-exit', whileInside: 'ignore' },
    exitWhen: [{ on: 'event', event: 'Order Completed', where: 'event.cart = entry.cart', reason: 'bought' }],
    steps: {
      w: { type: 'wait', for: 'PT1H', next: 'm' },
      m: message('x', { maxVisits: 3 }),
      x: { type: 'wait', for: 'PT30M', next: 'm' },
    },
  } as never),
  journey({
    id: 'beyond',
    entry: [
      { on: 'event', event: 'Order Completed' },
      { on: 'journey', journey: 'cart' },
    ],
    reentry: { again: 'after-exit', whileInside: 'restart', max: 2 },
    steps: {
      say: { type: 'emit', event: 'Cart Updated', properties: { cart: 'made' }, next: 'call' },
      call: {
        type: 'task',
        queue: 'crm',
        title: 'Call',
        due: 'PT8H',
        outcomes: { again: 'say', done: 'in' },
        timeout: 'in',
        maxVisits: 3,
      },
      in: { type: 'enroll', journey: 'long', next: 'end' },
    },
  } as never),
];

const watching = journey({
  id: 'watching',
  entry: [{ on: 'event', event: 'Page Viewed' }],
  reentry: { again: 'PT1H', whileInside: 'ignore' },
  limits: { messagesPerProfile: [{ max: 2, per: 'run' }] },
  exitWhen: [
    { on: 'message', step: 'm', was: 'bounced', reason: 'bounced' },
    { on: 'becomes-true', if: 'did "Order Completed" at least 2 times in last 3 hours', reason: 'bought' },
  ],
  steps: {
    m: message('wf', { maxVisits: 3 }),
    wf: {
      type: 'wait-for',
      maxVisits: 3,
      any: [
        { on: 'message', step: 'm', was: 'clicked', next: 'w' },
        { on: 'becomes-true', if: 'not (did "Page Viewed" at least 1 times in last 2 hours)', next: 'w' },
        { on: 'becomes-true', if: 'local time is 17:00-18:00', next: 'w' },
      ],
      within: 'P1D',
      timeout: 'end',
    },
    w: { type: 'wait', for: 'PT4H', next: 'm', maxVisits: 3 },
  },
} as never);

const arbitraryAct = fc.oneof(
  fc.record({
    do: fc.constant('event' as const),
    name: fc.constantFrom(...names),
    cart: fc.constantFrom('a', 'b', undefined),
    total: fc.nat(100),
    agoMs: fc.constantFrom(0, 60_000, 7_200_000),
  }),
  fc.record({
    do: fc.constant('pass' as const),
    ms: fc.constantFrom(0, 1_000, 300_000, 1_200_000, 3_600_000, 30_000_000),
  }),
  fc.record({ do: fc.constant('wake' as const), times: fc.integer({ min: 1, max: 3 }), early: fc.boolean() }),
  fc.record({
    do: fc.constant('outcome' as const),
    of: fc.nat(5),
    was: fc.constantFrom('sent', 'not-sent', 'failed', 'unknown'),
  }),
  fc.record({ do: fc.constant('task' as const), of: fc.nat(5), outcome: fc.constantFrom('again', 'done', 'no') }),
  fc.record({
    do: fc.constant('receipt' as const),
    of: fc.nat(5),
    was: fc.constantFrom('delivered', 'opened', 'clicked', 'bounced'),
  }),
  fc.record({
    do: fc.constant('traits' as const),
    traits: fc.constantFrom(
      { timezone: 'Asia/Tokyo' },
      { email: 'ann@example.com' },
      { email: null },
      { phone: '+4915112345678' },
    ),
  }),
  fc.record({ do: fc.constant('consent' as const), state: fc.constantFrom('granted', 'withdrawn') }),
  fc.record({
    do: fc.constant('state' as const),
    id: fc.constantFrom('long', 'cart', 'beyond', 'watching'),
    state: fc.constantFrom('live', 'paused', 'draining', 'live'),
  }),
  fc.record({ do: fc.constant('merge' as const), device: fc.nat(2) }),
);

/** The world itself checks that every decision is deterministic, touches nothing that came in, and waits for no past. */
function play(acts: readonly (typeof arbitraryAct extends fc.Arbitrary<infer T> ? T : never)[]): World {
  const policy = {
    quietHours: [{ from: '21:00', to: '07:00' }],
    caps: [{ channel: 'email' as const, max: 2, per: 'PT6H' }],
  };
  const w = new World({ journeys: [...journeys, watching], policy });
  w.identify('ann', { email: 'ann@example.com' });
  acts.forEach((act, index) => {
    switch (act.do) {
      case 'event': {
        const data = { total: act.total, ...(act.cart !== undefined && { cart: act.cart }) };
        w.track('ann', act.name, data, { at: w.now - act.agoMs });
        break;
      }
      case 'pass':
        w.pass(act.ms);
        break;
      case 'wake':
        for (let n = 0; n < act.times; n += 1) w.wake(profileKey('user', 'ann'), act.early ? w.now - 1 : w.now);
        break;
      case 'outcome': {
        const one = w.messages[act.of];
        if (one !== undefined) w.outcome(one.id, act.was as 'sent');
        break;
      }
      case 'task': {
        const { id, origin } = w.messages.filter(({ webhook }) => webhook?.task)[act.of] ?? {};
        if (id === undefined || origin === undefined) break;
        w.deliver(id.slice(0, 23), { t: 'task', id: `t${index}`, at: w.now, task: id, outcome: act.outcome, origin });
        break;
      }
      case 'receipt': {
        const one = w.messages[act.of];
        if (one !== undefined) w.receipt(one.id, act.was as 'clicked');
        break;
      }
      case 'traits':
        w.identify('ann', act.traits as never);
        break;
      case 'consent':
        w.tell('ann', {
          t: 'consent',
          id: `c${index}`,
          at: w.now,
          consents: [{ channel: 'email', topic: 'news', state: act.state as 'granted', at: w.now, source: 'test' }],
        });
        break;
      case 'state':
        w.set(act.id, act.state as 'live');
        break;
      case 'merge':
        w.event({ kind: 'track', name: 'Cart Updated', anonymousId: `d${act.device}`, data: { cart: 'a' } });
        w.identify('ann', {}, { anonymousId: `d${act.device}` });
        break;
    }
  });
  for (const id of ['long', 'cart', 'beyond', 'watching']) w.set(id, 'live');
  w.sweep();
  w.pass('20d');
  return w;
}

describe('laws, over random lives', () => {
  it('G3, G6, G7: no message twice, nothing overdue, every run ends with a reason, caps hold', () => {
    let messages = 0;
    let events = 0;
    fc.assert(
      fc.property(fc.array(arbitraryAct, { maxLength: 30 }), (acts) => {
        const w = play(acts);
        messages += w.messages.length;
        expect(new Set(w.messages.map((one) => one.id)).size, 'no message id twice').toBe(w.messages.length);

        const emitted = w.decisions.flatMap(({ decision }) =>
          decision.reasons.filter(({ code }) => code === 'step.emit'),
        );
        events += emitted.length;
        const taken = w.decisions.flatMap(({ record, decision }) =>
          record.t === 'event' &&
          record.event.userId === undefined &&
          record.event.anonymousId === undefined &&
          !decision.forwarded
            ? [record.event.id]
            : [],
        );
        expect(taken.length, 'what is emitted is decided once').toBe(emitted.length);
        expect(new Set(taken).size, 'and told apart').toBe(emitted.length);

        const all = [...w.profiles.values()];
        expect(
          all.flatMap((profile) => Object.values(profile.runs)),
          'after twenty days every run has ended',
        ).toEqual([]);
        const entered = w.codes().filter((code) => code === 'entry.entered').length;
        expect(w.codes().filter((code) => code.startsWith('exit.') && code !== 'exit.not-inside')).toHaveLength(
          entered,
        );

        for (const one of w.messages) {
          if (one.channel === 'webhook') continue;
          expect(w.reasons.some((reason) => reason.code === 'message.decided' && reason.message === one.id)).toBe(true);
          const hour = new Date(one.decidedAt).getUTCHours();
          if (w.trait('ann', 'timezone') === undefined) expect(hour >= 7 && hour < 21, `quiet at ${hour}`).toBe(true);
        }
        if (!acts.some((act) => act.do === 'outcome' || act.do === 'merge')) {
          const mails = w.messages.filter((one) => one.channel === 'email').map((one) => one.decidedAt);
          for (const at of mails) {
            expect(
              mails.filter((other) => other > at - 21_600_000 && other <= at).length,
              'two in six hours',
            ).toBeLessThanOrEqual(2);
          }
        }
      }),
      { numRuns: 300 },
    );
    expect(messages, 'the lives are not empty').toBeGreaterThan(100);
    expect(events, 'and make events of their own').toBeGreaterThan(100);
  });

  it('a record that changes nothing gives back the same object', () => {
    const w = new World({ journeys });
    const { profile, decision } = (() => {
      w.identify('ann', { email: 'ann@example.com' });
      w.track('ann', 'Signed Up');
      const first = w.profile('ann');
      return { profile: first, decision: w.track('ann', 'Something Else', { x: 1 }) };
    })();
    expect(decision.profile).toBe(profile);
    expect(decision).toMatchObject({ changed: false, forwarded: false, effects: [], reasons: [], counts: [] });
  });
});

describe('the catalog', () => {
  const many = (count: number) =>
    compileCatalog({
      epoch: 1,
      journeys: Array.from({ length: count }, (_, i) => ({
        id: `j${i}`,
        state: 'live' as const,
        version: 1,
        document: journey({
          id: `j${i}`,
          entry: [{ on: 'event', event: `Event ${i}`, where: `did "Other ${i}" at least 2 times in last 1 day` }],
          exitWhen: [{ on: 'event', event: `Exit ${i}`, reason: 'gone' }],
          steps: { m: message() },
        }),
      })),
      templates: [],
      topics: [],
      endpoints: [],
      policy: { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] },
    });
  const known = { ...emptyProfile, ids: { user: 'ann' }, createdAt: 1 };
  const key = profileKey('user', 'ann');
  const at = instant('2026-11-22T10:00:00Z');
  const event = {
    t: 'event',
    event: { id: 'm', sent: null, at, kind: 'track', name: 'Nobody Asks', userId: 'ann', data: {}, context: {} },
  } as const;

  it('an event that nobody asks for looks at no journey, of however many', () => {
    for (const count of [1, 1_000]) {
      const catalog = many(count);
      let looked = 0;
      const watched = new Proxy(catalog, {
        get(target, name: keyof typeof catalog) {
          if (name === 'journeys' || name === 'version') looked += 1;
          return target[name];
        },
      });
      const decision = decide(known, key, event, watched, at);
      expect(decision.profile).toBe(known);
      expect(looked).toBe(0);
    }
  });

  it('an event that one of a thousand asks for is only that one’s business', () => {
    const decision = decide(known, key, { ...event, event: { ...event.event, name: 'Event 7' } }, many(1_000), at);
    expect(decision.reasons.map((reason) => `${reason.journey} ${reason.code}`)).toEqual(['j7 entry.no-match']);
    const seen = decide(known, key, { ...event, event: { ...event.event, name: 'Other 7' } }, many(1_000), at);
    expect(Object.keys(seen.profile.seen)).toHaveLength(1);
  });

  it('G8: a version that is not loaded is asked for by name, and no run is dropped; one that was archived ends', () => {
    const document = journey({ steps: { w: { type: 'wait', for: 'P1D', next: 'end' } } });
    const w = new World({ journeys: [document] });
    w.track('ann', 'Signed Up');
    const profile = w.profile('ann');
    expect(neededVersions(profile)).toEqual([{ journey: 'welcome', version: 1 }]);
    const newer = compileCatalog({
      ...w.catalog.snapshot,
      journeys: [{ id: 'welcome', state: 'live', version: 2, document }],
    });
    const wake = { t: 'wake', id: 'w', due: at + 172_800_000 } as const;
    expect(() => decide(profile, key, wake, newer, wake.due)).toThrow(CatalogMiss);
    const gone = compileCatalog({ ...w.catalog.snapshot, journeys: [] }, [{ id: 'welcome', version: 1, document }]);
    expect(decide(profile, key, wake, gone, wake.due).reasons.map((reason) => reason.code)).toEqual(['exit.stopped']);
  });

  it('G5: which other versions happen to be loaded makes no difference', () => {
    const v1 = journey({
      entry: [{ on: 'event', event: 'Signed Up', where: 'did "Old" at least 1 times in last 1 day' }],
      steps: { m: message() },
    });
    const w = new World({ journeys: [v1] });
    w.publish(journey({ steps: { m: message() } }));
    const old = { ...event, event: { ...event.event, name: 'Old' } };
    const alone = decide(known, key, old, w.catalog, at);
    const beside = decide(
      known,
      key,
      old,
      compileCatalog(w.catalog.snapshot, [{ id: 'welcome', version: 1, document: v1 }]),
      at,
    );
    expect(beside).toEqual(alone);
    expect(alone.changed).toBe(false);
  });
});

describe('what a waiting run costs', () => {
  it('at most 250 bytes of JSON, whatever the event carried', () => {
    const document = journey({
      id: 'abandoned-cart-autumn',
      entry: [{ on: 'event', event: 'Cart Updated' }],
      reentry: { key: 'event.cart_id', again: 'P30D', whileInside: 'ignore' },
      exitWhen: [{ on: 'event', event: 'Order Completed', where: 'event.cart_id = entry.cart_id', reason: 'bought' }],
      steps: { 'wait-one-day': { type: 'wait', for: 'P1D', next: 'remind' }, remind: message() },
    });
    const w = new World({ journeys: [document] });
    const products = Array.from({ length: 20 }, (_, i) => ({
      product_id: `p-${i}`,
      name: 'A long product name',
      price: 9.99,
    }));
    w.track('ann', 'Cart Updated', { cart_id: '6f1c2b1e-5a0d-4b4e', products, total: 199.8, currency: 'EUR' });
    const { runs } = w.profile('ann');
    expect(w.run('ann').entry).toEqual({ cart_id: '6f1c2b1e-5a0d-4b4e' });
    expect(jsonBytes(runs)).toBeLessThanOrEqual(250);
  });
});
