import { type DidClause, didClauses, occurrencesOf } from '../../domain/audiences/did-clauses.ts';
import { type Evaluation, evaluatePredicate } from '../../domain/audiences/evaluate-predicate.ts';
import { type MessageClause, messageClauses } from '../../domain/audiences/message-clauses.ts';
import type { Predicate } from '../../domain/audiences/predicate.ts';
import { checkSegment } from '../../domain/audiences/segment.ts';
import { whereOf } from '../../domain/audiences/segment-kind.ts';
import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { compileCatalog } from '../../domain/compiled-catalog.ts';
import { factsOf } from '../../domain/journeys/engine/facts.ts';
import type { Standpoint } from '../../domain/journeys/engine/scope.ts';
import { messagesIn, occurrencesIn } from '../../domain/profiles/fill.ts';
import type { Past } from '../../domain/profiles/past.ts';
import { emptyProfile } from '../../domain/profiles/profile.ts';
import { trackedClauses } from '../../domain/profiles/remember.ts';
import { requireNoProblems } from '../../kernel/errors.ts';
import { type PastReader, readJournals } from '../past.ts';
import type { StoredProfile } from '../ports.ts';

export interface PredicateExplained extends Evaluation {
  /** How many of its counts nobody keeps, so that they were counted from the journal for this answer. */
  readonly fromJournal: number;
}

/**
 * What a predicate says of a customer, by the evaluator, the facts and the catalog that decide.
 *
 * 1. What some published document asks is counted already; what is asked for the first time is counted from the journal.
 * 2. At another instant than now: what was known by then of the past, counted from the journal; everything else (traits,
 *    consents, journeys) as it is now.
 *
 * @param at epoch milliseconds; undefined: now.
 */
export async function explainPredicate(
  ports: { readonly now: () => number; readonly past: PastReader },
  snapshot: CatalogSnapshot,
  { key, profile }: StoredProfile,
  predicate: Predicate,
  at: number | undefined,
): Promise<PredicateExplained> {
  const catalog = compileCatalog(snapshot);
  const now = at ?? ports.now();
  const asked = [
    predicate,
    ...(at === undefined ? [] : [...catalog.segments.values()].flatMap((one) => whereOf(one) ?? [])),
  ];
  const tracked = trackedClauses(emptyProfile, catalog);
  const untracked = {
    did: didClauses(...asked).filter((clause) => at !== undefined || !isTracked(clause, tracked.did)),
    message: messageClauses(...asked).filter((clause) => at !== undefined || !isTracked(clause, tracked.message)),
  };
  const fromJournal = untracked.did.length + untracked.message.length;
  const seen = { ...profile.seen };
  if (fromJournal > 0) {
    const ask = { events: new Set(untracked.did.map(({ event }) => event)), messages: untracked.message.length > 0 };
    const past = until(now, await readJournals(key, profile, ask, { clock: ports.now, past: ports.past }));
    const counted = (clause: DidClause | MessageClause) =>
      'event' in clause ? occurrencesIn(past, clause, { profile, catalog, now }) : messagesIn(past, clause);
    for (const clause of [...untracked.did, ...untracked.message]) {
      seen[clause.id] = occurrencesOf(counted(clause), clause.keepMs, past.since);
    }
  }
  const standpoint: Standpoint = { profile: { ...profile, seen }, catalog, now };
  return { ...evaluatePredicate(predicate, factsOf(standpoint, { entry: {}, fields: {} })), fromJournal };
}

const isTracked = ({ id, keepMs }: DidClause | MessageClause, all: readonly (DidClause | MessageClause)[]): boolean =>
  all.some((one) => one.id === id && one.keepMs >= keepMs);

const until = (now: number, { events, messages, since }: Past): Past => ({
  events: events.filter(({ event }) => event.at <= now),
  messages: messages.filter(({ at }) => at <= now),
  since,
});

/** It is about a customer, not about a run, as a segment is. */
export function requireAboutCustomer(predicate: Predicate, { segments = [] }: CatalogSnapshot, at: string): void {
  const others = new Map(segments.map((segment) => [segment.id, segment]));
  const problems = checkSegment({ schemaVersion: 1, id: '', name: '', where: predicate }, others).map((problem) => ({
    ...problem,
    pointer: problem.pointer.replace(/^\/where/, at),
    code: problem.code.replace(/^segment\./, 'predicate.'),
  }));
  requireNoProblems(problems);
}
