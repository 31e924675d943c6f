import { canonicalJson } from '../../kernel/canonical-json.ts';
import { MINUTE_MS } from '../../kernel/time.ts';
import {
  type Clause,
  type DidClause,
  noOccurrences,
  type Occurrence,
  type Occurrences,
  occurrencesOf,
} from '../audiences/did-clauses.ts';
import { concerns, type MessageClause } from '../audiences/message-clauses.ts';
import type { CompiledCatalog } from '../compiled-catalog.ts';
import type { Feed } from '../computed-traits/feed.ts';
import { putComputed } from '../computed-traits/note.ts';
import { recomputeFrom } from '../computed-traits/recompute.ts';
import { holds, resolveRef } from '../journeys/engine/facts.ts';
import { type Standpoint, scopeOfEvent, zoneOf } from '../journeys/engine/scope.ts';
import type { OwnRecord } from '../mail-record.ts';
import type { Turn } from '../turn.ts';
import type { Past, PastAsk, PastEvent } from './past.ts';
import type { Profile } from './profile.ts';
import { noteSeen, trackedClauses } from './remember.ts';

export type Fill = Extract<OwnRecord, { readonly t: 'fill' }>;

/** What has to be read of the journal before `fill` can be decided. */
export function askOfFill(profile: Profile, { clauses }: Fill, catalog: CompiledCatalog): PastAsk {
  const { did, message, feeds } = named(profile, clauses, catalog);
  const sources = feeds.flatMap(({ source }) => ('event' in source ? source.event : []));
  return {
    events: new Set([...did.map(({ event }) => event), ...sources]),
    messages: message.length > 0 || feeds.some(({ source }) => !('event' in source)),
  };
}

/**
 * Counts again, from the journal, what clauses ask for, and puts the result in the place of what was counted: so it may
 * be done twice. What a clause's `where` says of the event is asked of each; what it says of `profile.*`, of the
 * profile as it is now.
 *
 * 1. A profile that is no older than the journal is counted exactly, and completely (`since` 0).
 * 2. Of an older one, whichever of the two counted more knows more: what happened within the journal's reach comes
 *    from the journal, the rest and the totals from whoever knows more. `since` never gets later.
 * 3. Nobody is written to whose counts stay the same. Who is older than the journal and has nothing in it gets a note of
 *    since when that is known, if the clauses are new.
 */
export function fill(turn: Turn, { clauses, isNew }: Fill, past: Past): void {
  const { did, message, feeds } = named(turn.profile, clauses, turn.catalog);
  const before = turn.profile.seen;
  const put = <C extends Clause>(clause: C, found: readonly Occurrence[]) =>
    filled(seenOf(before, clause), found, clause.keepMs, past.since, isNew === true);
  const changed = noteSeen(turn, 'fill', [
    ...did.map((clause) => [clause.id, put(clause, occurrencesIn(past, clause, turn))] as const),
    ...message.map((clause) => [clause.id, put(clause, messagesIn(past, clause))] as const),
  ]);
  const computed = fillComputed(turn, feeds, past);
  if (changed + computed === 0) return;
  const saw = { clauses: changed, ...(computed > 0 && { computed }), since: past.since };
  turn.because({ code: 'history.filled', saw });
}

/** What computed traits remember; of who is older than the journal it stays where it reaches further back. */
function fillComputed(turn: Turn, feeds: readonly Feed[], past: Past): number {
  if (feeds.length === 0) return 0;
  const before = turn.profile.computed ?? {};
  const since = Math.ceil(past.since / MINUTE_MS);
  const filled = Object.entries(recomputeFrom(past, feeds, zoneOf(turn, undefined)));
  const found = filled.filter(([id, accumulator]) => {
    const own = Object.hasOwn(before, id) ? before[id] : undefined;
    if (own !== undefined && since > 0 && own[1] <= since) return false;
    return canonicalJson(own ?? null) !== canonicalJson(accumulator);
  });
  return putComputed(turn, Object.fromEntries(found), 'fill') ? found.length : 0;
}

const seenOf = (seen: Profile['seen'], { id }: Clause): Occurrences | undefined =>
  Object.hasOwn(seen, id) ? seen[id] : undefined;

function named(profile: Profile, ids: readonly string[], catalog: CompiledCatalog) {
  const wanted = new Set(ids);
  const isWanted = ({ id }: { readonly id: string }) => wanted.has(id);
  const { did, message } = trackedClauses(profile, catalog);
  return {
    did: did.filter(isWanted),
    message: message.filter(isWanted),
    feeds: [...catalog.computed.feeds.values()].filter(isWanted),
  };
}

/** Every event of the past that a clause counts, with what it sums. */
export function occurrencesIn({ events }: Past, clause: DidClause, standpoint: Standpoint): Occurrence[] {
  return events.flatMap(({ event, decidedAt }: PastEvent) => {
    if (event.name !== clause.event) return [];
    const scope = scopeOfEvent(event);
    const then = { profile: standpoint.profile, catalog: standpoint.catalog, now: decidedAt };
    if (clause.where !== undefined && !holds(then, clause.where, scope).value) return [];
    const sum = clause.of === undefined ? 0 : resolveRef(then, clause.of, scope);
    return [{ at: event.at, count: 1, sum: typeof sum === 'number' ? sum : 0 }];
  });
}

export const messagesIn = ({ messages }: Past, clause: MessageClause): Occurrence[] =>
  messages.filter((fact) => concerns(clause, fact)).map(({ at }) => ({ at, count: 1, sum: 0 }));

function filled(
  before: Occurrences | undefined,
  found: readonly Occurrence[],
  keepMs: number,
  since: number,
  isNew: boolean,
): Occurrences | undefined {
  if (before === undefined) {
    if (found.length > 0) return occurrencesOf(found, keepMs, since);
    return isNew && since > 0 ? noOccurrences(since) : undefined;
  }
  const counted = occurrencesOf(found, keepMs, Math.min(before.since, since));
  const after =
    since === 0 || counted.total >= before.total
      ? counted
      : {
          ...before,
          times: occurrencesOf(
            [...before.times.filter(({ at }) => at < since), ...found.filter(({ at }) => at >= since)],
            keepMs,
            0,
          ).times,
          since: counted.since,
        };
  return canonicalJson(after as never) === canonicalJson(before as never) ? before : after;
}
