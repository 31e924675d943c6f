import type { ComputedPart } from '../audiences/asked-parts.ts';
import type { CatalogSnapshot } from '../catalog.ts';
import type { ComputedTraits } from './computed-traits.ts';
import type { Definition, Derived } from './definition.ts';

/**
 * What each computed trait is made of, for segments that have to know when it may be another one. A score has another
 * definition when figures of the base come that it did not have before. That figures move from night to night is no
 * definition: where a customer stands among all has changed, and a segment that asks for it is entered and left by that.
 */
export function computedParts(
  { byName, statistics }: Pick<ComputedTraits, 'byName' | 'statistics'>,
  epochs: CatalogSnapshot['computedEpochs'] = {},
  statisticsEpoch = 0,
): ReadonlyMap<string, ComputedPart> {
  const feedsOf = (definition: Definition): string[] =>
    'feed' in definition
      ? [definition.feed.id]
      : definition.from.flatMap((name) => (byName.has(name) ? feedsOf(byName.get(name)!) : []));
  const byDocument = (document: string) => (Object.hasOwn(epochs, document) ? epochs[document]! : 0);
  const isNewScore = (name: string): boolean => {
    if (statistics !== undefined && Object.hasOwn(statistics.traits, name)) {
      return statistics.traits[name]!.before === undefined;
    }
    const definition = byName.get(name);
    return definition !== undefined && isScored(definition) && definition.from.some(isNewScore);
  };
  return new Map(
    [...byName].map(([name, definition]) => {
      const figures = isScored(definition) ? statisticsEpoch : 0;
      const isNew = isScored(definition) && definition.from.some(isNewScore);
      const epoch = Math.max(byDocument(definition.document), isNew ? figures : 0);
      const part = { feeds: [...new Set(feedsOf(definition))], isTemporal: isTemporal(definition), epoch };
      return [name, { ...part, ...(figures > 0 && { figures }) }];
    }),
  );
}

const isScored = (definition: Definition): definition is Derived =>
  'from' in definition && definition.byStatistics === true;

/** Counts and sums over all time stay; whatever looks back from now, or at a list of instants, does not. */
const isTemporal = (definition: Definition): boolean =>
  'from' in definition ||
  definition.asked.window !== undefined ||
  definition.asked.halfLifeMs !== undefined ||
  definition.feed.kind === 'r';
