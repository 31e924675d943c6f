import type { CustomerEvent } from '../domain/customer-event.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { DAY_MS, formatInstant, HOUR_MS } from '../kernel/time.ts';
import type { Refusal } from '../wire/arrival.ts';
import type { Page, PageRequest } from './page.ts';

/**
 * What came in and was refused, and what kinds of events there are: for people who wonder where their event is.
 *
 * 1. Keeping it never fails a request and is bounded: per request, per container and minute, per environment.
 * 2. It holds names, sizes and reasons, and no value that a customer gave.
 */
export const rejectedRetentionDays = 7;
/** Beyond them, events of unknown names are processed like any others; only the list does not grow. */
export const maxEventTypes = 500;
export const maxShapesPerType = 200;
const maxKeptPerRequest = 24;
const maxKeptPerMinute = 600;
export const maxSightingsPerRequest = 10;

/** Whose write key a request carried: the id under which it is listed, never the key. */
export interface WriteKeyHolder {
  readonly id: string;
  /** Events a minute that its key says. */
  readonly perMinute?: number;
}

export interface RejectedEvent extends Refusal {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Id of the write key, not the key. */
  readonly writeKey: string;
}

/** A name and what its events carry, as of an hour. */
export interface Sighting {
  readonly name: string;
  readonly kind: CustomerEvent['kind'];
  /** `price:number`: names and types of properties or traits. */
  readonly shapes: readonly string[];
  /** Start of the hour, epoch milliseconds. */
  readonly hour: number;
}

export interface EventType {
  readonly name: string;
  readonly kind: CustomerEvent['kind'];
  readonly properties: { readonly [name: string]: readonly string[] };
  /** Epoch milliseconds, by the hour. */
  readonly firstSeen: number;
  readonly lastSeen: number;
}

export interface IntakeStore {
  keepRejected(events: readonly RejectedEvent[]): Promise<void>;
  /** Newest first, of one calendar day (UTC, `2026-11-22`). */
  listRejected(day: string, page: PageRequest): Promise<Page<RejectedEvent>>;
  /** Newest first. */
  findRejected(eventId: string): Promise<readonly RejectedEvent[]>;
  /** 'full': this name is new and the environment has as many as it may. */
  see(sighting: Sighting): Promise<'seen' | 'full'>;
  listEventTypes(): Promise<readonly EventType[]>;
}

export interface Intake {
  keepRefused(refused: readonly Refusal[], holder: WriteKeyHolder, at: number): Promise<void>;
  /** A known shape in a known hour costs no write. Of one call, the first ten names that are new are noted. */
  observe(events: readonly CustomerEvent[], at: number): Promise<void>;
}

interface Options {
  readonly store: Pick<IntakeStore, 'keepRejected' | 'see'>;
  /** Told of what could not be kept. */
  readonly onLost: (error: unknown) => void;
}

/** Of one container. */
export function intake({ store, onLost }: Options): Intake {
  let minute = 0;
  let keptInMinute = 0;
  const known = new Map<string, { readonly hour: number; readonly shapes: Set<string> }>();
  const beyondCap = new Set<string>();

  return {
    async keepRefused(refused, holder, at) {
      const now = Math.floor(at / 60_000);
      if (now !== minute) {
        minute = now;
        keptInMinute = 0;
      }
      const room = Math.min(maxKeptPerRequest, maxKeptPerMinute - keptInMinute);
      const kept = refused.slice(0, room).map((refusal) => ({ ...refusal, at, writeKey: holder.id }));
      keptInMinute += kept.length;
      if (kept.length > 0) await store.keepRejected(kept).catch(onLost);
    },

    async observe(events, at) {
      const hour = Math.floor(at / HOUR_MS) * HOUR_MS;
      const sightings = new Map<string, { readonly kind: CustomerEvent['kind']; readonly shapes: Set<string> }>();
      for (const event of events) {
        if (beyondCap.has(event.name)) continue;
        const before = known.get(event.name);
        const fresh = shapesOf(event).filter((shape) => !before?.shapes.has(shape));
        const isFull = (before?.shapes.size ?? 0) >= maxShapesPerType;
        if (before !== undefined && hour <= before.hour && (fresh.length === 0 || isFull)) continue;
        const sighting = sightings.get(event.name) ?? { kind: event.kind, shapes: new Set() };
        for (const shape of isFull ? [] : fresh) sighting.shapes.add(shape);
        sightings.set(event.name, sighting);
      }
      const writes = [...sightings].slice(0, maxSightingsPerRequest).map(async ([name, { kind, shapes }]) => {
        try {
          const answer = await store.see({ name, kind, hour, shapes: [...shapes].slice(0, maxShapesPerType) });
          if (answer === 'full') remember(beyondCap, name);
          else known.set(name, { hour, shapes: new Set([...(known.get(name)?.shapes ?? []), ...shapes]) });
        } catch (error) {
          onLost(error);
        }
      });
      await Promise.all(writes);
    },
  };
}

