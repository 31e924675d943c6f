import { describe, expect, it } from 'vitest';
import {
  endsWithin,
  maxMessagesPer,
  never,
  nothingAfterWithdrawal,
  type Rule,
  rule,
  simulate,
  type Trace,
  type Verdict,
  verify,
} from '../../shared/simulation/index.ts';
import { documents, message, shop, wait } from './documents.ts';

function counterExample(verdict: Verdict) {
  if (verdict.holds) throw new Error(`held in ${verdict.tried} tries`);
  return verdict.counterExample;
}
const acts = (verdict: Verdict) => counterExample(verdict).histories.map(({ event, traits }) => event ?? traits);

describe('verify', () => {
  it('says how much it tried where nothing breaks the rules', () => {
    const rules = [maxMessagesPer({ max: 2, per: 'P1D' }), nothingAfterWithdrawal(), endsWithin('P30D')];
    expect(verify(shop, rules, { tries: 60 })).toEqual({ holds: true, tried: 60 });
  });

  it('knows that others use limits up', () => {
    const skipped = documents({
      limits: { entriesTotal: 5, budget: { max: 1, currency: 'USD', per: 'day' } },
      steps: { one: message('end', { skipped: 'out' }), out: { type: 'exit', reason: 'no-room' } },
    });
    const enters = rule('enters', ({ runs, events }) =>
      events.some(({ name }) => name === 'Signed Up') && runs.length === 0 ? 'stays out' : undefined,
    );
    expect(verify(skipped, [enters], { seed: 2 }).holds).toBe(false);
    const paced = documents({ limits: { messagesPerMinute: 600 }, steps: { one: message() } });
    expect(verify(paced, [endsWithin('PT1M')]).holds, 'a queue in front of it').toBe(false);
    expect(verify(paced, [endsWithin('P2D')], { tries: 60 }).holds).toBe(true);
  });

  it('finds the customer who may not get an offer, with nothing in the life that is not needed', () => {
    const verdict = verify(shop, [never({ who: 'profile.plan = "gold"', template: 'cart-20-off' })]);
    expect(acts(verdict)).toEqual([{ email: 'customer@mail.example', plan: 'gold' }, 'Product Added']);
    const { story, trace, histories } = counterExample(verdict);
    expect(story.at(-1)).toMatch(/✗ profile.plan = "gold": never message of template cart-20-off/);
    expect(story.filter((line) => line.includes('→ gets')).map((line) => line.trim())).toEqual([
      '→ gets cart-reminder by email (cart-abandonment / reminder)',
      '→ gets cart-10-off by email (cart-abandonment / first-offer)',
      '→ gets cart-20-off by email (cart-abandonment / second-offer)',
    ]);
    // At the boundary of the branch, `entry.price >= 40`.
    expect(histories[1]!.properties).toMatchObject({ price: 40 });
    const from = new Date(Date.parse(histories[0]!.at)).toISOString();
    const again = simulate({ ...shop, histories, from, days: 30, traces: 1 }).traces[0]!;
    expect(again.messages.map(({ template }) => template)).toEqual(trace.messages.map(({ template }) => template));
  });

  it('makes up events that computed traits are made of, and knows what they are', () => {
    const orders = {
      schemaVersion: 1,
      id: 'orders',
      name: 'O',
      function: 'count',
      of: { event: 'Ordered' },
      within: 'P30D',
    };
    const greeted = { ...documents({ steps: { one: message() } }), computedTraits: [orders] };
    const verdict = verify(greeted, [never({ who: 'profile.orders >= 1', template: 'hello' })]);
    expect(acts(verdict)).toContain('Ordered');
    expect(counterExample(verdict).trace.messages.at(-1)!.traits).toMatchObject({ orders: 1 });
  });

  it('makes up days that are near, so that who enters on one is found', () => {
    const birthday = documents({
      entry: [{ on: 'date', trait: 'profile.birthday', every: 'year', offset: '-P7D', at: '09:00' }],
      steps: { one: message() },
    });
    const { trace, histories } = counterExample(
      verify(birthday, [never({ who: 'profile.email exists', template: 'hello' })]),
    );
    const day = String(histories[0]!.traits!['birthday']);
    expect(Date.parse(day) - Date.parse(trace.messages[0]!.at.slice(0, 10))).toBe(7 * 86_400_000);
  });

  it('finds the day on which clocks go back, where 24 hours are less than a day', () => {
    const journey = documents(
      {
        steps: { one: message('a-day'), 'a-day': wait('PT24H', 'two'), two: message() },
        reentry: { again: 'never', whileInside: 'ignore' },
      },
      { policy: { schemaVersion: 1, zone: 'Europe/Berlin', locale: 'en', quietHours: [], caps: [] } },
    );
    const { trace } = counterExample(verify(journey, [maxMessagesPer({ max: 1, per: 'P1D' })]));
    const [first, second] = trace.messages.map(({ at }) => Date.parse(at));
    expect(second! - first!).toBe(24 * 3_600_000);
    expect(['2026-10-24', '2026-10-25', '2026-10-31', '2026-11-01']).toContain(trace.messages[0]!.at.slice(0, 10));
    const byWallClock = documents({
      steps: { one: message('a-day'), 'a-day': wait('P1D', 'two'), two: message() },
      reentry: { again: 'never', whileInside: 'ignore' },
    });
    expect(verify(byWallClock, [maxMessagesPer({ max: 1, per: 'P1D' })], { tries: 200 }).holds).toBe(true);
  });

  it('finds that a second entry doubles the messages of a day, unless a cap forbids it', () => {
    const steps = { one: message() };
    const rules = [maxMessagesPer({ max: 2, per: 'day' })];
    expect(acts(verify(documents({ steps }), rules))).toEqual([
      { email: 'customer@mail.example' },
      'Signed Up',
      'Signed Up',
      'Signed Up',
    ]);
    const policy = { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [{ max: 2, per: 'day' }] };
    expect(verify(documents({ steps }, { policy }), rules, { tries: 150 }).holds).toBe(true);
  });

  it('finds who never leaves', () => {
    const steps = {
      forever: {
        type: 'wait-for',
        any: [{ on: 'event', event: 'Ordered', next: 'end' }],
        within: 'P90D',
        timeout: 'end',
      },
    };
    const verdict = verify(documents({ steps }), [endsWithin('P30D')]);
    expect(acts(verdict)).toEqual(['Signed Up']);
    expect(counterExample(verdict).detail).toMatch(/entered welcome .* and ended at/);
  });

  it('takes a rule of the author, over everything that happened', () => {
    const noTwice = rule('the same template only once', ({ messages }: Trace) => {
      const templates = messages.map(({ template }) => template);
      const twice = templates.find((one, index) => templates.indexOf(one) < index);
      return twice && `${twice} came twice`;
    });
    const verdict = verify(documents({ steps: { one: message() } }), [noTwice]);
    expect(counterExample(verdict).detail).toBe('hello came twice');
    expect(acts(verdict).filter((act) => act === 'Signed Up')).toHaveLength(2);
  });

  it('knows that what a customer does at the instant of a message comes after what time brought', () => {
    const journey = documents({ steps: { hour: wait('PT1H', 'one'), one: message() } });
    const brokenBy = (at: string) => {
      const lived = [
        { at: '2026-11-23T10:00:00Z', userId: 'ada', traits: { email: 'ada@mail.example' } },
        { at: '2026-11-23T10:00:00Z', userId: 'ada', event: 'Signed Up' },
        { at: `2026-11-23T${at}Z`, userId: 'ada', event: 'Ordered' },
      ];
      const [trace] = simulate({ ...journey, histories: lived, from: '2026-11-23T00:00:00Z', days: 1 }).traces;
      expect(trace!.messages).toHaveLength(1);
      return never({ who: 'did "Ordered" ever' }).check(trace!) !== undefined;
    };
    expect(['10:59:59', '11:00:00', '11:00:01'].map(brokenBy)).toEqual([true, false, false]);
  });

  it('gives the same answer for the same seed', () => {
    const rules = [never({ who: 'did "Order Completed" at least 1 time ever', template: 'cart-10-off' })];
    expect(verify(shop, rules, { seed: 'a' })).toEqual(verify(shop, rules, { seed: 'a' }));
  });

  it.each<[what: string, make: () => unknown, message: RegExp]>([
    ['no rules', () => verify(shop, []), /\/rules: no rule/],
    ['a duration in words', () => endsWithin('30 days'), /\/endsWithin: not a duration/],
    ['a half message', () => maxMessagesPer({ max: 0.5, per: 'P1D' }), /\/maxMessagesPer\/max/],
    [
      'a misspelt template',
      () => never({ who: 'profile.a = 1', templat: 'x' } as never),
      /\/never\/templat: unknown key.*did you mean "template"/,
    ],
    ['what only a run knows', () => never({ who: 'entry.price > 4' }), /entry.price is not known of a customer/],
    ['a predicate that cannot be read', () => never({ who: 'profile.plan ==' }), /\/never\/who/],
    ['no tries', () => verify(shop, [nothingAfterWithdrawal()], { tries: 0 }), /\/options\/tries/],
  ])('refuses %s', (_what, make, said) => {
    expect(make).toThrow(said);
  });
});

