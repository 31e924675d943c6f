import { parseCalendarDay } from '../../../kernel/time.ts';
import { localDate } from '../../../kernel/zone.ts';
import { traitValue } from '../../profiles/set-traits.ts';
import { consentKey } from '../consent.ts';
import { type Check, isMarketing, type Proposal } from './check.ts';

/**
 * Marketing does not go to people below the environment's minimum age, unless the consent for this topic and channel that
 * holds was given by a guardian (GDPR, article 8). Theirs is per topic, as every consent; a statement of the minor's own
 * that comes later is the minor's, so a "yes" of theirs is not enough.
 */
export const checkAge: Check = (proposal) => {
  const { catalog, profile, channel, topic } = proposal;
  const minimum = catalog.policy.minimumAge;
  if (minimum === undefined || !isMarketing(proposal)) return undefined;
  const age = ageOf(proposal);
  if (age === undefined && catalog.policy.unknownAge !== 'refuse') return undefined;
  if (age !== undefined && age >= minimum) return undefined;
  const record = profile.consents[consentKey(channel, topic.id)];
  if (record?.state === 'granted' && record.guardian !== undefined) return undefined;
  const guardian = `needs consent ${channel}/${topic.id} of a guardian`;
  return age === undefined
    ? { no: 'age.unknown', saw: { limit: minimum }, fix: `set the trait birthday, or ${guardian}` }
    : { no: 'age.too-young', saw: { limit: minimum }, fix: guardian };
};

/**
 * In whole years, in the customer's zone now; undefined: nobody said. Whoever was born on 29 February is a year older on
 * 1 March of other years: of the two days that laws name, the later one.
 */
function ageOf({ profile, now, zone }: Proposal): number | undefined {
  const birthday = traitValue(profile, 'birthday');
  const born = typeof birthday === 'string' ? parseCalendarDay(birthday) : undefined;
  if (born === undefined) {
    const stated = traitValue(profile, 'age');
    return typeof stated === 'number' ? stated : undefined;
  }
  const today = localDate(now, zone);
  const isBefore = today.month < born.month || (today.month === born.month && today.day < born.day);
  return today.year - born.year - (isBefore ? 1 : 0);
}
