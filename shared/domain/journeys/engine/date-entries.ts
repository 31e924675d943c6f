import { digest } from '../../../kernel/ids.ts';
import { DAY_MS, HOUR_MS } from '../../../kernel/time.ts';
import { parseRef } from '../../audiences/ref.ts';
import type { LiveJourney } from '../../compiled-catalog.ts';
import type { Journey } from '../journey.ts';
import type { DateEntry } from './occurrence.ts';

/** An entry that comes round on a day that a trait names. */
export interface DatePlace {
  /** Names it in profiles: the same journey, trait, rhythm and offset; a version with another time of day is the same. */
  readonly id: string;
  readonly live: LiveJourney;
  readonly entry: DateEntry;
}

/** What the catalog says of days: by trait, so that a profile pays for those that it has. */
export interface DatePlaces {
  readonly byTrait: ReadonlyMap<string, readonly DatePlace[]>;
  readonly byId: ReadonlyMap<string, DatePlace>;
  /** Changes when anything that moves an occurrence does; '' when there is none. */
  readonly digest: string;
}

/** Later than this nobody is let in: a birthday mail on the day after is worse than none. */
export const MAX_LATE_MS = 12 * HOUR_MS;

/**
 * A day farther away than this arms no wake: the daily sweep tells who has one that comes within it. So executions stay
 * open for the next days only, not for everybody who has a birthday. A sweep that is 14 hours late makes nothing
 * late. When one fails, the next one finds what was due at most 10 hours late, in time for MAX_LATE_MS with two hours
 * for the scan to come round.
 */
export const ARM_WITHIN_MS = 2 * DAY_MS - MAX_LATE_MS + 2 * HOUR_MS;

export function indexDates(journeys: Iterable<LiveJourney>, zone: string): DatePlaces {
  const byTrait = new Map<string, DatePlace[]>();
  const byId = new Map<string, DatePlace>();
  const said: string[] = [];
  for (const live of journeys) {
    if (live.state === 'draft' || live.state === 'archived') continue;
    const { id: journey, document } = live.journey;
    for (const entry of document.entry) {
      const trait = entry.on === 'date' ? traitOf(entry) : undefined;
      if (entry.on !== 'date' || trait === undefined) continue;
      const id = digest('date', journey, entry.trait, entry.every, entry.offset ?? '').slice(0, 12);
      if (byId.has(id)) continue;
      const place: DatePlace = { id, live, entry };
      byId.set(id, place);
      byTrait.set(trait, [...(byTrait.get(trait) ?? []), place]);
      said.push(id, entry.at, document.zone ?? '', isArming(live) ? 'open' : 'shut');
    }
  }
  return { byTrait, byId, digest: said.length === 0 ? '' : digest('dates', zone, ...said).slice(0, 8) };
}

/** The first name of the ref, which is the trait's. Lint refuses refs to anything but a profile. */
export function traitOf({ trait }: DateEntry): string | undefined {
  const parts = parseRef(trait);
  return parts?.root === 'profile' ? parts.path[0] : undefined;
}

export const traitsOfDays = ({ entry }: Pick<Journey, 'entry'>): string[] => [
  ...new Set(entry.flatMap((one) => (one.on === 'date' ? (traitOf(one) ?? []) : []))),
];

/** A paused journey may be resumed before the day comes. */
export const isArming = ({ state }: Pick<LiveJourney, 'state'>): boolean => state === 'live' || state === 'paused';
