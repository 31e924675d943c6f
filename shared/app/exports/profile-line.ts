import { computedValue } from '../../domain/computed-traits/computed-traits.ts';
import { holds } from '../../domain/journeys/engine/facts.ts';
import { type Standpoint, zoneOf } from '../../domain/journeys/engine/scope.ts';
import { memberSince } from '../../domain/profiles/memberships.ts';
import type { Profile } from '../../domain/profiles/profile.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import { formatInstant } from '../../kernel/time.ts';
import { showStatement, type ToldStatement } from '../profiles/consent-history.ts';

export type Member = { readonly segment: string /** Of live segments and lists. */; readonly since: string | null };

/** Of the catalog's segments, those that the customer is a member of now, by their ids in order. */
export function segmentsOf(standpoint: Standpoint, only?: string): Member[] {
  const ids = only === undefined ? [...(standpoint.catalog.segments?.keys() ?? [])].sort() : [only];
  return ids
    .filter((segment) => holds(standpoint, { segment, is: 'member' }, { entry: {}, fields: {} }).value)
    .map((segment) => {
      const since = memberSince(standpoint.profile, segment);
      return { segment, since: since === undefined ? null : formatInstant(since) };
    });
}

/** Whatever a profile holds of its customer, with the time and the source of each, as one line of an export. */
export function profileLine(key: ProfileKey, standpoint: Standpoint, statements: readonly ToldStatement[] = []): Json {
  const said = Object.values(parts).flatMap((part) => ('shows' in part ? [part.shows(standpoint)] : []));
  const history = some('consentHistory', statements, () => statements.map(showStatement));
  return { key, userId: standpoint.profile.ids.user ?? null, ...Object.assign({}, ...said), ...history } as Json;
}

type Shown = { readonly [field: string]: unknown };

/**
 * What a line has of each part of a profile, or why it has nothing. A part that is added to profiles does not compile before it
 * stands here: an export that forgets one tells customers less than is known of them.
 */
const parts: {
  readonly [Part in keyof Required<Profile>]:
    | { readonly shows: (standpoint: Standpoint) => Shown }
    | { readonly leftOut: string };
} = {
  ids: { shows: ({ profile: { ids } }) => ({ ids }) },
  createdAt: { shows: ({ profile: { createdAt } }) => ({ createdAt: formatInstant(createdAt) }) },
  traits: { shows: ({ profile: { traits } }) => ({ traits: mapped(traits, instants) }) },
  aside: optional('aside', (aside) => ({ aside: mapped(aside, instants) })),
  consents: { shows: ({ profile: { consents } }) => ({ consents: Object.values(consents).map(instants) }) },
  runs: { shows: ({ profile: { runs } }) => ({ runs: mapped(runs, instants) }) },
  asIf: optional('asIf', ({ runs }) => (runs === undefined ? {} : { dryRuns: mapped(runs, instants) })),
  entered: { shows: ({ profile: { entered } }) => ({ entered: mapped(entered, instants) }) },
  held: {
    shows: ({ profile: { held } }) =>
      some('held', held, () =>
        Object.entries(held).map(([id, { run, at }]) => ({
          ...{ id, run, journey: at.journey, version: at.version, step: at.step },
          due: formatInstant(at.due),
        })),
      ),
  },
  holdouts: optional('holdouts', (holdouts) => ({ holdouts })),
  compared: optional('compared', (compared) => ({ compared: mapped(compared, instants) })),
  broadcasts: { leftOut: 'digests of their ids; a broadcast that let in shows as a run, an entry or a message' },
  dates: optional('dates', ({ next }) => ({
    dates: mapped(next, ({ on, due, done }: Shown) => ({
      ...(on !== undefined && { on }),
      ...(due !== undefined && { due: formatInstant(due as number) }),
      ...(done !== undefined && { done }),
    })),
  })),
  memberships: { shows: (standpoint) => ({ segments: segmentsOf(standpoint) }) },
  lists: { leftOut: 'among the segments' },
  seen: { leftOut: 'counts by digests of questions; what was counted lies in the journal' },
  computed: { shows: (standpoint) => ({ computed: computedIn(standpoint) }) },
  sends: {
    shows: ({ profile: { sends } }) => ({
      messages: sends.map(({ id, at, channel, topic }) => ({ id, at: formatInstant(at), channel, topic })),
    }),
  },
  deadAddresses: { shows: ({ profile: { deadAddresses } }) => some('deadAddresses', deadAddresses, (all) => all) },
  devices: optional('devices', (devices) => ({ devices: mapped(devices, instants) })),
  aliases: { shows: ({ profile: { aliases } }) => ({ aliases }) },
  merged: optional('merged', (merged) => ({ merged: merged.map(instants) })),
  asked: { leftOut: 'a merge under way, which says nothing of the customer' },
  declined: { leftOut: 'keys of others, who share a device' },
  holders: { leftOut: 'keys of others, who have this identity; each of them says so itself' },
  movedTo: { leftOut: 'who was merged stands in the line of the one they became' },
  frozen: { leftOut: 'as movedTo' },
  test: { leftOut: 'a test run is no customer' },
  movedInc: { leftOut: 'as movedTo' },
  aliasIncs: { leftOut: 'how often aliases were erased before they were merged' },
  inc: { leftOut: 'how often it was erased' },
  erased: { leftOut: 'when what was known before was erased' },
};

function optional<Part extends keyof Profile>(
  part: Part,
  shows: (of: NonNullable<Profile[Part]>) => Shown,
): { readonly shows: (standpoint: Standpoint) => Shown } {
  return {
    shows: ({ profile }) => {
      const of = profile[part];
      return of === undefined ? {} : shows(of as NonNullable<Profile[Part]>);
    },
  };
}

/** Nothing where there is nothing. */
const some = <T extends object>(field: string, all: T, shown: (all: T) => unknown): Shown =>
  Object.keys(all).length === 0 ? {} : { [field]: shown(all) };

/** As they are now; those that have no value are left out. */
function computedIn(standpoint: Standpoint): Shown {
  const { profile, catalog, now } = standpoint;
  const { computed } = catalog;
  if (computed === undefined) return {};
  const at = { now, zone: zoneOf(standpoint, undefined) };
  return Object.fromEntries(
    [...computed.byName.keys()].flatMap((name) => {
      const value = computedValue(computed, profile, name, at)?.value;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

const instants = (one: object): Shown =>
  Object.fromEntries(
    Object.entries(one).map(([name, value]) => [
      name,
      timeFields.has(name) && typeof value === 'number' ? formatInstant(value) : value,
    ]),
  );

const timeFields: ReadonlySet<string> = new Set([
  ...['at', 'since', 'enteredAt', 'due', 'last', 'exited', 'goalAt', 'messageAt', 'slot', 'from', 'until'],
]);

const mapped = (all: object, each: (one: Shown) => Shown): Shown =>
  Object.fromEntries(Object.entries(all).map(([name, one]) => [name, each(one as Shown)]));
