import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { segmentPlaces } from '../segments-of.ts';
import { error, meant, type Rule } from './finding.ts';

/** Entries on a change of segment are refused by not-yet.ts. */
export const knownSegments: Rule = (journey, { segments }) =>
  segmentPlaces(journey).flatMap(({ pointer, segment }) => {
    if (segments.has(segment)) return [];
    return [
      error(pointer, 'segment-unknown', `no segment is called "${segment}"`, meant(didYouMean(segment, segments))),
    ];
  });
