import { noOccurrences, type Occurrences, recordOccurrence } from '../../../shared/domain/audiences/did-clauses.ts';
import { evaluatePredicate } from '../../../shared/domain/audiences/evaluate-predicate.ts';
import { membershipIn } from '../../../shared/domain/audiences/evaluate-segment.ts';
import type { Facts } from '../../../shared/domain/audiences/facts.ts';
import { lasting, missing } from '../../../shared/domain/audiences/found.ts';
import { concerns, type MessageFact } from '../../../shared/domain/audiences/message-clauses.ts';
import type { Geofence } from '../../../shared/domain/audiences/place.ts';
import type { Predicate } from '../../../shared/domain/audiences/predicate.ts';
import { parsePredicate } from '../../../shared/domain/audiences/predicate-text.ts';
import { parseRef } from '../../../shared/domain/audiences/ref.ts';
import { Segment } from '../../../shared/domain/audiences/segment.ts';
import type { JourneyHistory } from '../../../shared/domain/profiles/journey-history.ts';
import type { Json } from '../../../shared/kernel/canonical-json.ts';
import { dig } from '../../../shared/kernel/dig.ts';
import { parseInstant } from '../../../shared/kernel/time.ts';

/** What a case of predicate.cases.json gives: a customer at an instant, in plain JSON. Instants are RFC 3339. */
export interface Given {
  readonly now: string;
  readonly zone: string;
  readonly traits?: { readonly [name: string]: Json };
  readonly entry?: { readonly [name: string]: Json };
  readonly steps?: { readonly [step: string]: { readonly [field: string]: Json } };
  /** When the run began that asks; absent: none does. */
  readonly run?: string;
  readonly events?: readonly {
    readonly event: string;
    readonly at: string;
    readonly properties?: { readonly [name: string]: Json };
    /** So often, at that instant. */
    readonly times?: number;
  }[];
  readonly messages?: readonly (Omit<MessageFact, 'at'> & { readonly at: string })[];
  /** Nothing is known of the time before. */
  readonly since?: string;
  /** Nothing is counted. */
  readonly untracked?: true;
  readonly consents?: { readonly [channelAndTopic: string]: 'granted' | 'pending' | 'withdrawn' };
  readonly journeys?: { readonly [id: string]: JourneyHistory };
  /** Predicates as text. */
  readonly segments?: { readonly [id: string]: string };
  readonly geofences?: { readonly [id: string]: Geofence };
}

const ms = (text: string) => parseInstant(text)!;

export const eventsIn = ({ events = [] }: Given) =>
  events.flatMap(({ times = 1, at, event, properties = {} }) =>
    Array.from({ length: times }, () => ({ event, at: ms(at), properties })),
  );

/** The facts of a case, from what the words say and nothing else. */
export function factsOfCase(given: Given): Facts {
  const { traits = {}, entry = {}, steps = {}, consents = {}, journeys = {}, geofences = {}, messages = [] } = given;
  const lookup = (roots: { readonly [root: string]: Json }) => (ref: string) => {
    const parts = parseRef(ref);
    return parts === undefined ? missing : lasting(dig(roots, [parts.root, ...parts.path]));
  };
  const since = given.since === undefined ? 0 : ms(given.since);
  const facts: Omit<Facts, 'segment'> = {
    now: ms(given.now),
    zone: given.zone,
    ...(given.run !== undefined && { enteredAt: ms(given.run) }),
    lookup: lookup({ profile: traits, entry, steps: steps as Json }),
    occurrences: (clause) => {
      if (given.untracked) return undefined;
      let seen: Occurrences = noOccurrences(since);
      if (!('event' in clause)) {
        for (const message of messages) {
          const fact = { ...message, at: ms(message.at) };
          if (concerns(clause, fact)) seen = recordOccurrence(seen, fact.at, 0, clause.keepMs);
        }
        return seen;
      }
      for (const { event, at, properties } of eventsIn(given)) {
        if (event !== clause.event) continue;
        const there = { ...facts, segment: () => undefined, lookup: lookup({ profile: traits, event: properties }) };
        if (clause.where !== undefined && !evaluatePredicate(clause.where, there).value) continue;
        const sum = clause.of === undefined ? 0 : there.lookup(clause.of).value;
        seen = recordOccurrence(seen, at, typeof sum === 'number' ? sum : 0, clause.keepMs);
      }
      return seen;
    },
    journey: (id) => journeys[id] ?? { inside: false, everEntered: false, ends: [] },
    geofence: (id) => geofences[id],
    consent: (channel, topic) => consents[`${channel}/${topic}`] ?? 'none',
  };
  return { ...facts, segment: membershipIn(segmentsIn(given), () => facts) };
}

export const segmentsIn = ({ segments = {} }: Given): ReadonlyMap<string, Segment> =>
  new Map(
    Object.entries(segments).map(([id, where]) => [id, Segment.parse({ schemaVersion: 1, id, name: id, where })]),
  );

/** The predicate and the segments that it asks for, at any depth. */
export function askedIn(predicate: Predicate, given: Given): Predicate[] {
  return [predicate, ...Object.values(given.segments ?? {}).map(parsePredicate)];
}
