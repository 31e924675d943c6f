import { describe, expect, it } from 'vitest';
import { decide } from '../../shared/domain/decide.ts';
import type { Profile } from '../../shared/domain/profiles/profile.ts';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import { Counters } from '../../shared/simulation/counters.ts';
import { catalogOf } from '../../shared/simulation/documents.ts';
import {
  endsWithin,
  maxMessagesPer,
  nothingAfterWithdrawal,
  rule,
  type SimulationInput,
  simulate,
  type Trace,
  verify,
} from '../../shared/simulation/index.ts';
import { lifeOf, live } from '../../shared/simulation/live.ts';
import { customerOf, generateLife } from '../../shared/simulation/verify/generate.ts';
import { vocabularyOf } from '../../shared/simulation/verify/vocabulary.ts';
import fc from '../property.ts';
import { behaviourOfEndpoints, randomDocuments, randomJourney } from './random-journey.ts';

const DAY_MS = 86_400_000;
/** Always the same, because it is about what the journeys can do. */
const SAMPLE = { seed: 20_261_122, numRuns: 25 };
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

const policyOf = (quiet: boolean) => ({
  schemaVersion: 1,
  zone: 'Europe/Berlin',
  locale: 'en',
  quietHours: quiet ? [{ from: '21:00', to: '08:00' }] : [],
  caps: [{ max: 2, per: 'P1D' }],
});

const aFewCustomers: Pick<SimulationInput, 'population' | 'behaviour' | 'from'> = {
  population: {
    customers: 8,
    events: [
      { name: 'Started', times: [1, 3], day: [0, 6], properties: { cart: { oneOf: ['a', 'b'] } } },
      { name: 'Bought', probability: 0.5, times: [0, 6], day: [0, 9], properties: { cart: 'a', total: 9 } },
      { name: 'Left', probability: 0.2, day: [1, 9] },
    ],
  },
  behaviour: { messages: [{ opens: 0.5, clicks: 0.5, bounces: 0.05 }], webhooks: behaviourOfEndpoints },
  from: '2026-10-20T09:00:00Z',
};

const dueOf = (saw: unknown): number => (saw as { due?: number } | undefined)?.due ?? Number.POSITIVE_INFINITY;

const always = rule('the laws of every life', (trace: Trace) => {
  const { entries, messages, runs } = trace;
  if (new Set(messages.map(({ id }) => id)).size < messages.length) return 'a message twice';
  for (const { at, reasons } of entries) {
    const past = reasons.find(({ code, saw }) => code.startsWith('step.') && dueOf(saw) <= Date.parse(at));
    if (past !== undefined) return `a wait into the past at ${at}`;
  }
  for (const [index, { at }] of entries.entries())
    if (index > 0 && at < entries[index - 1]!.at) return 'time runs backwards';
  if (runs.some(({ ended }) => ended === undefined)) return 'a run that does not end';
  return undefined;
});

