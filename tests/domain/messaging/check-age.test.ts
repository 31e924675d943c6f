import { describe, expect, it } from 'vitest';
import type { Proposal } from '../../../shared/domain/messaging/policy/check.ts';
import { checkAge } from '../../../shared/domain/messaging/policy/check-age.ts';
import type { Policy } from '../../../shared/domain/messaging/policy.ts';
import type { Topic } from '../../../shared/domain/messaging/topic.ts';
import { type Consent, emptyProfile } from '../../../shared/domain/profiles/profile.ts';

const offers: Topic = { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } };

function verdict({
  traits = {},
  at = '2026-11-26T12:00:00Z',
  zone = 'UTC',
  policy = { minimumAge: 16 },
  consent,
  topic = offers,
}: {
  readonly traits?: Readonly<Record<string, string | number>>;
  readonly at?: string;
  readonly zone?: string;
  readonly policy?: Partial<Policy>;
  readonly consent?: Partial<Consent>;
  readonly topic?: Topic;
}) {
  const now = Date.parse(at);
  const of = { channel: 'email', topic: 'offers', at: now - 1, source: 'form', state: 'granted' } as const;
  const found = checkAge({
    ...{ now, zone, topic, channel: 'email', seed: 's', catalog: { policy } },
    profile: {
      ...emptyProfile,
      traits: Object.fromEntries(
        Object.entries(traits).map(([name, value]) => [name, { value, at: 0, source: 'identify' as const }]),
      ),
      ...(consent !== undefined && { consents: { 'email/offers': { ...of, ...consent } } }),
    },
  } as unknown as Proposal);
  return found === undefined ? 'may' : 'no' in found ? found.no : found.hold;
}

describe('the age of a customer', () => {
  it.each([
    ['the day before', '2010-11-27', '2026-11-26T23:59:59Z', 'UTC', 'age.too-young'],
    ['on the day', '2010-11-26', '2026-11-26T00:00:00Z', 'UTC', 'may'],
    [
      'on the day of the customer, which has begun in Auckland',
      '2010-11-27',
      '2026-11-26T12:00:00Z',
      'Pacific/Auckland',
      'may',
    ],
    ['… and has not in Los Angeles', '2010-11-26', '2026-11-26T05:00:00Z', 'America/Los_Angeles', 'age.too-young'],
    ['born on 28 February, on the day', '2011-02-28', '2027-02-28T12:00:00Z', 'UTC', 'may'],
    ['born on 29 February, on 28 February', '2012-02-29', '2028-02-28T12:00:00Z', 'UTC', 'age.too-young'],
    ['born on 29 February, on the day in a leap year', '2012-02-29', '2028-02-29T12:00:00Z', 'UTC', 'may'],
    ['born in the future', '2030-01-01', '2026-11-26T12:00:00Z', 'UTC', 'age.too-young'],
  ])('is whole years: %s', (_what, birthday, at, zone, expected) => {
    expect(verdict({ traits: { birthday }, at, zone })).toBe(expected);
  });

  it.each([
    ['2027-02-28T12:00:00Z', 'age.too-young'],
    ['2027-03-01T00:00:00Z', 'may'],
  ])('of who was born on 29 February changes on 1 March of other years: %s → %s', (at, expected) => {
    expect(verdict({ traits: { birthday: '2012-02-29' }, at, policy: { minimumAge: 15 } })).toBe(expected);
  });

  it('is the stated one where there is no birthday; a birthday counts before it', () => {
    expect(verdict({ traits: { age: 15 } })).toBe('age.too-young');
    expect(verdict({ traits: { age: 16 } })).toBe('may');
    expect(verdict({ traits: { age: 40, birthday: '2015-01-01' } })).toBe('age.too-young');
    expect(verdict({ traits: { age: 15, birthday: 'in May' } })).toBe('age.too-young');
  });

  it.each([
    [{ minimumAge: 16 }, 'may'],
    [{ minimumAge: 16, unknownAge: 'allow' }, 'may'],
    [{ minimumAge: 16, unknownAge: 'refuse' }, 'age.unknown'],
    [{ unknownAge: 'refuse' }, 'may'],
  ] as const)('that nobody knows: %j → %s', (policy, expected) => {
    expect(verdict({ policy })).toBe(expected);
  });

  it('does not matter for what the customer has to know', () => {
    const account: Topic = { id: 'offers', kind: 'transactional', consent: {} };
    expect(verdict({ traits: { age: 9 }, topic: account })).toBe('may');
  });
});

describe('a guardian', () => {
  it.each([
    ['no consent', undefined, 'age.too-young'],
    ['the minor’s own', {}, 'age.too-young'],
    ['a guardian’s', { guardian: 'Bela Lovelace, mother' }, 'may'],
    ['a guardian’s, not confirmed yet', { guardian: 'Bela Lovelace', state: 'pending' }, 'age.too-young'],
    ['a guardian’s, withdrawn', { guardian: 'Bela Lovelace', state: 'withdrawn' }, 'age.too-young'],
    ['a guardian’s, for another topic', { guardian: 'Bela Lovelace', topic: 'tips' }, 'age.too-young'],
  ] as const)('on record: %s → %s', (_what, consent, expected) => {
    const other = consent !== undefined && 'topic' in consent;
    const topic: Topic = other ? { ...offers, id: 'else' } : offers;
    expect(verdict({ traits: { age: 12 }, topic, ...(consent !== undefined && { consent }) })).toBe(expected);
  });

  it('speaks for whoever’s age nobody knows, too', () => {
    const policy = { minimumAge: 16, unknownAge: 'refuse' } as const;
    expect(verdict({ policy, consent: { guardian: 'Bela Lovelace' } })).toBe('may');
  });
});
