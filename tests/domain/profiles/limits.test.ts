import { describe, expect, it } from 'vitest';
import {
  jsonBytes,
  jsonBytesBeyond,
  profileBytes,
  profileBytesBeyond,
} from '../../../shared/domain/profiles/limits.ts';
import { emptyProfile } from '../../../shared/domain/profiles/profile.ts';
import fc from '../../property.ts';

const anyText = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)), maxLength: 12 });
const anyValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    anyText,
    fc.double({ noNaN: true }),
    fc.constantFrom(null, true, false, -Number.MIN_VALUE, -Number.MAX_VALUE, Number('-1.2345678901234567e-300')),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('bytes beyond a limit', () => {
  it('are those of the JSON, and none at the limit itself', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const bytes = jsonBytes(value);
        expect(jsonBytesBeyond(bytes - 1, value)).toBe(bytes);
        for (const enough of [bytes, bytes + 1, bytes * 8 + 100]) {
          expect(jsonBytesBeyond(enough, value)).toBeUndefined();
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('of a profile do not count what dry runs remember', () => {
    const profile = {
      ...emptyProfile,
      asIf: { traits: { plan: { value: 'gold', at: 1, source: 'journey' as const } } },
    };
    const bytes = profileBytes(emptyProfile);
    expect(profileBytesBeyond(bytes, profile)).toBeUndefined();
    expect(profileBytesBeyond(bytes - 1, profile)).toBe(bytes);
  });
});
