import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chance, digest } from '../../shared/kernel/ids.ts';
import fc from '../property.ts';

/** As the ids of stored profiles were made since the first release: they may never change. */
function sha256(parts: readonly string[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest();
}
const parts = fc.array(fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }), { maxLength: 4 });

describe('ids', () => {
  it('are the first 128 bits of the hash of the parts and their lengths, whatever stands in them', () => {
    fc.assert(
      fc.property(parts, (all) => {
        expect(digest(...all)).toBe(sha256(all).toString('base64url').slice(0, 22));
      }),
    );
  });

  it('draw by the first 48 bits', () => {
    fc.assert(
      fc.property(parts, (all) => {
        expect(chance(...all)).toBe(sha256(all).readUIntBE(0, 6) / 2 ** 48);
      }),
    );
  });

  it('draw the same by a number as by its digits', () => {
    expect(chance('a', 7, -1.5)).toBe(chance('a', '7', '-1.5'));
  });

  it('tell parts apart that make the same text', () => {
    expect(digest('ab', 'c')).not.toBe(digest('a', 'bc'));
  });
});
