import { describe, expect, it } from 'vitest';
import type { Profile } from '../../shared/domain/profiles/profile.ts';
import { type ProfileKey, profileKey } from '../../shared/kernel/ids.ts';
import { DAY_MS, parseInstant } from '../../shared/kernel/time.ts';
import { Behaviour } from '../../shared/simulation/behaviour.ts';
import { Counters } from '../../shared/simulation/counters.ts';
import { catalogOf, type Documents } from '../../shared/simulation/documents.ts';
import { lifeOf, live } from '../../shared/simulation/live.ts';
import { customersOf, MadeEvents, Population } from '../../shared/simulation/population.ts';
import { addParts, type Future, Sample, type SampleFigures } from '../../shared/simulation/sample.ts';
import { simulate } from '../../shared/simulation/simulate.ts';
import fc from '../property.ts';
import { documents, message, shop } from './documents.ts';

const from = parseInstant('2026-11-23T07:00:00Z')!;
const later = from + 4 * DAY_MS;
const population = Population.parse({
  customers: 60,
  traits: { locale: { en: 0.7, de: 0.3 } },
  events: [
    { name: 'Signed Up', probability: 0.7, day: [0, 3] },
    {
      name: 'Product Added',
      probability: 0.8,
      times: [1, 3],
      day: [0, 3],
      properties: { cart_id: 'c-{n}-{i}', price: 20 },
    },
    { name: 'Order Completed', probability: 0.3, day: [1, 3], properties: { cart_id: 'c-{n}-1', total: 20 } },
  ],
});

/** What was known of everybody a while after the population began. */
function statesOf(all: Documents, until: number): Map<ProfileKey, Profile> {
  const setting = { catalog: catalogOf(all), behaviour: {}, seed: '1', until };
  const states = new Map<ProfileKey, Profile>();
  const witness = {
    decided: ({ key, decision }: { key: ProfileKey; decision: { profile: Profile } }) =>
      states.set(key, decision.profile),
    handed: () => undefined,
    unsubscribed: () => undefined,
  };
  for (const customer of customersOf(population, from, '1')) {
    live([lifeOf(customer, { ...setting, counters: new Counters() }, witness)]);
  }
  return states;
}

const states = [...statesOf(shop, later)].map(([key, profile]) => ({ key, profile, at: later - 1 }));
/** The same people, in no journey yet. */
const fresh = states.map((one) => ({ ...one, profile: { ...one.profile, runs: {}, entered: {} } }));
const future: Future = {
  catalog: catalogOf(shop),
  events: [],
  behaviour: {},
  seed: '1',
  from: later,
  until: from + 30 * DAY_MS,
  maxRecords: 2_000,
};

function partOf(who: typeof states, more: Partial<Future> = {}) {
  const sample = new Sample({ ...future, ...more });
  for (const one of who) sample.add(one);
  return {
    part: JSON.parse(JSON.stringify(sample.part('welcome'))) as ReturnType<Sample['part']>,
    counts: sample.counts,
  };
}
const frame = { customers: states.length, days: 26 };
const figuresOf = (more: Partial<Future> = {}, who = states) => addParts([partOf(who, more).part], frame);
const ordered = ({ messages, ...rest }: SampleFigures) => ({
  ...rest,
  messages: { ...messages, byStep: Map.groupBy(messages.byStep, ({ journey, step }) => `${journey} ${step}`) },
});