/** Names that somebody makes up per event must not fill the memory either. */
function remember(names: Set<string>, name: string): void {
  if (names.size < 5_000) names.add(name);
}

/** A key with an @ is an address that somebody uses as a name: not kept. */
const isPlainName = (name: string) => name !== '' && name.length <= 64 && !name.includes('@');

function shapesOf(event: CustomerEvent): string[] {
  return Object.entries(event.data)
    .filter(([name]) => isPlainName(name))
    .map(([name, value]) => `${name}:${Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value}`);
}

// ---- what the API asks ------------------------------------------------------------------------------------------

interface RejectedQuery extends PageRequest {
  /** Calendar day in UTC; absent: all that are kept, newest first. */
  readonly day?: string;
}

/** The cursor is the day and the cursor within it. */
export async function rejectedEvents(
  store: Pick<IntakeStore, 'listRejected'>,
  query: RejectedQuery,
  now: number,
): Promise<Page<RejectedEvent>> {
  const from = query.cursor === undefined ? undefined : readCursor(query.cursor);
  const days = query.day === undefined ? keptDays(now) : [query.day];
  const data: RejectedEvent[] = [];
  for (const day of days) {
    if (from !== undefined && day > from.day) continue;
    const inner = day === from?.day ? from.cursor : undefined;
    const limit = query.limit - data.length;
    const page = await store.listRejected(day, { limit, ...(inner !== undefined && { cursor: inner }) });
    data.push(...page.data);
    if (page.nextCursor !== undefined) return { data, nextCursor: `${day}.${page.nextCursor}` };
    const previous = days[days.indexOf(day) + 1];
    if (data.length >= query.limit && previous !== undefined) return { data, nextCursor: `${previous}.` };
  }
  return { data };
}

function readCursor(text: string): { readonly day: string; readonly cursor?: string } {
  const [, day, cursor] = /^(\d{4}-\d{2}-\d{2})\.([A-Za-z0-9_-]*)$/.exec(text) ?? [];
  if (day !== undefined) return cursor ? { day, cursor } : { day };
  throw new InvalidInput('list.cursor', 'cursor is none that this list gave', [
    { pointer: '/cursor', code: 'cursor', detail: 'not a cursor of this list', fix: 'start without cursor' },
  ]);
}

const keptDays = (now: number): string[] =>
  Array.from({ length: rejectedRetentionDays + 1 }, (_, ago) => dayOf(now - ago * DAY_MS));

export const dayOf = (at: number): string => formatInstant(at).slice(0, 10);

interface EventTypes {
  readonly data: readonly EventType[];
  /** Names beyond the limit are not listed; their events are processed all the same. */
  readonly complete: boolean;
  readonly limit: number;
}

export async function eventTypes(store: Pick<IntakeStore, 'listEventTypes'>): Promise<EventTypes> {
  const data = await store.listEventTypes();
  return { data, complete: data.length < maxEventTypes, limit: maxEventTypes };
}
