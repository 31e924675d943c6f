import { DAY_MS } from '../../kernel/time.ts';
import {
  type Clause,
  type DidClause,
  longestOfEach,
  type Occurrences,
  recordOccurrence,
  takeBackOccurrence,
} from '../audiences/did-clauses.ts';
import { concerns, type MessageClause, type MessageFact } from '../audiences/message-clauses.ts';
import type { CompiledCatalog } from '../compiled-catalog.ts';
import type { CustomerEvent } from '../customer-event.ts';
import type { CompiledJourney } from '../journeys/engine/compiled-journey.ts';
import { holds, resolveRef } from '../journeys/engine/facts.ts';
import { scopeOfEvent } from '../journeys/engine/scope.ts';
import type { Turn } from '../turn.ts';
import { jsonBytes, MAX_AS_IF_BYTES, MAX_PROFILE_BYTES, profileBytesBeyond } from './limits.ts';
import type { Profile } from './profile.ts';

/**
 * Remembers that it happened, for every `did` that some live journey, or the version of one of this customer's runs,
 * asks for. Which versions happen to be loaded beside those must not matter (guarantee G5).
 */
export function remember(turn: Turn, event: CustomerEvent): void {
  const scope = scopeOfEvent(event);
  const clauses = asked(turn, turn.catalog.clausesByEvent.get(event.name), ({ clauses: all }) =>
    all.filter((clause) => clause.event === event.name),
  ).filter(({ where }) => where === undefined || holds(turn, where, scope).value);
  const sumOf = ({ of }: DidClause) => (of === undefined ? 0 : resolveRef(turn, of, scope));
  note(turn, clauses, event.name, (clause, before) => {
    const sum = sumOf(clause);
    return recordOccurrence(
      before,
      event.at,
      typeof sum === 'number' ? sum : 0,
      clause.keepMs,
      countedSince(turn, event),
    );
  });
}

/** Later than this an event does not come by itself: it is told of what was before, and says nothing of the time between. */
const MAX_UNDER_WAY_MS = 2 * DAY_MS;

/** What happened a moment ago was counted from then on. Of an old event, only from now on is known that nothing is missed. */
export const countedSince = ({ now }: Turn, { at }: CustomerEvent): number => (now - at > MAX_UNDER_WAY_MS ? now : at);

/** The same for every `message` that is asked: something became of a message. */
export function rememberMessage(turn: Turn, fact: MessageFact): void {
  note(turn, clausesAbout(turn, fact), `message ${fact.was}`, ({ keepMs }, before) =>
    recordOccurrence(before, fact.at, 0, keepMs),
  );
}

/** `fact` is a message that was decided then, and was not sent after all. */
export function forgetSent(turn: Turn, fact: MessageFact & { readonly was: 'sent' }): void {
  const clauses = clausesAbout(turn, fact).filter(({ id }) => Object.hasOwn(turn.profile.seen, id));
  note(turn, clauses, 'message sent', (_clause, before) => before && takeBackOccurrence(before, fact.at));
}

const clausesAbout = (turn: Turn, fact: MessageFact): MessageClause[] =>
  asked(turn, turn.catalog.clausesByOutcome.get(fact.was), ({ messageClauses }) => messageClauses).filter((clause) =>
    concerns(clause, fact),
  );

/** Everything that is counted for a customer: what the published documents ask, and the versions of their runs. */
export function trackedClauses(
  profile: Profile,
  catalog: CompiledCatalog,
): { readonly did: readonly DidClause[]; readonly message: readonly MessageClause[] } {
  const own = Object.values(profile.runs).map(({ journey, version }) => catalog.version(journey, version));
  return {
    did: longestOfEach([...catalog.clausesByEvent.values(), ...own.map(({ clauses }) => clauses)].flat()),
    message: longestOfEach(
      [...catalog.clausesByOutcome.values(), ...own.map(({ messageClauses }) => messageClauses)].flat(),
    ),
  };
}

function asked<C extends Clause>(
  { runs, catalog }: Turn,
  live: readonly C[] = [],
  ofVersion: (journey: CompiledJourney) => readonly C[],
): readonly C[] {
  const own: C[] = [];
  for (const [, { journey, version }] of runs) {
    own.push(...ofVersion(catalog.version(journey, version)));
  }
  return own.length === 0 ? live : longestOfEach([...live, ...own]);
}

function note<C extends Clause>(
  turn: Turn,
  clauses: readonly C[],
  what: string,
  next: (clause: C, before: Occurrences | undefined) => Occurrences | undefined,
): void {
  if (clauses.length === 0) return;
  const before = turn.ownSeen;
  const noted = clauses.map(
    (clause) => [clause.id, next(clause, Object.hasOwn(before, clause.id) ? before[clause.id] : undefined)] as const,
  );
  noteSeen(turn, what, noted);
}

/** Puts these in their places, all of them or none; answers how many are others than before. */
export function noteSeen(
  turn: Turn,
  what: string,
  noted: readonly (readonly [id: string, occurrences: Occurrences | undefined])[],
): number {
  const before = turn.ownSeen;
  const seen = { ...before };
  for (const [id, occurrences] of noted) if (occurrences !== undefined) seen[id] = occurrences;
  const changed = Object.entries(seen).filter(([id, occurrences]) => before[id] !== occurrences).length;
  if (changed === 0) return 0;
  const limitBytes = turn.isDry ? MAX_AS_IF_BYTES : MAX_PROFILE_BYTES;
  const actualBytes = turn.isDry ? asIfBytes(turn, seen) : profileBytesBeyond(limitBytes, { ...turn.profile, seen });
  if (actualBytes === undefined || actualBytes <= limitBytes || jsonBytes(seen) <= jsonBytes(before)) {
    turn.ownSeen = seen;
    return changed;
  }
  const code = turn.isDry ? 'dry-run.too-large' : 'profile.too-large';
  turn.because({ code, saw: { limitBytes, actualBytes, event: what } });
  return 0;
}

const asIfBytes = ({ ownBytes, ownSeen }: Turn, seen: Profile['seen']): number =>
  ownBytes + jsonBytes(seen) - jsonBytes(ownSeen);
