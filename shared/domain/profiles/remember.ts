import { type DidClause, recordOccurrence } from '../audiences/did-clauses.ts';
import type { CustomerEvent } from '../customer-event.ts';
import { holds, resolveRef } from '../journeys/engine/facts.ts';
import { scopeOfEvent } from '../journeys/engine/scope.ts';
import type { Turn } from '../turn.ts';
import { jsonBytes, MAX_PROFILE_BYTES } from './limits.ts';

/**
 * Remembers that it happened, for every `did` that some live journey, or the version of one of this customer's runs,
 * asks for. Which versions happen to be loaded beside those must not matter (guarantee G5).
 */
export function remember(turn: Turn, event: CustomerEvent): void {
  const clauses = clausesFor(turn, event.name);
  if (clauses.size === 0) return;
  const seen = { ...turn.profile.seen };
  const scope = scopeOfEvent(event);
  let moved = false;
  for (const clause of clauses.values()) {
    if (clause.where !== undefined && !holds(turn, clause.where, scope).value) continue;
    const sum = clause.of === undefined ? 0 : resolveRef(turn, clause.of, scope);
    const previous = Object.hasOwn(seen, clause.id) ? seen[clause.id] : undefined;
    seen[clause.id] = recordOccurrence(previous, event.at, typeof sum === 'number' ? sum : 0, clause.keepMs);
    moved = true;
  }
  if (!moved) return;
  const before = turn.profile;
  turn.change({ seen });
  const bytes = jsonBytes(turn.profile);
  if (bytes <= MAX_PROFILE_BYTES || bytes <= jsonBytes(before)) return;
  turn.profile = before;
  turn.because({
    code: 'profile.too-large',
    saw: { limitBytes: MAX_PROFILE_BYTES, actualBytes: bytes, event: event.name },
  });
}

function clausesFor(turn: Turn, name: string): ReadonlyMap<string, DidClause> {
  const all: DidClause[] = [...(turn.catalog.clausesByEvent.get(name) ?? [])];
  for (const { journey, version } of Object.values(turn.profile.runs)) {
    for (const clause of turn.catalog.version(journey, version).clauses) if (clause.event === name) all.push(clause);
  }
  const byId = new Map<string, DidClause>();
  for (const clause of all) {
    const other = byId.get(clause.id);
    if (other === undefined || keepsLonger(clause, other)) byId.set(clause.id, clause);
  }
  return byId;
}

/** 0 keeps no occurrences at all, because the total is enough. */
const keepsLonger = (a: DidClause, b: DidClause): boolean => a.keepMs > b.keepMs;