describe('customers who are there already', () => {
  it('go on from where they stand: what they did, and what is to come, is what happens in one go', () => {
    const input = { ...shop, population, from: '2026-11-23T07:00:00Z', seed: 1, traces: 0 } as never as Parameters<
      typeof simulate
    >[0];
    const whole = simulate({ ...input, days: 30 });
    const past = simulate({ ...input, days: 4 });
    const rest = figuresOf();
    expect(rest.messages.sent).toBeGreaterThan(20);
    expect(past.messages.sent + rest.messages.sent).toBe(whole.messages.sent);
    for (const [id, { exits, goals, stillInside, insideAtStart, entered }] of Object.entries(rest.journeys)) {
      const [before, all] = [past.journeys[id]!, whole.journeys[id]!];
      expect(insideAtStart).toBe(before.stillInside);
      expect([stillInside, goals + before.goals, entered + before.entered]).toEqual([
        all.stillInside,
        all.goals,
        all.entered,
      ]);
      for (const [why, count] of Object.entries(all.exits)) {
        expect((exits[why] ?? 0) + (before.exits[why] ?? 0)).toBe(count);
      }
    }
  });

  it('add up: the parts of a sample, however it is cut, are the whole', () => {
    const events = MadeEvents.parse([
      { name: 'Product Added', probability: 0.5, day: [0, 9], properties: { cart_id: 'x-{n}', price: 3 } },
    ]);
    const behaviour = Behaviour.parse({ messages: [{ opens: 0.5, clicks: 0.5, bounces: 0.1, unsubscribes: 0.2 }] });
    const whole = ordered(figuresOf({ events, behaviour }));
    expect(whole.messages.sent).toBeGreaterThan(20);
    const cuts = fc.array(fc.nat({ max: 3 }), { minLength: states.length, maxLength: states.length });
    fc.assert(
      fc.property(cuts, (parts) => {
        const cut = [...Map.groupBy(states, (_, index) => parts[index]).values()];
        const added = addParts(
          cut.map((who) => partOf(who, { events, behaviour }).part),
          frame,
        );
        expect(ordered(added)).toEqual(whole);
      }),
      { numRuns: 5 },
    );
  });

  it('do what is told of them, under the id that leads to them', () => {
    const add = MadeEvents.parse([{ name: 'Signed Up', day: 1 }]);
    const user = profileKey('user', 'ada');
    const device = profileKey('anonymous', 'phone');
    const { profile } = states[0]!;
    const blank = { ...profile, runs: {}, entered: {}, held: {} };
    const who = [
      { key: user, profile: { ...blank, ids: { user: 'ada' } }, at: 0 },
      { key: device, profile: { ...blank, ids: { anonymous: ['phone'] } }, at: 0 },
      { key: profileKey('user', 'gone'), profile: { ...blank, ids: {} }, at: 0 },
    ];
    const welcome = documents({ steps: { hello: message() } });
    const { journeys } = figuresOf({ catalog: catalogOf(welcome), events: add }, who);
    expect(journeys['welcome']).toMatchObject({ entered: 2, exits: { finished: 2 } });
  });

  it('are counted, and left where they are, when they make too many records', () => {
    const welcome = catalogOf(documents({ steps: { hello: message() } }));
    const add = MadeEvents.parse([{ name: 'Signed Up', times: 100 }]);
    const { counts } = partOf(fresh.slice(0, 3), { catalog: welcome, events: add, maxRecords: 50 });
    expect(counts).toMatchObject({ customers: 3, endless: 3 });
    expect(counts.records).toBeLessThanOrEqual(150);
  });

  it('are not held back by limits that others would use up, and the figures say so', () => {
    const steps = { hello: message() };
    const limited = documents({ steps, limits: { entriesTotal: 1 } });
    const add = MadeEvents.parse([{ name: 'Signed Up' }]);
    const { journeys, sharedLimitsIgnored } = figuresOf({ catalog: catalogOf(limited), events: add }, fresh);
    expect([journeys['welcome']!.entered, sharedLimitsIgnored]).toEqual([states.length, ['welcome']]);
  });

  it('leave nothing of themselves in the figures', () => {
    const text = JSON.stringify(partOf(states).part);
    for (const { key, profile } of states) {
      expect(text).not.toContain(key);
      expect(text).not.toContain(profile.ids.user!);
      expect(text).not.toContain('customers.example');
    }
  });
});
