import { describe, expect, it } from 'vitest';
import type { Reason } from '../../../shared/domain/decision.ts';
import type { Journey } from '../../../shared/domain/journeys/journey.ts';
import { journey, message, type Setting, World } from './world.ts';

/** Everybody has the same limits: what one customer takes, another one lacks. */
function worldWith(
  limits: Journey['limits'],
  more: Partial<Setting> & { readonly body?: object; readonly step?: object } = {},
) {
  const { body, step, ...setting } = more;
  const made = journey({ limits, steps: { hello: message('end', step) }, ...body });
  const w = new World({ journeys: [made], ...setting });
  const arrive = (...users: string[]): void => {
    for (const user of users) {
      w.identify(user, { email: `${user}@mail.example` });
      w.track(user, 'Signed Up');
    }
  };
  const raise = (changed: Journey['limits']) =>
    w.publish(journey({ limits: changed, steps: { hello: message('end', step) }, ...body }));
  const why = (code: string): Reason[] => w.reasons.filter((reason) => reason.code === code);
  return { w, arrive, raise, why };
}

describe('entries', () => {
  it('in all: the rest is refused for ever, and a version that raises the limit counts on', () => {
    const { w, arrive, raise, why } = worldWith({ entriesTotal: 2 });
    arrive('a', 'b', 'c');
    expect(w.messages).toHaveLength(2);
    expect(why('limits.entries-total')).toEqual([
      {
        code: 'limits.entries-total',
        journey: 'welcome',
        version: 1,
        saw: { max: 2, per: 'total' },
        fix: 'raise limits.entriesTotal',
      },
    ]);
    expect(w.counts).toContain('welcome not-entered/limits.entries-total');
    w.pass('400d');
    arrive('d');
    raise({ entriesTotal: 3 });
    arrive('e', 'f');
    expect(w.messages).toHaveLength(3);
    raise({ entriesTotal: 2 });
    arrive('g');
    expect(w.messages, 'a limit below what was given out').toHaveLength(3);
  });

  it.each<[zone: string, journeyZone: string | undefined, at: string, next: string]>([
    ['UTC', undefined, '2026-11-22T23:59:59.999Z', '2026-11-23T00:00:00Z'],
    ['Europe/Berlin', undefined, '2026-11-22T22:59:59.999Z', '2026-11-22T23:00:00Z'],
    ['UTC', 'America/New_York', '2026-11-23T04:59:59.999Z', '2026-11-23T05:00:00Z'],
    // 29 March has 23 hours in Berlin, 25 October has 25, and Cairo's 24 April begins at one o'clock.
    ['Europe/Berlin', undefined, '2026-03-29T21:59:59.999Z', '2026-03-29T22:00:00Z'],
    ['Europe/Berlin', undefined, '2026-10-25T22:59:59.999Z', '2026-10-25T23:00:00Z'],
    ['Africa/Cairo', undefined, '2026-04-23T21:59:59.999Z', '2026-04-23T22:00:00Z'],
  ])('per calendar day of %s and of the journey in %s, at %s', (zone, journeyZone, at, next) => {
    const body = journeyZone === undefined ? {} : { zone: journeyZone };
    const { w, arrive, why } = worldWith({ entriesPerDay: 1 }, { policy: { zone }, at, body });
    w.identify('b', { timezone: 'Asia/Tokyo' });
    arrive('a', 'b');
    expect(w.messages, "not the customer's own day").toHaveLength(1);
    expect(why('limits.entries-per-day')).toHaveLength(1);
    w.until(next);
    arrive('c', 'd');
    expect(w.messages).toHaveLength(2);
  });

  it.each<[at: string, hours: number]>([
    ['2026-03-29T00:00:00+01:00', 23],
    ['2026-10-25T00:00:00+02:00', 25],
  ])('the whole day of %s, %i hours, is one day', (at, hours) => {
    const { w, arrive } = worldWith({ entriesPerDay: 1 }, { policy: { zone: 'Europe/Berlin' }, at });
    arrive('first');
    for (let hour = 1; hour < hours; hour += 1) {
      w.pass('1h');
      arrive(`at-${hour}`);
    }
    expect(w.messages).toHaveLength(1);
    w.pass('1h');
    arrive('next');
    expect(w.messages).toHaveLength(2);
  });

  it('who is refused for another reason takes no place', () => {
    const { w, arrive, why } = worldWith(
      { entriesTotal: 3, entriesPerDay: 2 },
      { body: { where: 'profile.email != "b@mail.example"' } },
    );
    arrive('a', 'b', 'a', 'c', 'd');
    expect(w.messages).toHaveLength(2);
    expect(why('limits.entries-per-day')).toHaveLength(1);
    w.pass('1d');
    arrive('e', 'f');
    expect(w.messages, 'the place in all that the day refused is free').toHaveLength(3);
    expect(why('limits.entries-total')).toHaveLength(1);
  });

  it('says which ones they were, so that the decision can be made again', () => {
    const { arrive, why } = worldWith({ entriesTotal: 5, entriesPerDay: 5 });
    arrive('a', 'b');
    expect(why('entry.entered').map(({ saw }) => saw)).toEqual([
      { 'entries#total': 0, 'entries#2026-11-22': 0 },
      { 'entries#total': 1, 'entries#2026-11-22': 1 },
    ]);
  });

  it('who enters anew is one more entry', () => {
    const again = { reentry: { again: 'after-exit', whileInside: 'restart' } };
    const body = { ...again, steps: { stay: { type: 'wait', for: 'P1D', next: 'end' } } };
    const { w, arrive, why } = worldWith({ entriesTotal: 2 }, { body });
    arrive('a', 'a', 'a');
    expect(why('entry.entered')).toHaveLength(2);
    expect(why('exit.restarted'), 'who may not enter anew stays inside').toHaveLength(1);
    expect(w.runs('a')).toHaveLength(1);
  });
});

