import type { Json } from '../../../kernel/canonical-json.ts';
import { digest } from '../../../kernel/ids.ts';
import { addDuration } from '../../../kernel/zone.ts';
import type { Predicate } from '../../audiences/predicate.ts';
import type { LiveJourney } from '../../compiled-catalog.ts';
import type { CustomerEvent } from '../../customer-event.ts';
import { BROADCAST_VERSION } from '../../profiles/broadcasts.ts';
import {
  jsonBytes,
  MAX_AS_IF_BYTES,
  MAX_ENTERED_KEYS,
  MAX_PROFILE_BYTES,
  profileBytesBeyond,
} from '../../profiles/limits.ts';
import type { Profile, Run } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import { endRun, enteredKey, start } from './advance.ts';
import type { CompiledJourney } from './compiled-journey.ts';
import { holds, resolveRef } from './facts.ts';
import { assignedTo, assignGlobally, compare, hasBeenIn, isAllMarketing, rememberAssignment } from './holdout.ts';
import { notOpenAt } from './schedule.ts';
import { type Scope, zoneOf } from './scope.ts';
import { roomToEnter } from './shared-limits.ts';

/** Somebody who would enter. */
export interface Entrant {
  readonly properties: { readonly [property: string]: Json };
  /** Names the record that enrolls: the run's id is made of it. */
  readonly recordId: string;
  readonly event?: CustomerEvent;
  /** Given by the API instead of the journey's own re-entry key. */
  readonly runKey?: string;
}

const MAX_ENTRY_BYTES = 4_096;
const MAX_RUN_KEY = 200;
const GLOBAL_FIX =
  'kept out of all marketing for comparison, and stays so; a policy without a holdout lets everybody in';
const HOLDOUT_FIX = 'kept out for comparison, and stays so; a version without a holdout lets everybody in';

export interface Refusal {
  readonly code: string;
  readonly saw?: Json;
  readonly fix?: string;
}

/**
 * Lets a customer into the live version of a journey, or records why not. In this order: the journey's state, its
 * schedule, the entry's own filter, the journey's, the holdout, re-entry, size, the limits that all share.
 */
export function enter(outer: Turn, live: LiveJourney, entrant: Entrant, entryWhere?: Predicate): boolean {
  const turn = outer.as(live.dryRun);
  const { journey } = live;
  const { document, id, version } = journey;
  const { event } = entrant;
  const scope: Scope = { journey: document, entry: entrant.properties, fields: {}, ...(event && { event }) };

  if (live.state !== 'live') {
    const fix = live.state === 'paused' ? 'resume the journey' : 'publish the journey';
    return refuse(turn, live, { code: `journey.${live.state}`, fix });
  }
  const closed = notOpenAt(document, turn.now);
  if (closed !== undefined) return refuse(turn, live, closed);
  const unmetBy = (code: string, where: Predicate | undefined): Refusal | undefined => {
    if (where === undefined) return undefined;
    const { value, because } = holds(turn, where, scope);
    return value ? undefined : { code, saw: because };
  };
  const unmet = unmetBy('entry.no-match', entryWhere) ?? unmetBy('entry.filtered', document.where);
  if (unmet !== undefined) return refuse(turn, live, unmet);
  const { policy, topics } = turn.catalog;
  const global = policy.holdout !== undefined && isAllMarketing(document, topics) ? assignGlobally(turn) : undefined;
  if (global === 'out') {
    if (!hasBeenIn(turn.profile, id)) compare(turn, journey, global);
    return refuse(turn, live, { code: 'entry.holdout', saw: { ...policy.holdout }, fix: GLOBAL_FIX });
  }
  const assigned = assignedTo(turn, journey, turn.key);
  if (assigned === 'out') {
    rememberAssignment(turn, journey, assigned);
    compare(turn, journey, assigned);
    return refuse(turn, live, { code: 'entry.holdout', saw: { ...document.holdout }, fix: HOLDOUT_FIX });
  }
  const runKey = runKeyOf(turn, journey, entrant, scope);
  if (typeof runKey === 'object') return refuse(turn, live, runKey);

  const inside = turn.runs.find(([, run]) => run.journey === id && run.runKey === runKey);
  const again = reentryRefused(turn, journey, inside?.[1], runKey);
  if (again !== undefined) return refuse(turn, live, again);

  const entry = keptProperties(journey, entrant.properties);
  const bytes = jsonBytes(entry);
  if (bytes > MAX_ENTRY_BYTES) {
    return refuse(turn, live, {
      code: 'entry.too-large',
      saw: { limitBytes: MAX_ENTRY_BYTES, actualBytes: bytes },
      fix: 'refer to smaller properties of the entry',
    });
  }
  const before = profileBytesBeyond(MAX_PROFILE_BYTES - bytes, turn.profile);
  if (before !== undefined) {
    return refuse(turn, live, {
      code: 'profile.too-large',
      saw: { limitBytes: MAX_PROFILE_BYTES, actualBytes: before + bytes },
      fix: 'unset traits that nothing uses',
    });
  }
  const asIfBytes = turn.isDry ? turn.ownBytes + bytes : 0;
  if (asIfBytes > MAX_AS_IF_BYTES) {
    return refuse(turn, live, {
      code: 'dry-run.too-large',
      saw: { limitBytes: MAX_AS_IF_BYTES, actualBytes: asIfBytes },
      fix: 'end other dry runs',
    });
  }
  const room = roomToEnter(turn, journey);
  if ('code' in room) return refuse(turn, live, room);
  for (const permit of room.permits) turn.spend(permit);
  if (inside !== undefined) {
    const [runId, run] = inside;
    endRun({ turn, journey: turn.catalog.version(run.journey, run.version), runId, run }, 'restarted');
  }
  const run: Run = {
    journey: id,
    version,
    step: document.start,
    since: turn.now,
    enteredAt: turn.now,
    stand: 'wait',
    ...(runKey !== undefined && { runKey }),
    ...(Object.keys(entry).length > 0 && { entry }),
  };
  const runId = digest(id, runKey ?? '', entrant.recordId).slice(0, 16);
  const side = assigned ?? global;
  if (side !== undefined) compare(turn, journey, side);
  if (assigned !== undefined) rememberAssignment(turn, journey, assigned);
  turn.change({ entered: countEntry(turn, run) });
  const saw =
    room.permits.length === 0
      ? {}
      : { saw: Object.fromEntries(room.permits.map(({ counter, at }) => [counter.name, at])) };
  turn.because({ code: 'entry.entered', journey: id, version, run: runId, ...saw });
  turn.count(id, version, 'entered');
  if (turn.broadcast !== undefined) turn.count(turn.broadcast, BROADCAST_VERSION, 'entered');
  start({ turn, journey, runId, run, ...(event && { event }) });
  return true;
}

