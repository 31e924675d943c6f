import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { predicatesOf, walkPredicate } from '../predicates-of.ts';
import { error, meant, type Rule } from './finding.ts';

export const knownGeofences: Rule = (journey, { geofences }) =>
  predicatesOf(journey).flatMap(({ predicate, pointer: start }) =>
    [...walkPredicate(predicate, start)].flatMap(({ predicate: part, pointer }) => {
      if (!('inside' in part) || geofences.has(part.inside)) return [];
      const detail = `the policy has no geofence "${part.inside}"`;
      return [error(`${pointer}/inside`, 'geofence-unknown', detail, meant(didYouMean(part.inside, geofences)))];
    }),
  );
