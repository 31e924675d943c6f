import type { ComputedPart } from '../audiences/asked-parts.ts';
import type { CatalogSnapshot } from '../catalog.ts';
import type { ComputedTraits } from './computed-traits.ts';
import type { Definition } from './definition.ts';

/** What each computed trait is made of, for segments that have to know when it may be another one. */
export function computedParts(
  { byName }: Pick<ComputedTraits, 'byName'>,
  epochs: CatalogSnapshot['computedEpochs'] = {},
  statisticsEpoch = 0,
): ReadonlyMap<string, ComputedPart> {
  const feedsOf = (definition: Definition): string[] =>
    'feed' in definition
      ? [definition.feed.id]
      : definition.from.flatMap((name) => (byName.has(name) ? feedsOf(byName.get(name)!) : []));
  const byDocument = (document: string) => (Object.hasOwn(epochs, document) ? epochs[document]! : 0);
  return new Map(
    [...byName].map(([name, definition]) => {
      const isScored = 'from' in definition && definition.byStatistics === true;
      const epoch = Math.max(byDocument(definition.document), isScored ? statisticsEpoch : 0);
      return [name, { feeds: [...new Set(feedsOf(definition))], isTemporal: isTemporal(definition), epoch }];
    }),
  );
}

/** Counts and sums over all time stay; whatever looks back from now, or at a list of instants, does not. */
const isTemporal = (definition: Definition): boolean =>
  'from' in definition ||
  definition.asked.window !== undefined ||
  definition.asked.halfLifeMs !== undefined ||
  definition.feed.kind === 'r';
