import { parseCalendarDay } from '../../../kernel/time.ts';
import { localDate } from '../../../kernel/zone.ts';
import { traitValue } from '../../profiles/set-traits.ts';
import { type Check, isMarketing } from './check.ts';

/** Marketing does not go to people who say that they are younger than the environment's minimum age. */
export const checkAge: Check = (proposal) => {
  const { catalog, profile, now, zone } = proposal;
  const minimum = catalog.policy.minimumAge;
  if (minimum === undefined || !isMarketing(proposal)) return undefined;
  const birthday = traitValue(profile, 'birthday');
  const born = typeof birthday === 'string' ? parseCalendarDay(birthday) : undefined;
  const stated = traitValue(profile, 'age');
  let age = typeof stated === 'number' ? stated : undefined;
  if (born !== undefined) {
    const today = localDate(now, zone);
    const before = today.month < born.month || (today.month === born.month && today.day < born.day);
    age = today.year - born.year - (before ? 1 : 0);
  }
  if (age === undefined || age >= minimum) return undefined;
  return { no: 'age.too-young', saw: { limit: minimum }, fix: 'a guardian decides; only transactional topics go' };
};
