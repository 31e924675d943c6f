import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { sinceProblems } from '../../audiences/segment.ts';
import { isKept } from '../../audiences/segment-kind.ts';
import { predicatesOf, walkPredicate } from '../predicates-of.ts';
import { segmentPlaces } from '../segments-of.ts';
import { error, meant, type Rule } from './finding.ts';

/** Segments exist; who enters and who leaves is noticed where journeys enter on it, and remembered where they ask since when. */
export const knownSegments: Rule = (journey, { segments }) => [
  ...segmentPlaces(journey).flatMap(({ pointer, segment }) => {
    if (segments.has(segment)) return [];
    const like = didYouMean(segment, segments.keys());
    return [error(pointer, 'segment-unknown', `no segment is called "${segment}"`, meant(like))];
  }),
  ...journey.entry.flatMap((entry, i) => {
    if (entry.on !== 'segment') return [];
    const found = segments.get(entry.segment);
    const onDemand =
      found === undefined || isKept(found)
        ? []
        : [
            error(`/entry/${i}/segment`, 'segment-on-demand', `nobody notices who enters segment "${entry.segment}"`, {
              fix: 'make that segment live: true',
            }),
          ];
    if (entry.change === 'entered' || entry.existing === 'ignore') return onDemand;
    const detail = 'those who are no members have not left';
    return [...onDemand, error(`/entry/${i}/existing`, 'segment-existing', detail, { fix: 'write ignore' })];
  }),
  ...predicatesOf(journey).flatMap(({ predicate, pointer: at }) =>
    [...walkPredicate(predicate, at)].flatMap(({ predicate: part, pointer }) =>
      sinceProblems(part, pointer, segments).map(({ code, pointer: place, detail, ...more }) =>
        error(place, `segment-${code}`, detail, more),
      ),
    ),
  ),
];
