import { nextOf } from '../../shared/domain/journeys/ports.ts';
import type { Documents } from '../../shared/simulation/index.ts';
import fc from '../property.ts';
import { documents, message } from './documents.ts';

/** Journeys that nobody would write: every step, trigger, limit and rule of re-entry, in any order. */

type Steps = Record<string, Record<string, unknown> & { readonly type: string }>;

const types = [
  'message',
  'message',
  'wait',
  'until',
  'window',
  'wait-for',
  'branch',
  'split',
  'update',
  'emit',
  'enroll',
  'webhook',
  'task',
  'exit',
  'again',
] as const;

const randomStep = fc.record({
  type: fc.constantFrom(...types),
  hours: fc.integer({ min: 1, max: 60 }),
  skip: fc.integer({ min: 1, max: 3 }),
  flag: fc.boolean(),
  pick: fc.nat(5),
});
type RandomStep = typeof randomStep extends fc.Arbitrary<infer T> ? T : never;

/** Each leads only further down, or back to a wait above with a limit of visits. */
function stepsOf(all: readonly RandomStep[]): Steps {
  const name = (index: number) => (index < all.length ? `s${index}` : 'end');
  const firstWait = all.findIndex(({ type }) => type === 'wait');
  const messages = all.flatMap(({ type }, index) => (type === 'message' ? [name(index)] : []));
  const steps: Steps = {};
  for (const [index, { type, hours, skip, flag, pick }] of all.entries()) {
    const next = name(index + 1);
    const other = name(index + skip);
    const ifs = [
      'did "Bought" at least 2 times in last 3 days',
      'profile.passes > 1',
      'steps.crm.score > 3',
      'entry.cart = "a"',
      'local time is mon-fri 08:00-20:00',
      'journey',
    ];
    const cases = ifs[pick] === 'journey' ? { journey: 'other', is: 'inside' } : ifs[pick];
    const triggers = [
      { on: 'event', event: 'Bought', next: other },
      { on: 'event', event: 'Echo', next },
      ...messages
        .slice(0, 1)
        .map((step) => ({ on: 'message', step, was: flag ? 'delivered' : 'clicked', next: other })),
      { on: 'becomes-true', if: ifs[pick % 2], next: other },
    ];
    const made: { readonly [T in (typeof types)[number]]: object } = {
      message: message(next, {
        ...(flag && { failed: other }),
        ...(pick === 1 && { skipped: other }),
        ...(pick === 2 && { topic: 'account' }),
        whenBlocked: hours % 2 ? 'hold' : 'skip',
      }),
      wait: { type: 'wait', for: flag ? `PT${hours}H` : `P${Math.ceil(hours / 24)}D`, next, maxVisits: 3 },
      until: { type: 'wait', until: { time: '02:30', ...(flag && { days: ['sun', 'tue'] }) }, next },
      window: { type: 'wait', until: { windows: [{ days: ['mon', 'sat'], from: '23:00', to: '01:00' }] }, next },
      'wait-for': { type: 'wait-for', any: triggers.slice(0, 1 + pick), within: `PT${hours}H`, timeout: next },
      branch: { type: 'branch', cases: [{ if: cases, next: other }], else: next },
      split: {
        type: 'split',
        arms: [
          { id: 'a', weight: 50, next: other },
          { id: 'b', weight: 50, next },
        ],
        ...(flag && { sticky: 'run' }),
      },
      update: { type: 'update', increment: { passes: 1 }, ...(flag && { append: { list: pick } }), next },
      emit: { type: 'emit', event: 'Echo', properties: { cart: { ref: 'entry.cart' }, from: index }, next },
      enroll: { type: 'enroll', journey: 'other', properties: { cart: 'c' }, next },
      webhook: { type: 'webhook', endpoint: flag ? 'crm' : 'down', saveAs: 'crm', body: { a: 1 }, next, failed: other },
      task: {
        type: 'task',
        queue: 'crm',
        title: 'Call',
        due: `PT${hours}H`,
        outcomes: { done: next, no: other },
        timeout: next,
      },
      exit: { type: 'exit', reason: 'enough' },
      again: {
        type: 'branch',
        cases: [{ if: 'not (profile.passes > 3)', next: firstWait >= 0 && firstWait < index ? name(firstWait) : next }],
        else: next,
      },
    };
    steps[name(index)] = made[type] as Steps[string];
  }
  return sound(steps);
}

