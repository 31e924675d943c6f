import { expect, it } from 'vitest';
import { type Occurrences, recordOccurrence } from '../../../shared/domain/audiences/did-clauses.ts';
import { jsonBytes } from '../../../shared/domain/profiles/limits.ts';
import { packProfile, unpackProfile } from '../../../shared/domain/profiles/pack-stored.ts';
import { emptyProfile, type Memberships } from '../../../shared/domain/profiles/profile.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import fc from '../../property.ts';

const occurrence = fc.record({
  at: fc.integer({ min: -1_000, max: Date.UTC(2200, 0, 1) }),
  count: fc.integer({ min: 1, max: 1_000_000 }),
  sum: fc.oneof(
    fc.constant(0),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
  ),
});
const occurrences: fc.Arbitrary<Occurrences> = fc.record({
  times: fc.array(occurrence, { maxLength: 60 }),
  total: fc.nat(),
  sum: fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
  since: fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) }),
});

it('comes back as it was, through JSON, in the same order', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), occurrences, { maxKeys: 5, noNullPrototype: true }), (seen) => {
      const profile = { ...emptyProfile, seen };
      expect(unpackProfile(JSON.parse(JSON.stringify(packProfile(profile))))).toEqual(profile);
    }),
  );
});

const instant = fc.integer({ min: 0, max: Date.UTC(2200, 0, 1) });
const memberships: fc.Arbitrary<Memberships> = fc
  .record({
    saw: fc.nat(),
    due: fc.option(instant, { nil: undefined }),
    in: fc.dictionary(fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/), fc.record({ since: instant }), {
      maxKeys: 20,
      noNullPrototype: true,
    }),
  })
  .map(({ saw, due, in: all }) => ({ saw, ...(due !== undefined && { due }), in: all }));

it('memberships come back byte for byte', () => {
  fc.assert(
    fc.property(memberships, (one) => {
      const back = unpackProfile(JSON.parse(JSON.stringify(packProfile({ ...emptyProfile, memberships: one }))));
      expect(JSON.stringify(back.memberships)).toBe(JSON.stringify(one));
    }),
  );
});

it('ten memberships of one instant take 16 bytes each, and 200 of any little more than half of what they take as JSON', () => {
  const of = (many: number, apartMs: number): Memberships => ({
    saw: 12,
    due: Date.UTC(2026, 11, 26),
    in: Object.fromEntries(
      Array.from({ length: many }, (_, i) => [`buyers-${100 + i}`, { since: Date.UTC(2026, 10, 26) - i * apartMs }]),
    ),
  });
  const packed = (one: Memberships) => jsonBytes(packProfile({ ...emptyProfile, memberships: one }));
  expect(packed(of(10, 0))).toBeLessThanOrEqual(200);
  expect(packed(of(200, DAY_MS + 1))).toBeLessThan(jsonBytes(of(200, DAY_MS + 1)) / 1.8);
});

it('reads what an earlier release has stored', () => {
  const seen = { clause: { times: [{ at: 5, count: 1, sum: 2 }], total: 1, sum: 2, since: 5 } };
  expect(unpackProfile({ createdAt: 4, seen })).toEqual({ ...emptyProfile, createdAt: 4, seen });
  const memberships = { saw: 3, due: 9, in: { vip: { since: 5 } } };
  expect(unpackProfile({ createdAt: 4, memberships })).toEqual({ ...emptyProfile, createdAt: 4, memberships });
});

it('leaves out what is empty', () => {
  expect(packProfile(emptyProfile)).toEqual({});
  expect(unpackProfile({})).toEqual(emptyProfile);
});

it.each([
  [1, 0, 90],
  [48, 0, 460],
  [400, 0, 2_000],
  [48, 19.95, 740],
  [400, 19.95, 4_400],
])('%i occurrences of %d take %i bytes, and less than half of what they take as JSON', (many, value, bytes) => {
  let seen: Occurrences | undefined;
  for (let i = 0; i < many; i += 1) {
    seen = recordOccurrence(seen, Date.UTC(2026, 0, 1) + i * DAY_MS * 0.9 + 12_345, value, 366 * DAY_MS);
  }
  const profile = { ...emptyProfile, seen: { 'a-clause-of-22-letters': seen! } };
  const packed = jsonBytes(packProfile(profile));
  expect(packed).toBeLessThanOrEqual(bytes);
  expect(packed).toBeLessThan(jsonBytes(profile.seen) / 2 + 50);
});
