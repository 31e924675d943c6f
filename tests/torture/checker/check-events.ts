import type { CompiledCatalog } from '../../../shared/domain/compiled-catalog.ts';
import { computedValue } from '../../../shared/domain/computed-traits/computed-traits.ts';
import { digest, type ProfileKey, profileKey } from '../../../shared/kernel/ids.ts';
import type { Accepted } from '../client.ts';
import { ledgerId } from '../documents.ts';
import { type WireEvent, weightOf } from '../population.ts';
import type { Finding, Replay } from './replay.ts';

/** As every retry of a client repeats it (G2). */
export const journalKeyOf = ({ timestamp, messageId }: WireEvent): string => `${timestamp}|${digest(messageId)}`;

/** What the clients were promised against what was committed: each accepted event changed one profile, once (G1, G2). */
export function checkEvents(accepted: Iterable<Accepted>, { moved }: Pick<Replay, 'moved'>): Finding[] {
  const findings: Finding[] = [];
  for (const { event, times } of accepted) {
    const places = moved.get(journalKeyOf(event)) ?? [];
    if (places.length === 1) continue;
    const rule = places.length === 0 ? 'G1 lost' : 'G2 doubled';
    const detail = `${event.type} ${event.event ?? ''} accepted ${times} times, applied ${places.length} times`;
    findings.push({ rule, who: event.messageId, detail });
  }
  return findings;
}

/**
 * The same from the other side, without any journal: the ledger in the profiles that are left. A person is everybody whom
 * clients have linked; of all that are left of them, counts and sums of weights are those of their accepted events. Who was
 * erased has none.
 */
export function checkLedger(
  accepted: readonly Accepted[],
  names: readonly string[],
  replay: Pick<Replay, 'states' | 'profileOf'>,
  { computed }: Pick<CompiledCatalog, 'computed'>,
  now: number,
  erased: ReadonlySet<ProfileKey> = new Set(),
): Finding[] {
  const persons = personsIn(accepted.map(({ event }) => event));
  const findings: Finding[] = [];
  for (const [person, { keys, events }] of persons) {
    if (erased.has(person)) continue;
    const profiles = [...keys].map((key) => replay.profileOf(key)).filter(({ movedTo }) => movedTo === undefined);
    for (const name of names) {
      const own = events.filter((event) => nameOf(event) === name);
      const wanted = { count: own.length, sum: own.reduce((sum, { messageId }) => sum + weightOf(messageId), 0) };
      for (const function_ of ['count', 'sum'] as const) {
        const values = profiles.map((profile) => {
          const found = computedValue(computed, profile, ledgerId(name, function_), { now, zone: 'UTC' } as never);
          return Number(found?.value ?? 0);
        });
        const actual = values.reduce((sum, value) => sum + value, 0);
        if (actual === wanted[function_]) continue;
        findings.push({
          rule: 'ledger',
          who: person,
          detail: `${function_} of ${name} is ${actual}, not ${wanted[function_]}`,
        });
      }
    }
  }
  return findings;
}

const nameOf = ({ type, event }: WireEvent): string | undefined => (type === 'page' ? 'Page Viewed' : event);

export interface Person {
  readonly keys: ReadonlySet<ProfileKey>;
  readonly events: readonly WireEvent[];
}

/** Who clients have linked, by the key of one of them. */
export function personsIn(events: readonly WireEvent[]): Map<ProfileKey, Person> {
  const parents = new Map<ProfileKey, ProfileKey>();
  const rootOf = (key: ProfileKey): ProfileKey => {
    const parent = parents.get(key) ?? key;
    return parent === key ? key : rootOf(parent);
  };
  for (const event of events) {
    const [first, ...others] = keysOf(event);
    parents.set(first!, rootOf(first!));
    for (const other of others) parents.set(rootOf(other), rootOf(first!));
  }
  const byPerson = Map.groupBy(events, (event) => rootOf(keysOf(event)[0]!));
  return new Map(
    [...byPerson].map(([person, own]) => [person, { keys: new Set(own.flatMap(keysOf)), events: own }] as const),
  );
}

function keysOf({ userId, anonymousId, previousId }: WireEvent): ProfileKey[] {
  return [
    ...(userId === undefined ? [] : [profileKey('user', userId)]),
    ...(anonymousId === undefined ? [] : [profileKey('anonymous', anonymousId)]),
    ...(previousId === undefined ? [] : [profileKey('user', previousId)]),
  ];
}