describe('messages per minute', () => {
  const thenWait = { steps: { hello: message('later'), later: { type: 'wait', for: 'PT1H', next: 'end' } } };

  it('go one after the other, and what follows counts from the real hand-over', () => {
    const { w, arrive, why } = worldWith({ messagesPerMinute: 2 }, { body: thenWait });
    arrive('a', 'b', 'c');
    expect(w.messages).toHaveLength(1);
    expect(w.standing('c')).toBe('hello held 2026-11-22T10:01');
    expect(why('pace.later').map(({ saw }) => saw)).toEqual([
      { until: w.now + 30_000, messagesPerMinute: 2, slot: (w.now + 30_000) * 1_000 },
      { until: w.now + 60_000, messagesPerMinute: 2, slot: (w.now + 60_000) * 1_000 },
    ]);
    w.pass('30s');
    expect(w.messages).toHaveLength(2);
    w.pass('30s');
    expect(w.messages, 'with the slot that it had').toHaveLength(3);
    expect(w.standing('c')).toBe('later wait 2026-11-22T11:01');
    expect(w.run('c').slot).toBeUndefined();
    expect(why('pace.later')).toHaveLength(2);
  });

  it('never more than the limit in any minute, however many come', () => {
    const { w, arrive } = worldWith({ messagesPerMinute: 7 });
    for (let second = 0; second < 90; second += 1) {
      arrive(`x${second}`, ...(second % 10 === 0 ? [`y${second}`, `z${second}`] : []));
      w.pass('1s');
    }
    w.pass('1h');
    expect(w.messages).toHaveLength(108);
    const at = w.messages.map(({ decidedAt }) => decidedAt);
    for (const from of at) expect(at.filter((one) => one >= from && one < from + 60_000).length).toBeLessThanOrEqual(7);
  });

  it('a slot that was not used in time is given up for another', () => {
    const quietHours = [{ from: '10:02', to: '11:00' }];
    const { w, arrive } = worldWith({ messagesPerMinute: 1 }, { policy: { quietHours } });
    arrive('a', 'b', 'c', 'd');
    w.until('2026-11-22T11:14:59Z');
    const later = w.messages.slice(2).map(({ decidedAt }) => decidedAt);
    expect(w.messages.length).toBeGreaterThanOrEqual(2);
    w.until('2026-11-22T12:00:00Z');
    const all = w.messages.map(({ decidedAt }) => decidedAt).sort((x, y) => x - y);
    expect(all).toHaveLength(4);
    for (const [index, one] of all.slice(1).entries()) expect(one - all[index]!).toBeGreaterThanOrEqual(60_000);
    expect(later.every((one) => one >= Date.UTC(2026, 10, 22, 11))).toBe(true);
  });

  it('who would wait longer than holdAtMost is skipped, and takes no slot', () => {
    const step = { holdAtMost: 'PT2M', skipped: 'out' };
    const body = { steps: { hello: message('end', step), out: { type: 'exit', reason: 'no-room' } } };
    const { w, arrive, why } = worldWith({ messagesPerMinute: 1 }, { body });
    arrive('a', 'b', 'c', 'd', 'e');
    expect(why('message.held-too-long').map(({ saw }) => saw)).toEqual(
      [0, 1].map(() => ({ until: w.now + 180_000, deadline: w.now + 120_000, for: 'pace.later' })),
    );
    expect(why('exit.no-room')).toHaveLength(2);
    expect(w.counts).toContain('welcome message/hello/no/pace.later');
    w.pass('3m');
    arrive('f');
    expect(w.messages, 'at minutes 0, 1, 2, 3').toHaveLength(4);
  });

  it('with whenBlocked skip it goes now or not at all', () => {
    const { w, arrive, why } = worldWith({ messagesPerMinute: 60 }, { step: { whenBlocked: 'skip' } });
    arrive('a', 'b');
    w.pass('1s');
    arrive('c');
    expect(w.messages).toHaveLength(2);
    expect(why('message.not-held')).toHaveLength(1);
  });

  it('consent is asked again when its turn comes; the slot is lost then', () => {
    const { w, arrive } = worldWith({ messagesPerMinute: 1 });
    arrive('a', 'b', 'c');
    w.tell('b', {
      t: 'consent',
      id: 'c-1',
      at: w.now,
      consents: [{ channel: 'email', topic: 'news', state: 'withdrawn', at: w.now, source: 'api' }],
    });
    w.pass('2m');
    expect(w.sent()).toEqual(['hello email 2026-11-22T10:00', 'hello email 2026-11-22T10:02']);
  });

  it('paces a message that came back from its hand-over after its run had gone on', () => {
    const steps = {
      hello: message('mark'),
      mark: { type: 'update', set: { seen: true }, next: 'stay' },
      stay: { type: 'wait', for: 'P9D', next: 'end' },
    };
    const { w, arrive } = worldWith({ messagesPerMinute: 1 }, { body: { steps } });
    arrive('a');
    w.outcome(w.messages[0]!.id, 'not-sent', { reason: 'held.quiet-hours' });
    arrive('b', 'c');
    expect(w.messages).toHaveLength(1);
    w.pass('1m');
    expect(w.messages).toHaveLength(2);
    const held = Object.values(w.profile('a').held)[0]!;
    expect(held.at.slot, 'its new slot').toBe(w.now + 120_000);
    w.pass('2m');
    expect(w.messages).toHaveLength(4);
    expect(w.profile('a').held).toEqual({});
  });
});