export function refuse(outer: Turn, { dryRun, journey }: LiveJourney, { code, saw, fix }: Refusal): false {
  const turn = outer.as(dryRun);
  const { id, version } = journey;
  turn.because({ code, journey: id, version, ...(saw !== undefined && { saw }), ...(fix !== undefined && { fix }) });
  turn.count(id, version, `not-entered/${code}`);
  if (turn.broadcast !== undefined) turn.count(turn.broadcast, BROADCAST_VERSION, `not-entered/${code}`);
  return false;
}

/** One run per value of the key; absent: one run per profile. */
function runKeyOf(
  turn: Turn,
  { document }: CompiledJourney,
  entrant: Entrant,
  scope: Scope,
): string | undefined | Refusal {
  const { key } = document.reentry;
  if (key === undefined) return undefined;
  const value = entrant.runKey ?? resolveRef(turn, key, scope);
  if (typeof value !== 'string' && typeof value !== 'number') {
    return { code: 'entry.no-key', saw: { key }, fix: `needs ${key}, a text or a number` };
  }
  const text = String(value);
  if (text.length > 0 && text.length <= MAX_RUN_KEY) return text;
  return { code: 'entry.key-too-long', saw: { key, limit: MAX_RUN_KEY, actual: text.length } };
}

function reentryRefused(
  turn: Turn,
  { document }: CompiledJourney,
  inside: Run | undefined,
  runKey: string | undefined,
): Refusal | undefined {
  const { again, whileInside, max } = document.reentry;
  const key = enteredKey({ journey: document.id, ...(runKey !== undefined && { runKey }) });
  const before = Object.hasOwn(turn.profile.entered, key) ? turn.profile.entered[key] : undefined;
  if (max !== undefined && before !== undefined && before.times >= max) {
    return { code: 'reentry.max', saw: { max, times: before.times } };
  }
  if (inside !== undefined) {
    return whileInside === 'ignore' ? { code: 'reentry.inside', saw: { step: inside.step } } : undefined;
  }
  if (before === undefined || again === 'after-exit') return undefined;
  if (again === 'never') return { code: 'reentry.never', saw: { last: before.last } };
  const from = addDuration(before.last, again, zoneOf(turn, document));
  return turn.now < from ? { code: 'reentry.too-soon', saw: { last: before.last, from } } : undefined;
}

/** Only what this version refers to: a waiting run is paid for with every put of its profile. */
function keptProperties({ refs }: CompiledJourney, properties: Entrant['properties']): Entrant['properties'] {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => refs.wholeEntry || refs.entry.has(name)));
}

/** One more entry. Of a journey with keys, the oldest keys are forgotten; of all, goals whose time is over. */
function countEntry({ profile, now }: Turn, run: Run): Profile['entered'] {
  const key = enteredKey(run);
  const entered: { [key: string]: Profile['entered'][string] } = {};
  for (const [one, { goal, ...rest }] of Object.entries(profile.entered)) {
    entered[one] = goal !== undefined && goal.until > now ? { ...rest, goal } : rest;
  }
  entered[key] = { last: now, times: (entered[key]?.times ?? 0) + 1 };
  const keys = Object.keys(entered).filter((one) => one.startsWith(`${run.journey}|`));
  if (keys.length <= MAX_ENTERED_KEYS) return entered;
  const active = new Set(Object.values(profile.runs).map(enteredKey));
  const oldest = keys
    .filter((one) => one !== key && !active.has(one))
    .sort((a, b) => entered[a]!.last - entered[b]!.last || (a < b ? -1 : 1))[0];
  if (oldest !== undefined) delete entered[oldest];
  return entered;
}
