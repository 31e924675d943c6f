import { describe, expect, it } from 'vitest';
import type { InvalidInput, Problem } from '../../shared/kernel/errors.ts';
import { type SimulationInput, simulate } from '../../shared/simulation/index.ts';
import { documents, message, shop, template, wait } from './documents.ts';

const from = '2026-11-23T09:00:00Z';
const signUps = (customers: number) => ({ customers, events: [{ name: 'Signed Up', hour: 1 }] });
const twoMessages = documents({
  steps: { one: message('a-day'), 'a-day': wait('PT24H', 'two'), two: message('end', { template: 'again' }) },
});
const shoppers = {
  customers: 60,
  traits: { locale: { en: 0.7, de: 0.2 }, plan: { oneOf: ['gold', 'free'] } },
  events: [
    { name: 'Signed Up', day: [0, 1] as [number, number], hour: [0, 10] as [number, number] },
    {
      name: 'Product Added',
      probability: 0.8,
      times: [1, 3] as [number, number],
      day: [1, 4] as [number, number],
      properties: { cart_id: 'cart-{n}-{i}', name: 'Boots', price: { between: [10, 90] as [number, number], step: 1 } },
    },
    {
      name: 'Order Completed',
      probability: 0.4,
      after: { event: 'Product Added', between: ['PT30M', 'P3D'] as [string, string], same: ['cart_id'] },
      properties: { total: 50 },
    },
  ],
};