/** Lint refuses steps that nothing leads to, and what refers to steps that are not there. */
function sound(steps: Steps): Steps {
  const reached = new Set(['s0']);
  for (const id of reached) {
    const step = steps[id];
    for (const { next } of step === undefined ? [] : nextOf(step as never)) if (next !== 'end') reached.add(next);
  }
  const saves = [...reached].some((id) => steps[id]?.type === 'webhook');
  const left = Object.entries(steps).filter(([id]) => reached.has(id));
  const mended = left.map(([id, step]): [string, Steps[string]] => {
    if (step.type === 'wait-for') {
      const any = step['any'] as { readonly on: string; readonly step?: string }[];
      return [id, { ...step, any: any.filter((one) => one.step === undefined || reached.has(one.step)) }];
    }
    if (step.type !== 'branch' || saves || !JSON.stringify(step).includes('steps.crm')) return [id, step];
    const [first] = step['cases'] as { readonly next: string }[];
    return [id, { ...step, cases: [{ ...first, if: 'profile.passes > 1' }] }];
  });
  const result = Object.fromEntries(mended);
  return JSON.stringify(result) === JSON.stringify(steps) ? steps : sound(result);
}

const hours = { from: '21:00', to: '08:00' };

/** All but the id. */
export const randomJourney = fc
  .record(
    {
      steps: fc.array(randomStep, { minLength: 1, maxLength: 9 }).map(stepsOf),
      reentry: fc.record({
        again: fc.constantFrom('never', 'after-exit', 'PT5H', 'P2D'),
        whileInside: fc.constantFrom('ignore', 'restart'),
        max: fc.integer({ min: 1, max: 4 }),
      }),
      key: fc.boolean(),
      exitWhen: fc.subarray([
        { on: 'event', event: 'Left', reason: 'left' },
        { on: 'becomes-true', if: 'did "Bought" at least 3 times in last 2 days', reason: 'bought' },
      ]),
      goal: fc.constantFrom(
        { event: 'Bought', within: 'P3D', value: 'event.total' },
        { event: 'Bought', within: 'P1D', from: 'message', exit: true },
        { event: 'Bought', where: 'event.cart = entry.cart', within: 'P9D', exit: true },
      ),
      holdout: fc.constant({ percent: 20 }),
      sending: fc.constantFrom(
        { quietHours: [hours], catchUp: 'PT6H' },
        { windows: [{ days: ['mon', 'wed', 'sun'], from: '10:00', to: '12:30' }] },
        { closedDates: ['2026-10-25', '2026-11-26'], quietHours: 'environment' },
      ),
      limits: fc.constantFrom(
        { messagesPerProfile: [{ max: 1, per: 'P2D' }] },
        { messagesPerProfile: [{ max: 2, per: 'run' }] },
        { messagesPerProfile: [{ max: 1, per: 'day' }] },
      ),
      schedule: fc.constantFrom({ startAt: '2026-10-19T10:00:00Z' }, { endAt: '2026-12-01T00:00:00Z', atEnd: 'stop' }),
      zone: fc.constantFrom('Asia/Kolkata', 'America/New_York'),
    },
    { requiredKeys: ['steps', 'reentry'] },
  )
  .map(({ key, reentry, ...rest }) => ({ ...rest, reentry: key ? { ...reentry, key: 'event.cart' } : reentry }));
export type RandomJourney = typeof randomJourney extends fc.Arbitrary<infer T> ? T : never;

/** Nobody comes back from here to a random journey, so that nothing goes round for ever. */
const other = {
  schemaVersion: 1,
  id: 'other',
  name: 'Other',
  topic: 'news',
  entry: [{ on: 'event', event: 'Echo', where: 'event.from > 1' }],
  reentry: { again: 'PT1H', whileInside: 'restart' },
  start: 'soon',
  steps: { soon: { type: 'wait', for: 'PT10M', next: 'mail' }, mail: message('end', { template: 'again' }) },
};

export const endpoints = ['crm', 'down'].map((id) => ({ id, url: `https://${id}.example.com/hook` }));

/** What the endpoints of random journeys answer: with a score, or never. */
export const behaviourOfEndpoints = [
  { endpoint: 'down', fails: 1 },
  { endpoint: 'crm', answer: { score: 5, more: { deep: true } } },
];

/** Journeys `random-0`, `random-1` …, and all that they refer to. Each is entered by an event of its own, or by all. */
export function randomDocuments(
  all: readonly RandomJourney[],
  more: Partial<Documents> = {},
  entryOf: (index: number) => string = () => 'Started',
): Documents {
  const bodies = all.map((one, index) => {
    const entry = [{ on: 'event', event: entryOf(index) }];
    return documents({ id: `random-${index}`, name: `Random ${index}`, entry, ...one }, {}).journeys[0];
  });
  return {
    ...documents({ steps: { one: message() } }),
    journeys: [...bodies, other],
    topics: [
      { id: 'news', kind: 'marketing', consent: { email: 'opt-out' } },
      { id: 'account', kind: 'transactional', consent: { email: 'opt-out' } },
    ],
    endpoints,
    ...more,
  };
}
