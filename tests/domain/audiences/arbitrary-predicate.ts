import type { Op, Predicate } from '../../../shared/domain/audiences/predicate.ts';
import { DAYS } from '../../../shared/domain/audiences/predicate-text.ts';
import { hasForbiddenCharacters, isPrototypeKey } from '../../../shared/kernel/clean-text.ts';
import fc, { anyCharacter } from '../../property.ts';

/** Every predicate of the whole grammar; what the schema accepts and the text form must bring back. */
const text = fc.string({ unit: anyCharacter, maxLength: 12 }).filter((s) => !hasForbiddenCharacters(s));
const id = fc.oneof(
  fc.constantFrom('vip', 'email', 'in', '7-days', 'all', 'offers', 'journey', '0'),
  fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,10}$/),
);
export const anyRef = fc.oneof(
  fc.constantFrom(
    'profile.plan',
    'profile.loyalty.tier',
    'event.total',
    'entry.cart_id',
    'steps.offer-1.code',
    'event.products.0.sku',
  ),
  fc
    .tuple(
      fc.constantFrom('profile', 'entry', 'event'),
      text.filter((s) => s !== '' && !isPrototypeKey(s)),
    )
    .map(([root, name]) => `${root}[${JSON.stringify(name)}]`),
);
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })).map((n) => n + 0);
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null));
const num = fc.oneof(number, text);
const duration = fc.oneof(
  fc.constantFrom(
    'P30D',
    'PT1H',
    'P1D',
    'P1M',
    'PT1M',
    'P2W',
    'P1Y',
    'P1DT12H',
    'P0D',
    'P007D',
    'PT45S',
    'P12M',
    'PT0S',
  ),
  fc.integer({ min: 1, max: 300 }).map((n) => `P${n}D`),
);
const name = text.filter((s) => s !== '');
const span = fc.oneof(duration, fc.constantFrom('ever', 'today', 'run'));
const count = fc.oneof(
  fc.record({ atLeast: fc.nat(50) }),
  fc.record({ atMost: fc.nat(50) }),
  fc.record({ exactly: fc.nat(50) }),
);
const optional = { requiredKeys: [] as [] };
const time = fc.tuple(fc.nat(23), fc.nat(59)).map(([h, m]) => `${`${h}`.padStart(2, '0')}:${`${m}`.padStart(2, '0')}`);
export const anyWindow = fc.record(
  { days: fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1 }), from: time, to: time },
  { requiredKeys: ['from', 'to'] },
);
export const anyOp: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ is: fc.oneof(scalar, fc.record({ ref: anyRef })) }),
  fc.record({ isNot: fc.oneof(scalar, fc.record({ ref: anyRef })) }),
  fc.record({ in: fc.oneof(fc.array(scalar, { minLength: 1, maxLength: 4 }), fc.record({ ref: anyRef })) }),
  fc.record({ notIn: fc.array(scalar, { minLength: 1, maxLength: 4 }) }),
  fc.record({ gt: num }),
  fc.record({ gte: num }),
  fc.record({ lt: num }),
  fc.record({ lte: num }),
  fc.record({ between: fc.tuple(num, num) }),
  fc.record({ exists: fc.boolean() }),
  fc.record({ contains: scalar }),
  fc.record({ startsWith: text }),
  fc.record({ endsWith: text }),
  fc.record({ withinLast: duration }),
  fc.record({ withinNext: duration }),
  fc.record({
    near: fc.record({
      lat: fc.double({ min: -90, max: 90, noNaN: true }).map((n) => n + 0),
      lon: fc.double({ min: -180, max: 180, noNaN: true }).map((n) => n + 0),
      km: fc.double({ min: 0.001, max: 20_000, noNaN: true }),
    }),
  }),
  fc.record({ inside: id }),
);

export const { predicate: anyPredicate } = fc.letrec<{ predicate: Predicate; where: Predicate }>((tie) => {
  const where = tie('predicate');
  return {
    where,
    predicate: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      fc.tuple(anyRef, anyOp).map(([ref, op]) => ({ ref, ...op })),
      fc.record({
        consent: fc.record({ channel: fc.constantFrom('email', 'in-app', 'sms'), topic: id }),
        is: fc.constantFrom('granted', 'pending', 'withdrawn', 'none'),
      }),
      fc.record({ clock: fc.constant('local' as const), windows: fc.array(anyWindow, { minLength: 1, maxLength: 3 }) }),
      fc.record(
        { segment: id, is: fc.constantFrom('member', 'not-member'), since: fc.record({ atLeast: duration }) },
        { requiredKeys: ['segment', 'is'] },
      ),
      fc.record(
        { journey: id, is: fc.constantFrom('inside', 'finished', 'exited', 'never-entered'), reason: id },
        { requiredKeys: ['journey', 'is'] },
      ),
      fc.record(
        {
          message: fc.record(
            { journey: id, step: id, topic: id, channel: fc.constantFrom('email', 'sms', 'push', 'in-app', 'webhook') },
            optional,
          ),
          was: fc.constantFrom('sent', 'delivered', 'opened', 'clicked', 'bounced'),
          by: fc.constantFrom('human', 'anyone'),
          within: span,
          times: count,
        },
        { requiredKeys: ['message', 'was', 'within'] },
      ),
      fc.record({ all: fc.array(tie('predicate'), { maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('predicate'), { maxLength: 3 }) }),
      fc.record({ not: tie('predicate') }),
      fc.record(
        {
          did: name,
          where,
          within: span,
          times: count,
          sum: fc.tuple(anyRef, anyOp).map(([of, op]) => ({ of, ...op })),
        },
        { requiredKeys: ['did', 'within'] },
      ),
      fc.record({
        sequence: fc.array(
          fc.oneof(
            fc.record({ did: name, where, within: duration }, { requiredKeys: ['did'] }),
            fc.record({ didNot: name, where }, { requiredKeys: ['didNot'] }),
          ),
          { minLength: 1, maxLength: 3 },
        ),
        within: duration,
      }),
    ) as fc.Arbitrary<Predicate>,
  };
});