describe('simulate', () => {
  it('lets a population through a journey and counts what happens', () => {
    const result = simulate({ ...twoMessages, population: signUps(50), from, days: 3 });
    expect(result.journeys['welcome']).toMatchObject({
      entered: 50,
      exits: { finished: 50 },
      stillInside: 0,
      paths: [{ path: 'one → a-day → two → finished', count: 50 }],
    });
    expect(result.messages).toMatchObject({
      sent: 100,
      byDay: { '2026-11-23': 50, '2026-11-24': 50 },
      byChannel: { email: 100 },
    });
    expect(result.messages.byStep).toMatchObject([
      { step: 'one', template: 'hello', sent: 50, delivered: 50, opened: 0 },
      { step: 'two', template: 'again', sent: 50, delivered: 50, opened: 0 },
    ]);
    expect(result.peakSendsPerMinute).toEqual({ count: 50, minute: '2026-11-23T10:00:00.000Z' });
  });

  it('lets everybody in on their day, each in their own zone', () => {
    const birthdays = documents({
      entry: [{ on: 'date', trait: 'profile.birthday', every: 'year', offset: '-P7D', at: '09:00' }],
      reentry: { again: 'after-exit', whileInside: 'ignore' },
      steps: { one: message() },
    });
    const traits = {
      birthday: { days: ['1960-01-01', '2004-12-31'] as [string, string] },
      timezone: { 'Asia/Tokyo': 0.5 },
    };
    const result = simulate({
      ...birthdays,
      population: { customers: 40, traits, events: [] },
      from: '2025-12-31T12:00:00Z',
      days: 365 * 2,
      traces: 40,
    });
    expect(result.journeys['welcome']).toMatchObject({ entered: 80, exits: { finished: 80 } });
    for (const { messages } of result.traces) {
      const [first, second] = messages.map(({ at }) => at);
      expect(Date.parse(second!) - Date.parse(first!)).toBe(365 * 86_400_000);
    }
    expect(new Set(result.traces.map(({ messages }) => messages[0]!.at.slice(0, 10))).size).toBeGreaterThan(30);
    expect(new Set(result.traces.map(({ messages }) => messages[0]!.at.slice(11, 16)))).toEqual(
      new Set(['09:00', '00:00']),
    );
    // One or two sweeps arm each of them; days of the year after are not paid for yet.
    const transitions = result.cost.aws.find(({ what }) => what === 'Step Functions transitions')!.count;
    expect([transitions > 2 * 60, transitions <= 2 * 2 * 80]).toEqual([true, true]);
  });

  it('lets members in at each occurrence by the clocks of its zone, and nobody else', () => {
    const weekly = documents(
      {
        entry: [
          { on: 'schedule', segment: 'gold', zone: 'Europe/Berlin', at: '09:00', every: 'week', days: ['mon', 'thu'] },
        ],
        reentry: { again: 'P5D', whileInside: 'ignore' },
        steps: { one: message() },
      },
      {
        segments: [{ schemaVersion: 1, id: 'gold', name: 'Gold', where: 'profile.plan = "gold" or did "Order" ever' }],
      },
    );
    const result = simulate({
      ...weekly,
      histories: [
        {
          at: '2026-03-26T00:00:00Z',
          userId: 'ann',
          traits: { plan: 'gold', email: 'ann@example.com' },
        },
        { at: '2026-03-26T00:00:00Z', userId: 'bob', traits: { email: 'bob@example.com' } },
        { at: '2026-04-01T00:00:00Z', userId: 'bob', event: 'Order' },
        { at: '2026-03-26T00:00:00Z', userId: 'eve', traits: { email: 'eve@example.com' } },
      ],
      from: '2026-03-26T00:00:00Z',
      days: 8,
      traces: 3,
    });
    const sent = result.traces.map(({ customer, messages }) => [customer, ...messages.map(({ at }) => at)]);
    expect(sent).toEqual([
      ['ann', '2026-03-26T08:00:00.000Z', '2026-04-02T07:00:00.000Z'],
      ['bob', '2026-04-02T07:00:00.000Z'],
      ['eve'],
    ]);
    expect(Object.keys(result.journeys)).toEqual(['welcome']);
    expect(result.journeys['welcome']).toMatchObject({ entered: 3, notEntered: { 'reentry.too-soon': 1 } });
  });

  it('decides that a message was delivered only where something asks, and counts it in any case', () => {
    const asking = documents({
      steps: {
        one: message('arrived'),
        arrived: {
          type: 'wait-for',
          any: [{ on: 'message', step: 'one', was: 'delivered', next: 'two' }],
          within: 'PT24H',
          timeout: 'end',
        },
        two: message('end', { template: 'again' }),
      },
    });
    const [asked, unasked] = [asking, twoMessages].map((all) =>
      simulate({ ...all, population: signUps(5), from, days: 3, traces: 1 }),
    );
    expect(unasked!.records).toEqual({ event: 10, wake: 5 });
    expect(asked!.records).toEqual({ event: 10, receipt: 10, wake: 5 });
    for (const { messages, reasons, traces } of [asked!, unasked!]) {
      expect(messages.byStep).toMatchObject([{ delivered: 5 }, { delivered: 5 }]);
      expect(reasons['receipt.delivered']).toBe(10);
      expect(traces[0]!.entries.filter(({ what }) => what === 'message was delivered')).toHaveLength(2);
    }
    const untilSent = simulate({ ...twoMessages, population: signUps(5), from, days: 1 / 24 });
    expect(untilSent.messages.byStep[0]).toMatchObject({ sent: 5, delivered: 0 });
  });

  it('says who is still inside at the end', () => {
    const result = simulate({ ...twoMessages, population: signUps(3), from, days: 1 });
    expect(result.journeys['welcome']).toMatchObject({
      stillInside: 3,
      paths: [{ path: 'one → a-day → still inside', count: 3 }],
    });
  });

  it('is plain data, and the same for the same seed', () => {
    const input: SimulationInput = {
      ...shop,
      population: shoppers,
      from,
      days: 8,
      seed: 3,
      behaviour: { messages: [{ opens: 0.4, unsubscribes: 0.1 }] },
    };
    const result = simulate(input);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(simulate(input)).toEqual(result);
    expect(simulate({ ...input, seed: 4 }).messages.byDay).not.toEqual(result.messages.byDay);
  });

  it('does to a customer the same, whoever else there is', () => {
    const of = (customers: number) =>
      simulate({
        ...shop,
        population: { ...shoppers, customers },
        from,
        days: 8,
        traces: ['customer-7'],
        behaviour: { messages: [{ opens: 0.5 }] },
      }).traces;
    expect(of(7)).toEqual(of(60));
  });

  it('gives every run one path', () => {
    const { journeys } = simulate({ ...shop, population: shoppers, from, days: 20 });
    for (const { entered, exits, stillInside, paths, steps } of Object.values(journeys)) {
      expect(paths.reduce((sum, { count }) => sum + count, 0)).toBe(entered);
      expect(Object.values(exits).reduce((a, b) => a + b, 0) + stillInside).toBe(entered);
      for (const [step, { visits }] of Object.entries(steps)) {
        const onPaths = paths.map(({ path, count }) => path.split(' → ').filter((one) => one === step).length * count);
        expect(
          onPaths.reduce((a, b) => a + b, 0),
          step,
        ).toBe(visits);
      }
    }
  });

  it('counts caps and quiet hours where they held a message, or kept it from going', () => {
    const policy = {
      schemaVersion: 1,
      zone: 'UTC',
      locale: 'en',
      quietHours: [{ from: '08:00', to: '12:00' }],
      caps: [{ max: 1, per: 'P7D' }],
    };
    const { messages, reasons } = simulate({ ...twoMessages, policy, population: signUps(10), from, days: 5 });
    expect(messages.byStep).toMatchObject([
      { step: 'one', sent: 10, held: { 'quiet-hours': 10 }, skipped: {} },
      { step: 'two', sent: 0, skipped: { 'cap.reached': 10 } },
    ]);
    expect(reasons).toMatchObject({ 'quiet-hours': 10, 'message.held-too-long': 10 });
  });

  it('knows what became of messages, as predicates ask', () => {
    const ask = (condition: string) => ({ type: 'branch', cases: [{ if: condition, next: 'yes' }], else: 'no' });
    const journey = (condition: string) =>
      documents({
        steps: {
          one: message('a-day'),
          'a-day': wait('PT24H', 'ask'),
          ask: ask(condition),
          yes: { type: 'exit', reason: 'yes' },
          no: { type: 'exit', reason: 'no' },
        },
      });
    const exits = (condition: string, opens = 0.5) => {
      const behaviour = { messages: [{ opens, within: 'PT12H' }] };
      return simulate({ ...journey(condition), population: signUps(40), from, days: 3, behaviour }).journeys['welcome']!
        .exits;
    };
    expect(exits('opened journey welcome step one topic news in last 1 day', 1)).toEqual({ yes: 40 });
    expect(exits('opened step one ever', 0)).toEqual({ no: 40 });
    const some = exits('opened step one in this run');
    expect([some['yes']! > 5, some['no']! > 5]).toEqual([true, true]);
  });

  describe('limits that customers share', () => {
    const limited = (limits: object, more: object = {}) =>
      documents({
        limits,
        steps: { one: message('end', { ...more, skipped: 'out' }), out: { type: 'exit', reason: 'no-room' } },
      });

    it('let the first ones in by the clock, whatever the order of the population', () => {
      const histories = ['c', 'a', 'b', 'd'].map((userId, index) => ({
        userId,
        at: `2026-11-23T1${3 - index}:00:00Z`,
        event: 'Signed Up',
      }));
      const told = histories.map((one) => ({
        userId: one.userId,
        traits: { email: `${one.userId}@mail.example` },
        at: from,
      }));
      const input = {
        ...limited({ entriesPerDay: 3, entriesTotal: 2 }),
        histories: [...told, ...histories],
        from,
        days: 2,
      };
      const { journeys, traces } = simulate(input as SimulationInput);
      expect(journeys['welcome']).toMatchObject({ entered: 2, notEntered: { 'limits.entries-total': 2 } });
      expect(
        traces
          .filter(({ messages }) => messages.length > 0)
          .map(({ customer }) => customer)
          .sort(),
      ).toEqual(['b', 'd']);
    });

    it('pace messages, and say how many waited', () => {
      const { messages, peakSendsPerMinute, cost } = simulate({
        ...limited({ messagesPerMinute: 5 }),
        population: signUps(50),
        from,
        days: 2,
      });
      expect(messages.byStep).toMatchObject([{ sent: 50, held: { 'pace.later': 49 } }]);
      expect(peakSendsPerMinute.count).toBe(5);
      const free = simulate({ ...limited({}), population: signUps(50), from, days: 2 }).cost;
      expect(cost.awsDollars, 'slots and wakes').toBeGreaterThan(free.awsDollars);
    });

    it('skip what would wait too long or is too dear', () => {
      const slow = simulate({
        ...limited({ messagesPerMinute: 1 }, { holdAtMost: 'PT9M' }),
        population: signUps(50),
        from,
        days: 2,
      });
      expect(slow.messages.byStep).toMatchObject([{ sent: 10, skipped: { 'pace.later': 40 } }]);
      const dear = simulate({
        ...limited({ budget: { max: 0.0012, currency: 'USD', per: 'day' } }),
        population: signUps(50),
        from,
        days: 2,
      });
      expect(dear.messages.byStep).toMatchObject([{ sent: 12, skipped: { 'limits.budget': 38 } }]);
      expect(dear.journeys['welcome']!.exits).toEqual({ finished: 12, 'no-room': 38 });
    });
  });

  it('plays what customers do with messages: bounces, unsubscribes, opens, clicks and what they do then', () => {
    const journey = documents({
      steps: twoMessages.journeys[0] ? (twoMessages.journeys[0] as { steps: { [id: string]: object } }).steps : {},
      goal: { event: 'Ordered', within: 'P7D', value: 'event.total' },
    });
    const play = (behaviour: SimulationInput['behaviour'] & {}) =>
      simulate({ ...journey, population: signUps(20), from, days: 3, behaviour });
    expect(play({ messages: [{ bounces: 1 }] }).messages.byStep).toMatchObject([
      { sent: 20, bounced: 20, delivered: 0 },
      { sent: 0, skipped: { 'suppressed.bounce': 20 } },
    ]);
    expect(play({ messages: [{ unsubscribes: 1, within: 'PT1H' }] }).messages.byStep).toMatchObject([
      { sent: 20, unsubscribed: 20 },
      { sent: 0, skipped: { 'consent.withdrawn': 20 } },
    ]);
    const ordered = play({
      messages: [
        {
          step: 'one',
          opens: 1,
          clicks: 1,
          within: 'PT1H',
          followedBy: [
            { event: 'Ordered', probability: 1, after: 'clicked', within: 'PT2H', properties: { total: 5 } },
          ],
        },
      ],
    });
    expect(ordered.journeys['welcome']).toMatchObject({ goals: 20, goalValue: 100 });
    expect(ordered.messages.byStep[0]).toMatchObject({ opened: 20, clicked: 20 });
  });

  it('lets a run that waits for the answer of its message go on, and another way when the template has not what it needs', () => {
    const steps = { one: message('end', { failed: 'sorry' }), sorry: message('end', { template: 'again' }) };
    const needs = {
      ...documents({ steps }),
      templates: [
        template('hello', {
          variables: { 'profile.firstName': { type: 'string', example: 'Ada', required: true } },
          variants: [
            {
              channel: 'email',
              content: { subject: 'x', text: '{{ profile.firstName }} {{ unsubscribe_url }} {{ postal_address }}' },
            },
          ],
        }),
        template('again'),
      ],
    };
    const population = { ...signUps(40), traits: { firstName: { Ada: 0.5 } } };
    const { messages, journeys } = simulate({ ...needs, population, from, days: 1 });
    const [one, sorry] = messages.byStep;
    expect(one!.sent + sorry!.sent).toBe(40);
    expect(sorry!.sent).toBeGreaterThan(5);
    expect(one!.failed).toEqual({ 'template.variable-missing': sorry!.sent });
    expect(journeys['welcome']!.stillInside).toBe(0);
  });

  it('calls webhooks that fail or answer as declared', () => {
    const steps = {
      ask: { type: 'webhook', endpoint: 'crm', saveAs: 'crm', next: 'rich', failed: 'end' },
      rich: { type: 'branch', cases: [{ if: 'steps.crm.score > 5', next: 'one' }], else: 'end' },
      one: message(),
    };
    const play = (fails: number, score: number) =>
      simulate({
        ...documents({ steps }, { endpoints: [{ id: 'crm', url: 'https://crm.example.com/hook' }] }),
        population: signUps(10),
        from,
        days: 1,
        behaviour: { webhooks: [{ endpoint: 'crm', fails, answer: { score } }] },
      });
    const path = (fails: number, score: number) => play(fails, score).journeys['welcome']!.paths;
    expect(path(0, 9)).toEqual([{ path: 'ask → rich → one → finished', count: 10 }]);
    expect(path(0, 1)).toEqual([{ path: 'ask → rich → finished', count: 10 }]);
    expect(path(1, 9)).toEqual([{ path: 'ask → finished', count: 10 }]);
    const { peakSendsPerMinute, messages } = play(0, 1);
    expect({ messages: messages.byChannel, peak: peakSendsPerMinute.count }).toEqual({
      messages: { webhook: 10 },
      peak: 0,
    });
  });

  it('reads histories as a list or as NDJSON, and joins a device with its customer', () => {
    const histories = [
      { anonymousId: 'd-1', at: '2026-11-23T10:00:00Z', event: 'Signed Up' },
      { userId: 'ada', anonymousId: 'd-1', at: '2026-11-23T11:00:00Z', traits: { email: 'ada@mail.example' } },
      { userId: 'bob', at: '2026-11-23T11:30:00Z', traits: { email: 'bob@mail.example' } },
      { userId: 'bob', at: '2026-11-23T12:00:00Z', event: 'Signed Up', properties: { source: 'ad' } },
      {
        userId: 'bob',
        at: '2026-11-23T13:00:00Z',
        consent: { topic: 'news', channel: 'email' as const, state: 'withdrawn' as const },
      },
    ];
    const result = simulate({ ...twoMessages, histories, from, days: 3 });
    const text = histories.map((one) => JSON.stringify(one)).join('\n');
    expect(simulate({ ...twoMessages, histories: `${text}\n`, from, days: 3 })).toEqual(result);
    expect(result.customers).toBe(2);
    // The device had no address yet when it signed up; the customer it became has one.
    expect(result.messages.byStep).toMatchObject([
      { sent: 1, skipped: { 'address.missing': 1 } },
      { sent: 1, skipped: { 'consent.withdrawn': 1 } },
    ]);
    const ada = result.traces.find(({ customer }) => customer === 'ada')!;
    expect(ada.messages).toMatchObject([
      { step: 'two', at: '2026-11-24T10:00:00.000Z', traits: { email: 'ada@mail.example' } },
    ]);
  });

  it('tells the life of a customer with reasons', () => {
    const [trace] = simulate({ ...twoMessages, population: signUps(2), from, days: 3, traces: 1 }).traces;
    expect(trace!.entries.map(({ what, reasons }) => `${what}: ${reasons.map(({ code }) => code)}`)).toEqual([
      'is known by email = "1@customers.example": ',
      'does "Signed Up": entry.entered,message.decided,step.wait',
      'message was delivered: receipt.delivered',
      'time has come: message.decided,exit.finished',
      'message was delivered: receipt.delivered',
    ]);
    expect(trace!.runs).toMatchObject([{ journey: 'welcome', reason: 'finished', steps: ['one', 'a-day', 'two'] }]);
  });

  it('forecasts cost from what BENCHMARKS.md counts, and the fee of the provider', () => {
    const reference = documents({
      reentry: { again: 'never', whileInside: 'ignore' },
      steps: {
        one: message('a-day'),
        'a-day': wait('PT24H', 'two'),
        two: message('three-days'),
        'three-days': wait('PT72H', 'three'),
        three: message('a-week'),
        'a-week': wait('PT168H', 'check'),
        check: { type: 'branch', cases: [{ if: 'profile.plan = "gold"', next: 'gold' }], else: 'end' },
        gold: { type: 'exit', reason: 'gold' },
      },
    });
    const before = simulate({ ...reference, population: { customers: 1000, events: [] }, from, days: 12 }).cost;
    const { cost } = simulate({ ...reference, population: signUps(1000), from, days: 12 });
    const perCustomer = (what: string) => {
      const of = ({ aws }: typeof cost) => aws.find((item) => item.what === what)!.count;
      return (of(cost) - (what.includes('read') ? 2.5 * 1000 : of(before))) / 1000;
    };
    // Counted with one customer after another, and batches as they came; a customer’s identify is not in it.
    expect(Math.abs(perCustomer('DynamoDB write units') / 15.8 - 1)).toBeLessThan(0.1);
    expect(Math.abs(perCustomer('DynamoDB read units') / 20.2 - 1)).toBeLessThan(0.1);
    expect(Math.abs(perCustomer('SQS FIFO requests') / 2.37 - 1)).toBeLessThan(0.1);
    expect(Math.abs(perCustomer('SQS standard requests') / 5.07 - 1)).toBeLessThan(0.1);
    expect(Math.abs(perCustomer('Lambda requests') / 3.37 - 1)).toBeLessThan(0.1);
    expect(cost.provider).toEqual([{ what: 'SES e-mails', count: 3000, dollarsEach: 0.0001, dollars: 0.3 }]);
    expect(cost.dollars).toBeCloseTo(cost.awsDollars + cost.providerDollars, 5);
  });
});

