import { dig } from '../../kernel/dig.ts';
import { type Found, missing } from '../audiences/found.ts';
import type { MessageFact } from '../audiences/message-clauses.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Statistics } from '../statistics/statistics.ts';
import type { ComputedTrait } from './computed-trait.ts';
import type { Counted, Definition } from './definition.ts';
import { type Feed, sharedFeeds } from './feed.ts';
import { definitionsOf } from './presets.ts';
import { type Instant, valueAt } from './value-at.ts';

/** The computed traits of a catalog: by name, and what feeds them, so that an event that feeds none costs nothing. */
export interface ComputedTraits {
  readonly byName: ReadonlyMap<string, Definition>;
  /** All that is remembered, by id. */
  readonly feeds: ReadonlyMap<string, Feed>;
  readonly byEvent: ReadonlyMap<string, readonly Feed[]>;
  readonly byOutcome: ReadonlyMap<MessageFact['was'], readonly Feed[]>;
  readonly statistics?: Statistics;
}

export function compileComputedTraits(documents: readonly ComputedTrait[], statistics?: Statistics): ComputedTraits {
  const definitions = documents.flatMap(definitionsOf);
  const feeds = sharedFeeds(definitions.filter((one): one is Counted => 'feed' in one).map(({ feed }) => feed));
  const byOutcome = new Map<MessageFact['was'], Feed[]>();
  for (const feed of feeds) {
    if ('event' in feed.source) continue;
    for (const was of [feed.source.was].flat()) byOutcome.set(was, [...(byOutcome.get(was) ?? []), feed]);
  }
  return {
    byName: new Map(definitions.map((definition) => [definition.id, definition])),
    feeds: new Map(feeds.map((feed) => [feed.id, feed])),
    byEvent: Map.groupBy(
      feeds.filter(({ source }) => 'event' in source),
      ({ source }) => ('event' in source ? source.event : ''),
    ),
    byOutcome,
    ...(statistics !== undefined && { statistics }),
  };
}

/** What has to be filled for the traits of a document, as it is kept: together with whoever shares it. */
export function feedsOf({ byName, feeds }: ComputedTraits, document: string): Feed[] {
  const ids = [...byName.values()].flatMap((one) => (one.document === document && 'feed' in one ? [one.feed.id] : []));
  return [...new Set(ids)].map((id) => feeds.get(id)!);
}

/** The value of `profile.<name>` if it is a computed trait; undefined: there is none of this name. */
export function computedValue(
  { byName, statistics }: ComputedTraits,
  { computed, createdAt }: Pick<Profile, 'computed' | 'createdAt'>,
  name: string,
  at: Instant,
): Found | undefined {
  const valueOfName = (id: string): Found | undefined => {
    const definition = byName.get(id);
    if (definition === undefined) return undefined;
    if ('from' in definition) {
      const from = definition.from.map((one) => valueOfName(one) ?? missing);
      return definition.value(from, { ...at, ...(statistics !== undefined && { statistics }) });
    }
    const { feed, asked } = definition;
    const accumulator = computed !== undefined && Object.hasOwn(computed, feed.id) ? computed[feed.id] : undefined;
    const found = valueAt(asked, accumulator, at);
    return accumulator === undefined ? { ...found, completeSince: createdAt || at.now } : found;
  };
  return valueOfName(name);
}

/** What lies on a path below it stays as long as the whole. */
export function below(found: Found, path: readonly string[]): Found {
  return path.length === 0 ? found : { ...found, value: dig(found.value, path) };
}
