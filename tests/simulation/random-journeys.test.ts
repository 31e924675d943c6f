import { describe, expect, it } from 'vitest';
import {
  endsWithin,
  maxMessagesPer,
  nothingAfterWithdrawal,
  rule,
  simulate,
  type Trace,
  verify,
} from '../../shared/simulation/index.ts';
import fc from '../property.ts';
import { documents, message } from './documents.ts';

const DAY_MS = 86_400_000;

/** Steps in a row, each leading only further down, or back to a wait above with a limit of visits. */
const randomSteps = fc
  .array(
    fc.record({
      type: fc.constantFrom(
        'message',
        'wait',
        'wait-until',
        'window',
        'wait-for',
        'branch',
        'split',
        'update',
        'exit',
        'again',
      ),
      hours: fc.integer({ min: 1, max: 60 }),
      skip: fc.integer({ min: 1, max: 3 }),
      flag: fc.boolean(),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((all) => {
    const name = (index: number) => (index < all.length ? `s${index}` : 'end');
    const firstWait = all.findIndex(({ type }) => type === 'wait');
    const steps: { [id: string]: object } = {};
    for (const [index, { type, hours, skip, flag }] of all.entries()) {
      const next = name(index + 1);
      const other = name(index + skip);
      const made: { [type: string]: object } = {
        message: message(next, { ...(flag && { failed: other }), whenBlocked: hours % 2 ? 'hold' : 'skip' }),
        wait: { type: 'wait', for: flag ? `PT${hours}H` : `P${Math.ceil(hours / 24)}D`, next, maxVisits: 3 },
        'wait-until': { type: 'wait', until: { time: '02:30' }, next },
        window: { type: 'wait', until: { windows: [{ days: ['mon', 'sat'], from: '23:00', to: '01:00' }] }, next },
        'wait-for': {
          type: 'wait-for',
          any: [{ on: 'event', event: 'Ordered', next: other }],
          within: `PT${hours}H`,
          timeout: next,
        },
        branch: {
          type: 'branch',
          cases: [{ if: 'did "Ordered" at least 2 times in last 3 days', next: other }],
          else: next,
        },
        split: {
          type: 'split',
          arms: [
            { id: 'a', weight: 50, next: other },
            { id: 'b', weight: 50, next },
          ],
        },
        update: { type: 'update', increment: { passes: 1 }, next },
        exit: { type: 'exit', reason: 'enough' },
        again: {
          type: 'branch',
          cases: [{ if: 'profile.passes < 4', next: firstWait >= 0 && firstWait < index ? name(firstWait) : next }],
          else: next,
        },
      };
      steps[name(index)] = made[type]!;
    }
    return withoutUnreachable(steps);
  });

/** A step that nothing leads to is refused by lint. */
function withoutUnreachable(steps: { [id: string]: object }): { [id: string]: object } {
  const reached = new Set(['s0']);
  for (const id of reached) {
    for (const [, next] of JSON.stringify(steps[id]).matchAll(/"(?:next|else|timeout|failed)":"(s\d+)"/g))
      reached.add(next!);
  }
  return Object.fromEntries(Object.entries(steps).filter(([id]) => reached.has(id)));
}

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
      fc.property(randomSteps, fc.integer(), fc.boolean(), (steps, seed, quiet) => {
        const policy = {
          schemaVersion: 1,
          zone: 'Europe/Berlin',
          locale: 'en',
          quietHours: quiet ? [{ from: '21:00', to: '08:00' }] : [],
          caps: [{ max: 2, per: 'P1D' }],
        };
        const journey = documents({ steps, exitWhen: [{ on: 'event', event: 'Left', reason: 'left' }] }, { policy });
        const rules = [always, maxMessagesPer({ max: 2, per: 'P1D' }), nothingAfterWithdrawal(), endsWithin('P200D')];
        const verdict = verify(journey, rules, { seed, tries: 12 });
        expect(verdict.holds ? [] : verdict.counterExample.story).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('are counted so that nobody is lost', () => {
    fc.assert(
      fc.property(randomSteps, fc.integer(), fc.integer({ min: 1, max: 40 }), (steps, seed, days) => {
        const result = simulate({
          ...documents({ steps }),
          population: {
            customers: 8,
            events: [
              { name: 'Signed Up', times: 2, day: [0, 3] },
              { name: 'Ordered', probability: 0.5, times: [0, 4], day: [0, 9] },
            ],
          },
          from: '2026-10-20T09:00:00Z',
          days,
          seed,
        });
        const { entered, exits, stillInside, paths, steps: counted } = result.journeys['welcome']!;
        expect(Object.values(exits).reduce((a, b) => a + b, 0) + stillInside).toBe(entered);
        expect(paths.reduce((sum, { count }) => sum + count, 0)).toBe(entered);
        for (const [step, { visits }] of Object.entries(counted)) {
          const times = ({ path }: { path: string }) => path.split(' → ').filter((one) => one === step).length;
          expect(
            paths.reduce((sum, one) => sum + times(one) * one.count, 0),
            step,
          ).toBe(visits);
        }
        const byDay = Object.values(result.messages.byDay).reduce((a, b) => a + b, 0);
        expect(byDay).toBe(result.messages.sent);
        expect(result.messages.byStep.reduce((sum, { sent }) => sum + sent, 0)).toBe(result.messages.sent);
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
