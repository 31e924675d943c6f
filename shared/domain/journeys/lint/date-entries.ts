import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { traitOf } from '../engine/date-entries.ts';
import { error, type Finding, type Rule } from './finding.ts';

/** The day is a trait's: it must be known before anybody is inside. Two times on the same day would be one occurrence. */
export const dateEntries: Rule = ({ entry }) => {
  const places = entry.map((one) => (one.on === 'date' ? canonicalJson({ ...one, at: '' }) : undefined));
  return entry.flatMap((one, i): Finding[] => {
    if (one.on !== 'date') return [];
    const pointer = `/entry/${i}`;
    if (traitOf(one) === undefined) {
      const fix = 'write profile.<trait>';
      return [error(`${pointer}/trait`, 'date-trait', `${one.trait} is not a trait of the customer`, { fix })];
    }
    if (places.indexOf(places[i]) === i) return [];
    const fix = 'remove one of them, or give one an offset';
    return [error(`${pointer}/at`, 'date-twice', `the same day as entry ${places.indexOf(places[i])}`, { fix })];
  });
};
