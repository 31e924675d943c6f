import { computedValue } from '../../domain/computed-traits/computed-traits.ts';
import { holds } from '../../domain/journeys/engine/facts.ts';
import { type Standpoint, zoneOf } from '../../domain/journeys/engine/scope.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import { formatInstant } from '../../kernel/time.ts';

export type Member = { readonly segment: string /** Of live segments and lists. */; readonly since: string | null };

/** Of the catalog's segments, those that the customer is a member of now, by their ids in order. */
export function segmentsOf(standpoint: Standpoint, only?: string): Member[] {
  const { lists, memberships } = standpoint.profile;
  const ids = only === undefined ? [...(standpoint.catalog.segments?.keys() ?? [])].sort() : [only];
  return ids
    .filter((segment) => holds(standpoint, { segment, is: 'member' }, { entry: {}, fields: {} }).value)
    .map((segment) => {
      const since = lists?.[segment] ?? memberships?.in[segment]?.since;
      return { segment, since: since === undefined ? null : formatInstant(since) };
    });
}

/** Computed traits that have a value now. */
function computedOf(standpoint: Standpoint): { [name: string]: Json } {
  const { computed } = standpoint.catalog;
  if (computed === undefined) return {};
  const at = { now: standpoint.now, zone: zoneOf(standpoint, undefined) };
  return Object.fromEntries(
    [...computed.byName.keys()].flatMap((name) => {
      const value = computedValue(computed, standpoint.profile, name, at)?.value;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Whatever a profile holds of its customer, with the time and the source of each, as one line of an export. */
export function profileLine(key: ProfileKey, standpoint: Standpoint): Json {
  const { ids, traits, consents, runs, asIf, entered, sends, aliases, createdAt } = standpoint.profile;
  const instants = (one: object) =>
    Object.fromEntries(
      Object.entries(one).map(([name, value]) => [name, timeFields.has(name) ? formatInstant(value as number) : value]),
    );
  return {
    key,
    userId: ids.user ?? null,
    ids: ids as Json,
    createdAt: formatInstant(createdAt),
    traits: mapped(traits, instants),
    computed: computedOf(standpoint),
    consents: Object.values(consents).map(instants),
    runs: mapped(runs, instants),
    ...(asIf?.runs !== undefined && { dryRuns: mapped(asIf.runs, instants) }),
    entered: mapped(entered, instants),
    messages: sends.map(({ id, at, channel, topic }) => ({ id, at: formatInstant(at), channel, topic })),
    segments: segmentsOf(standpoint),
    aliases,
  } as Json;
}

const timeFields: ReadonlySet<string> = new Set([
  ...['at', 'since', 'enteredAt', 'due', 'last', 'exited', 'goalAt', 'messageAt', 'slot'],
]);

const mapped = (all: object, each: (one: object) => object) =>
  Object.fromEntries(Object.entries(all).map(([name, one]) => [name, each(one as object)]));
