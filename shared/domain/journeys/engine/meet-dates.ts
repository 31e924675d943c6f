import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { digest } from '../../../kernel/ids.ts';
import { MAX_DATES } from '../../profiles/limits.ts';
import type { Profile, SavedDate } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import { ARM_WITHIN_MS, type DatePlace, isArming, MAX_LATE_MS } from './date-entries.ts';
import { enter, refuse } from './enter.ts';
import { resolveRef } from './facts.ts';
import { dueOn, hasBeen, isOccurrence, nextOccurrence, readDay } from './occurrence.ts';
import { zoneOf } from './scope.ts';

/** Of the journeys that found no place. */
const MAX_SHOWN = 5;

/**
 * Entries on the days that traits name.
 *
 * 1. Looked at when a record changed one of these traits or the customer's zone, when the catalog says something else
 *    of days than it did, and when a day has come. Whoever has none of the traits keeps nothing.
 * 2. Each occurrence lets in once, or says once why not: it is remembered which one was the last. The one that is armed
 *    stays while its day is still named, also where another zone puts it into the past; else the next one to come is.
 * 3. Armed is what comes soon. Of what is farther away (ARM_WITHIN_MS) the daily sweep tells in time, with a wake that
 *    is early and is armed for its time.
 * 4. While the journey is paused it stays due, and the sweep that follows the resumption finds it.
 * 5. Days that dry runs wait for stand beside the others: one that has been is past for the real journey as well. For
 *    want of room they go first.
 */
export function meetDates(turn: Turn): void {
  const saw = turn.profile.dates?.saw ?? '';
  const { digest: said, byId } = turn.catalog.dates;
  if (saw === '' && said === '') return;
  if (saw === said && !isTouched(turn) && !isSomeDue(turn)) return;

  const places = placesOf(turn);
  const next: { [place: string]: SavedDate } = {};
  for (const place of places) {
    const saved = meet(turn, place, savedAt(turn.profile, place.id));
    if (saved !== undefined) next[place.id] = saved;
  }
  // What has been is remembered although the trait is gone: it may come back.
  for (const [id, { done }] of Object.entries(turn.profile.dates?.next ?? {})) {
    if (done === undefined || !byId.has(id) || places.some((place) => place.id === id)) continue;
    if (Object.keys(next).length < MAX_DATES) next[id] = { done };
  }
  keep(turn, places.length === 0 && Object.keys(next).length === 0 ? undefined : { saw: said, next });
}

/** Those of the traits that the profile has; when there are too many, first real ones, then those that it was armed for. */
function placesOf(turn: Turn): DatePlace[] {
  const { profile, catalog } = turn;
  const { byTrait } = catalog.dates;
  if (byTrait.size === 0) return [];
  const isDry = ({ live }: DatePlace) => (live.dryRun === true ? 1 : 0);
  const isNew = ({ id }: DatePlace) => (savedAt(profile, id) === undefined ? 1 : 0);
  const places = Object.entries(profile.traits)
    .flatMap(([name, { value }]) => (value === null ? [] : (byTrait.get(name) ?? [])))
    .sort((a, b) => isDry(a) - isDry(b) || isNew(a) - isNew(b) || (a.id < b.id ? -1 : 1));
  if (places.length <= MAX_DATES) return places;
  const left = [...new Set(places.slice(MAX_DATES).map(({ live }) => live.journey.id))].sort().slice(0, MAX_SHOWN);
  turn.because({ code: 'date.too-many', saw: { limit: MAX_DATES, actual: places.length, left } });
  return places.slice(0, MAX_DATES);
}

function isTouched({ before, profile, catalog }: Turn): boolean {
  if (before.traits === profile.traits) return false;
  const names = new Set([...Object.keys(before.traits), ...Object.keys(profile.traits)]);
  return [...names].some(
    (name) =>
      (name === 'timezone' || catalog.dates.byTrait.has(name)) &&
      before.traits[name]?.value !== profile.traits[name]?.value,
  );
}

const isSomeDue = ({ profile, now }: Turn): boolean =>
  Object.values(profile.dates?.next ?? {}).some(({ due }) => due !== undefined && due <= now);

const savedAt = ({ dates }: Profile, place: string): SavedDate | undefined =>
  dates !== undefined && Object.hasOwn(dates.next, place) ? dates.next[place] : undefined;

/** Lets in who is due, and arms what comes next. Undefined: there is nothing to remember. */
function meet(turn: Turn, place: DatePlace, before: SavedDate | undefined): SavedDate | undefined {
  const { live, entry } = place;
  let done = before?.done;
  const value = resolveRef(turn, entry.trait, { entry: {}, fields: {} });
  const day = readDay(value);
  if (day === undefined || (entry.every === 'once' && day.year === undefined)) {
    if (value === undefined) return done === undefined ? undefined : { done };
    if (before?.unreadable !== true) {
      const fix = entry.every === 'once' ? 'write 2026-10-30' : 'write 1992-02-29 or --02-29';
      refuse(turn, live, { code: 'date.unreadable', saw: { trait: entry.trait, actual: typeof value }, fix });
    }
    return { ...(done !== undefined && { done }), unreadable: true };
  }
  const zone = zoneOf(turn, live.journey.document);
  const armed = before?.joined ?? (before?.on === undefined ? [] : [before.on]);
  let on = armed.find((one) => isOccurrence(day, entry.every, one) && !hasBeen(entry.every, one, done));
  if (on !== undefined && dueOn(on, entry, zone) <= turn.now && live.state !== 'paused') {
    takeIn(turn, place, on, dueOn(on, entry, zone));
    done = on;
    on = undefined;
  }
  if (on === undefined && isArming(live)) on = nextOccurrence(day, entry, zone, turn.now, done);
  if (on === undefined) return done === undefined ? undefined : { done };
  const due = dueOn(on, entry, zone);
  if (due > turn.now && due - turn.now <= ARM_WITHIN_MS && due !== before?.due) turn.wake(due);
  return { on, due, ...(done !== undefined && { done }) };
}

function takeIn(turn: Turn, { id, live, entry }: DatePlace, on: string, due: number): void {
  if (due <= (live.overdueUntil ?? Number.NEGATIVE_INFINITY)) {
    refuse(turn, live, { code: 'entry.overdue', saw: { trait: entry.trait, on, due } });
    return;
  }
  const lateMs = turn.now - due;
  if (lateMs > MAX_LATE_MS) {
    refuse(turn, live, {
      code: 'entry.too-old',
      saw: { trait: entry.trait, on, due, lateMs, maxLateMs: MAX_LATE_MS },
    });
    return;
  }
  enter(turn, live, { properties: {}, recordId: digest('date', id, on) });
}

/** The same again changes nothing. */
function keep(turn: Turn, dates: Profile['dates']): void {
  const before = turn.profile.dates;
  if (dates !== undefined) {
    if (before === undefined || canonicalJson(before) !== canonicalJson(dates)) turn.change({ dates });
    return;
  }
  if (before === undefined) return;
  const { dates: _, ...rest } = turn.profile;
  turn.profile = rest;
}
