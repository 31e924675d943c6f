import * as z from 'zod';
import { noOccurrences, recordOccurrence } from '../../domain/audiences/did-clauses.ts';
import { evaluatePredicate } from '../../domain/audiences/evaluate-predicate.ts';
import { lasting, missing } from '../../domain/audiences/found.ts';
import { Predicate, type PredicateInput } from '../../domain/audiences/predicate.ts';
import { parseRef } from '../../domain/audiences/ref.ts';
import { walkPredicate } from '../../domain/journeys/predicates-of.ts';
import { Channel } from '../../domain/messaging/channel.ts';
import { freeAt } from '../../domain/messaging/policy/cap-span.ts';
import { CalendarSpan } from '../../domain/messaging/policy.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { dig } from '../../kernel/dig.ts';
import { longestMs } from '../../kernel/duration.ts';
import { Duration, Id } from '../../kernel/schema.ts';
import { parseInstant } from '../../kernel/time.ts';
import { addDuration } from '../../kernel/zone.ts';
import { parsePart, refusal } from '../parse-part.ts';
import type { Trace, TraceMessage } from '../trace.ts';

/** What an author says must always hold, of every customer there can be. */
export interface Rule {
  readonly name: string;
  /** What is wrong with this life, in words; undefined when nothing is. */
  readonly check: (trace: Trace) => string | undefined;
  /** What the rule asks of customers: the search tries values on both sides of it. */
  readonly predicates?: readonly Predicate[];
  /** How long a life must be looked at after its last act, at least. */
  readonly horizonMs?: number;
}

/** Which messages a rule is about; absent: all to people. */
const Which = {
  template: Id.exactOptional(),
  topic: Id.exactOptional(),
  journey: Id.exactOptional(),
  step: Id.exactOptional(),
  channel: Channel.exactOptional(),
};
type Which = { template?: string; topic?: string; journey?: string; step?: string; channel?: Channel };

const MaxMessages = z.strictObject({ max: z.int().min(0), per: z.union([CalendarSpan, Duration]), ...Which });

/**
 * Never more than `max` marketing messages in any time of this length; `day`, `week` and `month` are those of the calendar
 * in the customer's zone.
 * Transactional ones count only when the rule names their topic, template or step.
 */
export function maxMessagesPer(limit: { max: number; per: string } & Which): Rule {
  const { max, per, ...which } = parsePart(MaxMessages, limit, '/maxMessagesPer');
  return {
    name: `never more than ${max} ${inWords(which, max)} per ${per}`,
    check({ messages }) {
      const sent = messages.filter((one) => isMeant(one, which));
      for (const [index, first] of sent.entries()) {
        const beyond = sent[index + max];
        if (beyond === undefined) return undefined;
        const from = parseInstant(first.at)!;
        // The clocks of the last one count: who has moved since lives by those.
        const { zone } = beyond;
        if (parseInstant(beyond.at)! < freeAt(per, from, zone))
          return `${max + 1} messages from ${first.at} to ${beyond.at}`;
      }
      return undefined;
    },
  };
}

/** Nothing of a topic reaches who has withdrawn consent for it and not given it again. */
export function nothingAfterWithdrawal(): Rule {
  return {
    name: 'nothing after withdrawal',
    check({ messages, consents }) {
      for (const { at, channel, topic, outcome, template } of messages) {
        if (outcome !== 'sent') continue;
        const last = consents.findLast((one) => one.channel === channel && one.topic === topic && one.at < at);
        if (last?.state === 'withdrawn') return `${template ?? 'a message'} at ${at}, withdrawn at ${last.at}`;
      }
      return undefined;
    },
  };
}

/** Every run ends within this time after its entry; of one journey, or of all. */
export function endsWithin(within: string, journey?: string): Rule {
  const duration = parsePart(Duration, within, '/endsWithin');
  return {
    name: `every path${journey === undefined ? '' : ` of ${journey}`} ends within ${duration}`,
    horizonMs: longestMs(duration),
    check({ runs, until, zone }) {
      for (const run of runs) {
        if (journey !== undefined && run.journey !== journey) continue;
        const latest = addDuration(parseInstant(run.entered)!, duration, zone);
        const ended = run.ended === undefined ? undefined : parseInstant(run.ended)!;
        if (ended === undefined ? parseInstant(until)! <= latest : ended <= latest) continue;
        const end = run.ended === undefined ? `is still inside at ${until}` : `ended at ${run.ended}`;
        return `entered ${run.journey} at ${run.entered} and ${end}`;
      }
      return undefined;
    },
  };
}

