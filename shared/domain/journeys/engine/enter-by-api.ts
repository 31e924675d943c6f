import type { Json } from '../../../kernel/canonical-json.ts';
import { digest } from '../../../kernel/ids.ts';
import { formatInstant, parseClientInstant } from '../../../kernel/time.ts';
import type { ToldRecord } from '../../mail-record.ts';
import { rememberBroadcast, tookPart } from '../../profiles/broadcasts.ts';
import { memberSince } from '../../profiles/memberships.ts';
import type { Profile } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import type { Entry, Journey, PropertyType } from '../journey.ts';
import { enter, type Refusal, refuse } from './enter.ts';
import { membersAt } from './schedule-entries.ts';

type Enroll = Extract<ToldRecord, { readonly t: 'enroll' }>;
type ApiEntry = Extract<Entry, { readonly on: 'api' }>;

/**
 * An enrollment through the API: the journey must have an `api` entry, and the properties its types. Who is enrolled by
 * another journey needs no entry; where there is one, what it declares holds for them too. An occurrence has no
 * properties, and lets in by the live version's `schedule` entries; who was a member of a segment already is let in by its
 * entry on that segment.
 */
export function enterByApi(turn: Turn, record: Enroll): void {
  turn.broadcast = record.broadcast?.id;
  decideEntry(turn, record);
  turn.broadcast = undefined;
}

function decideEntry(turn: Turn, record: Enroll): void {
  const live = turn.catalog.journeys.get(record.journey);
  if (live === undefined || live.state === 'draft' || live.state === 'archived') {
    turn.because({ code: 'journey.unknown', journey: record.journey, fix: 'publish the journey' });
    return;
  }
  const { journey } = live;
  const { broadcast } = record;
  const occurrence = broadcast?.occurrence;
  const where = occurrence === undefined ? broadcast?.where : membersAt(journey.document, occurrence);
  if (occurrence !== undefined && where === undefined) {
    refuse(turn, live, { code: 'entry.no-schedule', saw: { occurrence }, fix: 'it was taken out of the journey' });
    return;
  }
  const existing = broadcast?.existing;
  const refused = existing === undefined ? undefined : notExisting(turn.as(live.dryRun), journey.document, existing);
  if (refused !== undefined) {
    refuse(turn, live, refused);
    return;
  }
  const isApi = occurrence === undefined && existing === undefined;
  const entry = isApi ? journey.document.entry.find((one): one is ApiEntry => one.on === 'api') : undefined;
  const properties = existing === undefined ? (record.properties ?? {}) : membershipIn(turn, existing);
  if (isApi && entry === undefined && record.origin === undefined) {
    refuse(turn, live, { code: 'entry.no-api', fix: 'add an entry {on: api} to the journey' });
    return;
  }
  for (const [name, { type, required }] of Object.entries(entry?.properties ?? {})) {
    const value = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (value === undefined || value === null) {
      if (required !== true) continue;
      refuse(turn, live, {
        code: 'entry.property-missing',
        saw: { property: name },
        fix: `give the property ${name}`,
      });
      return;
    }
    if (isOfType(value, type)) continue;
    refuse(turn, live, { code: 'entry.property-type', saw: { property: name, limit: type, actual: typeof value } });
    return;
  }
  if (broadcast !== undefined && tookPart(turn.profile, broadcast.id)) {
    refuse(turn, live, { code: 'broadcast.already', saw: { broadcast: broadcast.id } });
    return;
  }
  const entrant = {
    properties,
    recordId: digest('enroll', record.id),
    ...(record.runKey !== undefined && { runKey: record.runKey }),
  };
  const hasEntered = enter(turn, live, entrant, where);
  // A dry run of a broadcast takes no part in it.
  if (broadcast !== undefined && hasEntered && live.dryRun !== true) rememberBroadcast(turn, broadcast.id);
}

/** Who has come into the journey since they belong to the segment has come in by that. */
function notExisting({ profile }: Turn, { id, entry }: Journey, segment: string): Refusal | undefined {
  if (!entry.some((one) => one.on === 'segment' && one.segment === segment && one.existing === 'enroll')) {
    return { code: 'entry.no-segment', saw: { segment }, fix: 'it was taken out of the journey' };
  }
  const since = memberSince(profile, segment);
  const last = lastEntry(profile, id);
  if (since === undefined || last === undefined || last < since) return undefined;
  return { code: 'entry.already', saw: { segment, since: formatInstant(since), last: formatInstant(last) } };
}

function lastEntry({ entered }: Profile, journey: string): number | undefined {
  const times = Object.entries(entered).flatMap(([key, { last }]) => (key.split('|')[0] === journey ? last : []));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** What an entry on a change of segment says of itself. */
function membershipIn({ profile, now }: Turn, segment: string): { readonly [property: string]: Json } {
  return { segment, change: 'entered', since: formatInstant(memberSince(profile, segment) ?? now) };
}

function isOfType(value: Json, type: PropertyType): boolean {
  switch (type) {
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
    case 'instant':
      return typeof value === 'string' && parseClientInstant(value) !== undefined;
    case 'list':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
  }
}
