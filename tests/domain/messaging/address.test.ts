import { domainToASCII } from 'node:url';
import { describe, expect, it } from 'vitest';
import { normaliseAddress } from '../../../shared/domain/messaging/address.ts';
import fc from '../../property.ts';

const label = fc.string({ unit: fc.constantFrom(...'abz019-xnXNäß.ÄＡ٣'), minLength: 1, maxLength: 8 });
const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));

describe('an e-mail address', () => {
  it('has its domain as the URL standard writes it, and none that the standard refuses', () => {
    fc.assert(
      fc.property(domain, (text) => {
        const normalised = normaliseAddress('email', `ada@${text}`);
        if (normalised !== undefined) expect(normalised).toBe(`ada@${domainToASCII(text)}`);
        else expect(domainToASCII(text)).not.toMatch(/^([a-z]+\.)+[a-z]+$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['Ada@Mail.Example', 'ada@mail.example'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@mail', undefined],
    ['ada@-mail.example', undefined],
  ])('%s becomes %s', (written, normalised) => {
    expect(normaliseAddress('email', written)).toBe(normalised);
  });
});
