import { describe, expect, it } from 'vitest';
import type { StoredProfile } from '../../shared/app/ports.ts';
import { fromItem, textsOf, toItem } from '../../shared/data/profile-item.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import fc, { anyCharacter } from '../property.ts';

const at = Date.UTC(2026, 10, 26, 9);
const withTrait = (value: string | readonly string[]): StoredProfile => ({
  key: profileKey('user', 'u1'),
  version: 3,
  at,
  epoch: 2,
  profile: { ...emptyProfile, createdAt: at, traits: { t: { value: value as string, at, source: 'api' } } },
  pending: { v: 3, at, ids: [{ jk: 'x|1', st: 'moved', t: 'event', why: [] }], last: 'x|1', eff: [], hop: 0 },
});
/** As DynamoDB bills it: names, texts and bytes; a number by half its digits, and one ("Item sizes and formats"). */
const bytesOf = (stored: StoredProfile, compress?: boolean): number =>
  Object.entries(toItem(stored, compress)).reduce((sum, [name, { S: text, N: number, B: bytes }]) => {
    const value = text === undefined ? (bytes?.length ?? Math.ceil((number?.length ?? 0) / 2) + 1) : text;
    return sum + name.length + (typeof value === 'number' ? value : Buffer.byteLength(value));
  }, 0);
const unitsOf = (...of: Parameters<typeof bytesOf>): number => Math.ceil(bytesOf(...of) / 1_024);
const repetitive = 'the same again '.repeat(100);

describe('the item of a profile', () => {
  it('gives back whatever was stored, with and without compression', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: anyCharacter, maxLength: 500 }), { maxLength: 3 }),
        fc.boolean(),
        (text, on) => {
          const stored = withTrait([...text, '\n', repetitive]);
          expect(fromItem(toItem(stored, on))).toEqual(stored);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is text as long as it fits into one write unit', () => {
    const item = toItem(withTrait('x'.repeat(500)));
    expect(Object.keys(item)).toEqual(expect.arrayContaining(['doc', 'pend']));
    expect(item).not.toHaveProperty('z');
  });

  it('is compressed where that saves a unit, and says the same', () => {
    const stored = withTrait(repetitive);
    expect([unitsOf(stored, false), unitsOf(stored)]).toEqual([2, 1]);
    expect(toItem(stored)).not.toHaveProperty('doc');
    expect(textsOf(toItem(stored))).toEqual(textsOf(toItem(stored, false)));
  });

  it('never costs a unit more for it', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 2_000 }), (text) => {
        expect(unitsOf(withTrait(text))).toBeLessThanOrEqual(unitsOf(withTrait(text), false));
      }),
      { numRuns: 40 },
    );
  });

  it('is text where the environment wants what an older release can read', () => {
    expect(toItem(withTrait(repetitive), false)).toMatchObject({ doc: { S: expect.any(String) } });
  });

  it('is measured before it is compressed', () => {
    expect(() => toItem(withTrait('x'.repeat(400_000)))).toThrow(/an item has at most 380000 bytes; this one has 4/);
  });
});