describe('budget', () => {
  const prices = { currency: 'EUR', perMessage: { email: 0.4 } };

  it('is spent message by message, then the step is skipped', () => {
    const body = { steps: { hello: message('end', { skipped: 'out' }), out: { type: 'exit', reason: 'too-dear' } } };
    const budget = { max: 1, currency: 'EUR', per: 'total' } as const;
    const { w, arrive, raise, why } = worldWith({ budget }, { policy: { prices }, body });
    arrive('a', 'b', 'c');
    expect(w.messages).toHaveLength(2);
    expect(why('message.decided').map(({ saw }) => saw)).toEqual([
      { price: 0.4, spent: 0 },
      { price: 0.4, spent: 0.4 },
    ]);
    expect(why('limits.budget')).toEqual([
      expect.objectContaining({
        step: 'hello',
        channel: 'email',
        saw: { ...budget, price: 0.4, spent: 0.8 },
        fix: 'raise limits.budget',
      }),
    ]);
    expect(why('exit.too-dear')).toHaveLength(1);
    raise({ budget: { ...budget, max: 1.2 } });
    arrive('d', 'e');
    expect(w.messages).toHaveLength(3);
  });

  it('per day begins anew', () => {
    const { w, arrive } = worldWith({ budget: { max: 0.0002, currency: 'USD', per: 'day' } });
    arrive('a', 'b', 'c');
    expect(w.messages, "at AWS's own price").toHaveLength(2);
    w.pass('1d');
    arrive('d');
    expect(w.messages).toHaveLength(3);
  });

  it('a message that waits for its turn has not cost anything', () => {
    const limits = { messagesPerMinute: 1, budget: { max: 0.8, currency: 'EUR', per: 'total' } } as const;
    const { w, arrive, why } = worldWith(limits, { policy: { prices } });
    arrive('a', 'b', 'c');
    expect(why('pace.later')).toHaveLength(2);
    w.pass('1m');
    expect(w.messages).toHaveLength(2);
    w.pass('1m');
    expect(w.messages).toHaveLength(2);
    expect(why('limits.budget')).toHaveLength(1);
  });

  it.each([
    ['a price that went away', undefined, 'budget.no-price', 0],
    ['nothing to pay', { currency: 'EUR', perMessage: { email: 0 } }, undefined, 2],
  ])('%s', (_what, changed, code, sent) => {
    const policy = changed === undefined ? {} : { prices: changed };
    const { w, arrive } = worldWith({ budget: { max: 1, currency: 'EUR', per: 'total' } }, { policy });
    arrive('a', 'b');
    expect(w.messages).toHaveLength(sent);
    if (code !== undefined) expect(w.codes()).toContain(code);
  });

  it('what is sent without the journey costs it nothing', () => {
    const { w, arrive } = worldWith(
      { budget: { max: 0.4, currency: 'EUR', per: 'total' }, messagesPerMinute: 1 },
      { policy: { prices } },
    );
    w.identify('x', { email: 'x@mail.example' });
    for (const id of ['1', '2'])
      w.tell('x', { t: 'message', id, at: w.now, template: 'hello', topic: 'account' } as never);
    arrive('a');
    expect(w.messages.filter(({ origin }) => origin !== undefined)).toHaveLength(1);
    expect(w.messages.length).toBe(3);
  });
});

it('a journey without limits asks for nothing', () => {
  const { w, arrive } = worldWith({ messagesPerProfile: [{ max: 1, per: 'day' }] });
  arrive('a');
  expect(w.decisions.every(({ decision }) => decision.spent === undefined)).toBe(true);
});
