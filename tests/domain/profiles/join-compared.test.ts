import { expect, it } from 'vitest';
import { joinProfiles } from '../../../shared/domain/profiles/join-profiles.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../../shared/kernel/ids.ts';
import fc from '../../property.ts';

const [a, b] = [profileKey('user', 'a'), profileKey('user', 'b')];
const join = (x: Profile['compared'], y: Profile['compared']): Profile['compared'] => {
  const withSides = (compared: Profile['compared']): Profile => ({ ...emptyProfile, ...(compared && { compared }) });
  return joinProfiles(withSides(x), a, withSides(y), b).profile.compared;
};
const side = fc.record(
  { side: fc.constantFrom('in', 'out'), from: fc.nat(3), until: fc.integer({ min: 4, max: 6 }) },
  { requiredKeys: ['side', 'from'] },
);
const compared = fc.option(fc.dictionary(fc.constantFrom('welcome', 'cart'), side), { nil: undefined }) as fc.Arbitrary<
  Profile['compared']
>;

it('who is compared with whom joins in any order, and the same again changes nothing', () => {
  fc.assert(
    fc.property(compared, compared, compared, (x, y, z) => {
      expect(join(x, y)).toEqual(join(y, x));
      expect(join(join(x, y), z)).toEqual(join(x, join(y, z)));
      expect(join(x, x)).toEqual(x);
    }),
  );
});