/** What the core never lets happen can only be told to a rule, so that the rule is known to see it. */
describe('a rule sees', () => {
  const traceOf = (part: Partial<Trace>): Trace => ({
    customer: 'ada',
    until: '2026-12-31T00:00:00.000Z',
    zone: 'UTC',
    entries: [],
    events: [],
    messages: [],
    consents: [],
    runs: [],
    ...part,
  });
  const sent = (at: string, more: object = {}) => ({
    at: `2026-11-${at}:00.000Z`,
    id: 'm',
    channel: 'email' as const,
    topic: 'news',
    transactional: false,
    template: 'hello',
    outcome: 'sent' as const,
    eventsBefore: 0,
    traits: {},
    zone: 'UTC',
    ...more,
  });
  const consent = (at: string, state: 'granted' | 'withdrawn', topic = 'news') => ({
    at: `2026-11-${at}:00.000Z`,
    channel: 'email' as const,
    topic,
    state,
  });

  it.each<[what: string, rule: Rule, part: Partial<Trace>, isBroken: boolean]>([
    [
      'a message after a withdrawal',
      nothingAfterWithdrawal(),
      { messages: [sent('02T10:00')], consents: [consent('01T10:00', 'withdrawn')] },
      true,
    ],
    [
      'a withdrawal after the message',
      nothingAfterWithdrawal(),
      { messages: [sent('02T10:00')], consents: [consent('03T10:00', 'withdrawn')] },
      false,
    ],
    [
      'a consent that was given again',
      nothingAfterWithdrawal(),
      { messages: [sent('03T10:00')], consents: [consent('01T10:00', 'withdrawn'), consent('02T10:00', 'granted')] },
      false,
    ],
    [
      'a withdrawal of another topic',
      nothingAfterWithdrawal(),
      { messages: [sent('03T10:00')], consents: [consent('01T10:00', 'withdrawn', 'other')] },
      false,
    ],
    [
      'a message that was not handed over',
      nothingAfterWithdrawal(),
      { messages: [sent('02T10:00', { outcome: 'failed' })], consents: [consent('01T10:00', 'withdrawn')] },
      false,
    ],
    [
      'two in one day',
      maxMessagesPer({ max: 1, per: 'day' }),
      { messages: [sent('02T00:00'), sent('02T23:59')] },
      true,
    ],
    [
      'two in two days',
      maxMessagesPer({ max: 1, per: 'day' }),
      { messages: [sent('02T23:59'), sent('03T00:00')] },
      false,
    ],
    [
      'two in one week, from Monday on',
      maxMessagesPer({ max: 1, per: 'week' }),
      { messages: [sent('02T00:00'), sent('08T23:59')] },
      true,
    ],
    [
      'two on Sunday and Monday',
      maxMessagesPer({ max: 1, per: 'week' }),
      { messages: [sent('08T23:59'), sent('09T00:00')] },
      false,
    ],
    [
      'two in 24 hours',
      maxMessagesPer({ max: 1, per: 'P1D' }),
      { messages: [sent('02T23:59'), sent('03T23:58')] },
      true,
    ],
    [
      'transactional ones, which do not count',
      maxMessagesPer({ max: 1, per: 'P1D' }),
      { messages: [sent('02T23:58', { transactional: true }), sent('02T23:59')] },
      false,
    ],
    [
      'transactional ones that are named',
      maxMessagesPer({ max: 1, per: 'P1D', topic: 'news' }),
      { messages: [sent('02T23:58', { transactional: true }), sent('02T23:59')] },
      true,
    ],
    [
      'what a customer had done before',
      never({ who: 'did "Ordered" ever' }),
      {
        messages: [sent('02T10:00', { eventsBefore: 1 })],
        events: [{ at: '2026-11-01T00:00:00.000Z', name: 'Ordered', properties: {} }],
      },
      true,
    ],
    [
      'what a customer did later',
      never({ who: 'did "Ordered" ever' }),
      { messages: [sent('02T10:00')], events: [{ at: '2026-11-03T00:00:00.000Z', name: 'Ordered', properties: {} }] },
      false,
    ],
    [
      'who is still inside',
      endsWithin('P1D'),
      { runs: [{ run: 'r', journey: 'j', entered: '2026-11-01T00:00:00.000Z', steps: [] }] },
      true,
    ],
    [
      'who left in time',
      endsWithin('P1D'),
      {
        runs: [
          { run: 'r', journey: 'j', entered: '2026-11-01T00:00:00.000Z', ended: '2026-11-02T00:00:00.000Z', steps: [] },
        ],
      },
      false,
    ],
    [
      'who entered too late to tell',
      endsWithin('P1D'),
      { runs: [{ run: 'r', journey: 'j', entered: '2026-12-30T12:00:00.000Z', steps: [] }] },
      false,
    ],
  ])('%s', (_what, { check }, part, isBroken) => {
    expect(check(traceOf(part)) !== undefined).toBe(isBroken);
  });
});
