import { describe, expect, it } from 'vitest';
import { type Op, Predicate } from '../../../shared/domain/audiences/predicate.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
import { printPredicate } from '../../../shared/domain/audiences/print-predicate.ts';
import { PredicateSyntaxError } from '../../../shared/domain/audiences/text-reader.ts';
import fc from '../../property.ts';
import { anyPredicate } from './arbitrary-predicate.ts';

describe('the text form', () => {
  it.each<[text: string, json: Predicate]>([
    ['profile.loyalty.tier in ("gold", "diamond")', { ref: 'profile.loyalty.tier', in: ['gold', 'diamond'] }],
    [
      'profile.address.country = "DE" and profile.phone is missing',
      {
        all: [
          { ref: 'profile.address.country', is: 'DE' },
          { ref: 'profile.phone', exists: false },
        ],
      },
    ],
    ['profile.renewal_at in next 14 days', { ref: 'profile.renewal_at', withinNext: 'P14D' }],
    [
      'did "Order Completed" where event.total >= 50 at least 2 times in last 30 days',
      { did: 'Order Completed', where: { ref: 'event.total', gte: 50 }, times: { atLeast: 2 }, within: 'P30D' },
    ],
    [
      'did "Order Completed" sum event.total >= 200 in last 90 days',
      { did: 'Order Completed', sum: { of: 'event.total', gte: 200 }, within: 'P90D' },
    ],
    [
      'sequence "Product Viewed" then "Product Added" within 1 hour without "Order Completed", all in last 3 hours',
      {
        sequence: [{ did: 'Product Viewed' }, { did: 'Product Added', within: 'PT1H' }, { didNot: 'Order Completed' }],
        within: 'PT3H',
      },
    ],
    [
      'profile.location within 5 km of (52.52, 13.405) and local time is mon-fri 09:00-18:00',
      {
        all: [
          { ref: 'profile.location', near: { km: 5, lat: 52.52, lon: 13.405 } },
          {
            clock: 'local',
            windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '09:00', to: '18:00' }],
          },
        ],
      },
    ],
    [
      'clicked topic newsletter by human in last 60 days and not (sent email at least 3 times in last 7 days) and consent email/offers is granted',
      {
        all: [
          { message: { topic: 'newsletter' }, was: 'clicked', by: 'human', within: 'P60D' },
          { not: { message: { channel: 'email' }, was: 'sent', times: { atLeast: 3 }, within: 'P7D' } },
          { consent: { channel: 'email', topic: 'offers' }, is: 'granted' },
        ],
      },
    ],
  ])('reads and prints the example %s', (text, json) => {
    expect(parsePredicate(text)).toEqual(json);
    expect(printPredicate(json)).toBe(text);
    expect(Predicate.parse(json)).toEqual(json);
    expect(Predicate.parse(text)).toEqual(json);
  });

  it.each<[text: string, json: Predicate]>([
    [
      '(profile.a = 1 or profile.b = 2) and profile.c = 3',
      {
        all: [
          {
            any: [
              { ref: 'profile.a', is: 1 },
              { ref: 'profile.b', is: 2 },
            ],
          },
          { ref: 'profile.c', is: 3 },
        ],
      },
    ],
    ['not not profile.a exists', { not: { not: { ref: 'profile.a', exists: true } } }],
    ['not in segment vip for at least 30 days', { segment: 'vip', is: 'not-member', since: { atLeast: 'P30D' } }],
    ['not (in segment vip)', { not: { segment: 'vip', is: 'member' } }],
    ['event["Plan Name"] != entry.plan', { ref: 'event["Plan Name"]', isNot: { ref: 'entry.plan' } }],
    [
      'profile.n between -1.5 and 2e3 and profile.m in profile.list',
      {
        all: [
          { ref: 'profile.n', between: [-1.5, 2000] },
          { ref: 'profile.m', in: { ref: 'profile.list' } },
        ],
      },
    ],
    ['never entered journey welcome reason 7-days', { journey: 'welcome', is: 'never-entered', reason: '7-days' }],
    [
      'local time is (sat sun 10:00-12:00, fri-mon 22:00-06:00)',
      {
        clock: 'local',
        windows: [
          { days: ['sat', 'sun'], from: '10:00', to: '12:00' },
          { days: ['fri', 'sat', 'sun', 'mon'], from: '22:00', to: '06:00' },
        ],
      },
    ],
    ['sent topic email email ever', { message: { topic: 'email', channel: 'email' }, was: 'sent', within: 'ever' }],
    ['all ()', { all: [] }],
    ['any (profile.a = null)', { any: [{ ref: 'profile.a', is: null }] }],
    ['did "X" where did "Y" today in this run', { did: 'X', where: { did: 'Y', within: 'today' }, within: 'run' }],
    ['\n profile.a\t=\r\n"x" ', { ref: 'profile.a', is: 'x' }],
  ])('reads %j', (text, json) => {
    expect(parsePredicate(text)).toEqual(json);
  });

  it.each<[text: string, column: number, expected: RegExp]>([
    ['', 1, /a predicate/],
    ['profile.a', 10, /an operator/],
    ['profile.a = ', 13, /a value/],
    ["profile.a = 'x'", 13, /double quotes/],
    ['profile.a = 01', 13, /a value/],
    ['profile.a = 1 and profile.b = 2 or profile.c = 3', 33, /parentheses/],
    ['profile.a = 1 or profile.b = 2 and profile.c = 3', 32, /parentheses/],
    ['profile.a = 1 profile.b = 2', 15, /the end, "and" or "or"/],
    ['(profile.a = 1', 15, /"\)"/],
    ['did "X"', 8, /a time/],
    ['did "X" in last 2 fortnights', 19, /days/],
    ['did "X" in last 400 days', 17, /at most a year/],
    ['did "X" at least two times ever', 18, /whole number/],
    ['did "" ever', 5, /1 to 200/],
    ['profile.a in ()', 15, /a value/],
    ['profile.__proto__.x = 1', 1, /a predicate/],
    ['profile.a = "\\ud800"', 13, /control characters/],
    ['profile.a = "a\nb"', 13, /as in JSON/],
    ['local time is mon-sun tue 09:00-10:00', 23, /only once/],
    ['local time is 9:00-10:00', 15, /09:00/],
    ['consent fax/offers is granted', 9, /a channel/],
    ['sent topic a topic b ever', 20, /only once/],
    ['profile.p within 5 km of (91, 0)', 27, /latitude/],
    ['sequence "A" then "B"', 22, /all in last/],
    ['profile.n > 1e999', 13, /finite/],
  ])('refuses %j at column %i', (text, column, expected) => {
    let error: unknown;
    try {
      parsePredicate(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(PredicateSyntaxError);
    expect(error).toMatchObject({ column, expected: expect.stringMatching(expected) });
  });

  it.each([
    ['parentheses', '('.repeat(300_000)],
    ['nots', 'not '.repeat(2_000)],
    ['lists', 'all ('.repeat(1_500)],
    ['wheres', 'did "x" where '.repeat(600)],
    ['an open string', `profile.a = "${'\\'.repeat(9_000)}`],
  ])('refuses endless %s without a stack overflow', (_what, text) => {
    expect(() => parsePredicate(text)).toThrow(PredicateSyntaxError);
  });

  it('brings back every predicate of the grammar that it prints', () => {
    const heads = new Set<string>();
    const ops = new Set<string>();
    fc.assert(
      fc.property(anyPredicate, (p) => {
        for (const key of Object.keys(p)) heads.add(key);
        if ('ref' in p) ops.add(Object.keys(p as Op).find((key) => key !== 'ref')!);
        expect(Predicate.parse(p)).toEqual(p);
        expect(parsePredicate(printPredicate(p))).toEqual(p);
      }),
      { numRuns: 2_000 },
    );
    expect([...heads]).toEqual(
      expect.arrayContaining([
        'all',
        'any',
        'not',
        'did',
        'sequence',
        'segment',
        'message',
        'journey',
        'consent',
        'clock',
      ]),
    );
    expect(ops.size).toBe(17);
  });

  it('reads what it prints of the deepest predicate that a document may hold', () => {
    let p: Predicate = {
      any: [
        { ref: 'profile.a', is: 1 },
        { ref: 'profile.b', is: 1 },
      ],
    };
    for (let i = 0; i < 20; i += 1) p = { not: p };
    expect(parsePredicate(printPredicate(p))).toEqual(p);
  });

  it('answers any text with a predicate or a syntax error', () => {
    const words = fc.constantFrom(
      'profile.a',
      '=',
      '"x"',
      '1',
      'and',
      'or',
      'not',
      '(',
      ')',
      'did',
      '"E"',
      'in',
      'last',
      '30',
      'days',
      'where',
      'sent',
      'ever',
      ',',
      'local',
      'time',
      'is',
      'within',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 12 }), (parts) => {
        let read: Predicate;
        try {
          read = parsePredicate(parts.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(PredicateSyntaxError);
          return;
        }
        expect(Predicate.parse(read)).toEqual(read);
      }),
      { numRuns: 1_000 },
    );
  });
});