/** These messages never reach who this is true of: `never({ who: 'profile.plan = "gold"', template: 'cart-20-off' })`. */
export function never({ who, ...given }: { who: PredicateInput } & Which): Rule {
  const predicate = parsePart(Predicate, who, '/never/who');
  const which = parsePart(z.strictObject(Which), given, '/never');
  for (const { predicate: part, pointer } of walkPredicate(predicate, '/never/who')) refuseUnknowable(part, pointer);
  return {
    name: `${typeof who === 'string' ? who : 'who it says'}: never ${inWords(which, 1)}`,
    predicates: [predicate],
    check(trace) {
      const found = trace.messages.find(
        (message) => isMeant(message, which) && evaluatePredicate(predicate, factsAt(trace, message)).value,
      );
      return found && `${found.template ?? found.channel} at ${found.at}`;
    },
  };
}

/** Any other rule: a function of the whole life. */
export function rule(name: string, check: Rule['check'], more: { readonly horizon?: string } = {}): Rule {
  return { name, check, ...(more.horizon !== undefined && { horizonMs: longestMs(more.horizon) }) };
}

function isMeant(message: TraceMessage, which: Which): boolean {
  const { template, topic, journey, step, channel } = which;
  if (message.outcome !== 'sent') return false;
  if (message.channel === 'webhook' && channel !== 'webhook') return false;
  const isNamed = (template ?? topic ?? journey ?? step) !== undefined;
  return (
    (isNamed || !message.transactional) &&
    (template ?? message.template) === message.template &&
    (topic ?? message.topic) === message.topic &&
    (journey ?? message.journey) === message.journey &&
    (step ?? message.step) === message.step &&
    (channel ?? message.channel) === message.channel
  );
}

function inWords(which: Which, count: number): string {
  const parts = Object.entries(which).map(([what, value]) => `${what} ${value}`);
  return `${count === 1 ? 'message' : 'messages'}${parts.length === 0 ? '' : ` of ${parts.join(', ')}`}`;
}

/** A rule looks from outside: it knows traits, events and consents, not what one run carries. */
function refuseUnknowable(part: Predicate, pointer: string): void {
  if (pointer.includes('/where')) return;
  if ('ref' in part && parseRef(part.ref)?.root !== 'profile') {
    throw refusal(pointer, 'ref', `${part.ref} is not known of a customer`, 'compare profile.* or use rule()');
  }
  if (['segment', 'message', 'journey', 'inside'].some((head) => head in part)) {
    throw refusal(pointer, 'not-yet', `${Object.keys(part)[0]}: not yet`, 'use rule()');
  }
}

/** Predicates on journeys, messages and named areas are refused before. */
const neverEntered = { inside: false, everEntered: false, ends: [] };

function factsAt(
  { events, consents }: Trace,
  { at, traits, zone, eventsBefore }: TraceMessage,
): Parameters<typeof evaluatePredicate>[1] {
  const now = parseInstant(at)!;
  const lookup = (roots: { readonly [root: string]: Json }) => (ref: string) => {
    const parts = parseRef(ref);
    return parts === undefined ? missing : lasting(dig(roots, [parts.root, ...parts.path]));
  };
  const consent = (channel: Channel, topic: string) =>
    consents.findLast((one) => one.channel === channel && one.topic === topic && one.at <= at)?.state ?? 'none';
  const common = {
    now,
    zone,
    consent,
    occurrences: () => undefined,
    journey: () => neverEntered,
    geofence: () => undefined,
    segment: () => undefined,
  };
  return {
    ...common,
    lookup: lookup({ profile: traits }),
    occurrences: (clause) => {
      if ('was' in clause) return undefined;
      let seen = noOccurrences(0);
      for (const event of events.slice(0, eventsBefore)) {
        if (event.name !== clause.event) continue;
        const where = { ...common, lookup: lookup({ profile: traits, event: event.properties }) };
        if (clause.where !== undefined && !evaluatePredicate(clause.where, where).value) continue;
        const sum = clause.of === undefined ? 0 : where.lookup(clause.of).value;
        seen = recordOccurrence(seen, parseInstant(event.at)!, typeof sum === 'number' ? sum : 0, clause.keepMs);
      }
      return seen;
    },
  };
}