describe('text messages', () => {
  const topic = { id: 'news', kind: 'marketing', consent: { sms: 'opt-out' } };
  const variants = [{ channel: 'sms', content: { text: 'Hello' } }];
  const steps = { one: message('end', { channels: ['sms'] }) };
  const texts = documents({ steps }, { topics: [topic], templates: [template('hello', { variants })] });
  const population = { ...signUps(20), traits: { phone: { '+4915100000001': 1 } } };
  const costOf = (prices?: object) => simulate({ ...texts, population, from, days: 1, ...(prices && { prices }) }).cost;

  it('cost what somebody says that a part costs, and nothing until then', () => {
    const paid = { what: 'Text messages of one part', count: 20, dollarsEach: 0.07, dollars: 1.4 };
    expect(costOf({ sms: 0.07 }).provider).toContainEqual(paid);
    expect(costOf().provider.map(({ what }) => what)).toEqual(['SES e-mails']);
  });
});

const good = { ...twoMessages, population: signUps(1), from, days: 1 };
const firstJourney = twoMessages.journeys[0] as object;

describe('simulate refuses', () => {
  it.each<[what: string, change: object, pointer: string, code: string]>([
    ['a misspelt key', { populaton: {} }, '/populaton', 'simulation.unknown-key'],
    ['a date without a time', { from: '2026-11-23' }, '/from', 'simulation.instant'],
    ['no days', { days: 0 }, '/days', 'simulation.too-small'],
    ['nobody', { population: undefined }, '/population', 'simulation.one-of'],
    ['two sources', { histories: [] }, '/population', 'simulation.one-of'],
    ['too many customers', { population: signUps(20_000_000) }, '/population/customers', 'simulation.too-big'],
    [
      'a probability above 1',
      { behaviour: { messages: [{ opens: 2 }] } },
      '/behaviour/messages/0/opens',
      'simulation.too-big',
    ],
    [
      'a follow-up of nothing',
      { population: { customers: 1, events: [{ name: 'B', after: { event: 'A', between: ['PT1H', 'PT2H'] } }] } },
      '/population/events/0/after/event',
      'simulation.after',
    ],
    [
      'a journey that cannot be parsed',
      { journeys: [{ ...firstJourney, topics: 'news' }] },
      '/journeys/0/topics',
      'simulation.unknown-key',
    ],
    [
      'a journey that could not be published',
      { templates: [template('again')] },
      '/journeys/0/steps/one/template',
      'journey.template-unknown',
    ],
    [
      'the same topic twice',
      { topics: [...twoMessages.topics, ...twoMessages.topics] },
      '/topics/1/id',
      'simulation.duplicate',
    ],
    [
      'a record of nobody',
      { population: undefined, histories: [{ at: from, event: 'A' }] },
      '/histories/0',
      'simulation.record',
    ],
    [
      'a line that is no JSON',
      { population: undefined, histories: '{"userId":"a"' },
      '/histories',
      'simulation.syntax',
    ],
    [
      'a history from before',
      { population: undefined, histories: [{ userId: 'a', at: '2026-11-01T00:00:00Z', event: 'A' }] },
      '/from',
      'simulation.too-late',
    ],
  ])('%s', (_what, change, pointer, code) => {
    let problem: Problem | undefined;
    try {
      simulate({ ...good, ...change } as SimulationInput);
    } catch (error) {
      [problem] = (error as InvalidInput).problems;
      expect((error as Error).message).toContain(pointer);
    }
    expect(problem).toMatchObject({ pointer, code });
  });
});