describe('random journeys', () => {
  it('never fail, never send twice, never wait into the past, and come to an end', () => {
    fc.assert(
      fc.property(randomJourney, fc.integer(), fc.boolean(), (journey, seed, quiet) => {
        const documents = randomDocuments([journey], { policy: policyOf(quiet) });
        const rules = [always, maxMessagesPer({ max: 2, per: 'P1D' }), nothingAfterWithdrawal(), endsWithin('P200D')];
        const verdict = verify(documents, rules, { seed, tries: 10 });
        expect(verdict.holds ? [] : verdict.counterExample.story).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  it('G5: are decided the same again, from what is stored too, and no effect is there twice', () => {
    fc.assert(
      fc.property(
        fc.array(randomJourney, { minLength: 1, maxLength: 3 }),
        fc.constantFrom({}, { limits: { entriesTotal: 2 } }, { limits: { entriesPerDay: 1, messagesPerMinute: 1 } }),
        fc.integer(),
        fc.boolean(),
        (all, shared, seed, quiet) => {
          const journeys = all.map((one) => ({ ...one, ...shared })) as unknown as typeof all;
          const catalog = catalogOf(randomDocuments(journeys, { policy: policyOf(quiet) }));
          const from = Date.parse('2026-10-19T09:00:00Z');
          const vocabulary = vocabularyOf(catalog, [], from);
          const behaviour = { messages: [{ opens: 0.5, clicks: 0.5, bounces: 0.1 }], webhooks: behaviourOfEndpoints };
          const counters = new Counters();
          for (let number = 1; number <= 3; number += 1) {
            const life = generateLife(vocabulary, String(seed), number);
            const effects = new Set<string>();
            const until = life.start + 90 * DAY_MS;
            live([
              lifeOf(
                customerOf(life),
                { catalog, behaviour, counters, seed: String(seed), until },
                {
                  decided({ at, key, record, before, permits, decision }) {
                    const stored = JSON.parse(JSON.stringify(before)) as Profile;
                    for (const profile of [before, stored]) {
                      const again = decide(profile, key, record, catalog, at, undefined, permits);
                      expect(canonicalJson(again)).toBe(canonicalJson(decision));
                    }
                    for (const effect of decision.effects) {
                      if (effect.e === 'wake') expect(effect.due).toBeGreaterThan(at);
                      const id =
                        effect.e === 'message' ? effect.message.id : effect.e === 'mail' ? effect.id : undefined;
                      if (id === undefined) continue;
                      expect(id).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
                      expect(effects.has(id), `effect ${id} twice`).toBe(false);
                      effects.add(id);
                    }
                  },
                  handed: () => {},
                  unsubscribed: () => {},
                },
              ),
            ]);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('come to every step, port and refusal that there is', () => {
    const seen = new Set<string>();
    for (const [index, all] of fc.sample(fc.array(randomJourney, { minLength: 3, maxLength: 3 }), SAMPLE).entries()) {
      const { journeys, messages } = simulate({ ...randomDocuments(all), ...aFewCustomers, days: 20, seed: index });
      for (const [step, { type }] of all.flatMap(({ steps }) => Object.entries(steps))) {
        for (const journey of Object.values(journeys)) if ((journey.steps[step]?.visits ?? 0) > 0) seen.add(type);
      }
      for (const { exits, notEntered, goals } of Object.values(journeys)) {
        for (const code of [...Object.keys(exits), ...Object.keys(notEntered)]) seen.add(code);
        if (goals > 0) seen.add('a goal');
      }
      for (const { held, skipped, failed } of messages.byStep) {
        for (const code of Object.keys({ ...held, ...skipped, ...failed })) seen.add(code);
      }
    }
    const wanted =
      'message wait wait-for branch split update emit enroll webhook task exit max-visits finished left goal bought restarted';
    const refusals =
      'entry.holdout reentry.never reentry.inside reentry.too-soon reentry.max cap.journey quiet-hours sending.windows';
    expect(`${wanted} ${refusals}`.split(' ').filter((one) => !seen.has(one))).toEqual([]);
  });

  it('are counted so that nobody is lost', () => {
    fc.assert(
      fc.property(randomJourney, fc.integer(), fc.integer({ min: 1, max: 40 }), (journey, seed, days) => {
        const result = simulate({ ...randomDocuments([journey]), ...aFewCustomers, days, seed });
        for (const { entered, exits, stillInside, paths, steps } of Object.values(result.journeys)) {
          expect(sum(Object.values(exits)) + stillInside).toBe(entered);
          expect(sum(paths.map(({ count }) => count))).toBe(entered);
          for (const [step, { visits, exits: left }] of Object.entries(steps)) {
            const times = ({ path }: { path: string }) => path.split(' → ').filter((one) => one === step).length;
            expect(sum(paths.map((one) => times(one) * one.count)), step).toBe(visits);
            expect(sum(Object.values(left)), step).toBeLessThanOrEqual(visits);
          }
        }
        expect(sum(Object.values(result.messages.byDay))).toBe(result.messages.sent);
        expect(sum(result.messages.byStep.map(({ sent }) => sent))).toBe(result.messages.sent);
        expect(Date.parse(result.until) - Date.parse(result.from)).toBe(days * DAY_MS);
      }),
      { numRuns: 60 },
    );
  });

  it('the laws see what breaks them', () => {
    const entry = { at: '2026-11-01T00:00:00.000Z', record: 'wake' as const, what: '', reasons: [] };
    const trace = {
      customer: 'a',
      until: '',
      zone: 'UTC',
      entries: [entry],
      events: [],
      messages: [],
      consents: [],
      runs: [],
    };
    const past = { ...entry, reasons: [{ code: 'step.wait', saw: { due: Date.parse(entry.at) } }] };
    const run = { run: 'r', journey: 'j', entered: entry.at, steps: [] };
    expect(always.check(trace)).toBeUndefined();
    expect(always.check({ ...trace, entries: [past] })).toMatch(/into the past/);
    expect(always.check({ ...trace, runs: [run] })).toMatch(/does not end/);
  });
});
