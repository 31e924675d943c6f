import type { CompiledCatalog } from '../domain/compiled-catalog.ts';
import { decide } from '../domain/decide.ts';
import type { Decision, Effect, MessageRequest } from '../domain/decision.ts';
import type { CompiledJourney } from '../domain/journeys/engine/compiled-journey.ts';
import { ARM_WITHIN_MS } from '../domain/journeys/engine/date-entries.ts';
import { holds } from '../domain/journeys/engine/facts.ts';
import { membersAt, nextOccurrenceOf } from '../domain/journeys/engine/schedule-entries.ts';
import { zoneOf } from '../domain/journeys/engine/scope.ts';
import { type MailRecord, maxHops } from '../domain/mail-record.ts';
import { asksOfDelivery } from '../domain/messaging/asked-deliveries.ts';
import { addressIn } from '../domain/messaging/policy/check-address.ts';
import type { Permit } from '../domain/permit.ts';
import { datesDue, duesOf, emptyProfile, isNobody, type Profile } from '../domain/profiles/profile.ts';
import { type ProfileKey, profileKey } from '../kernel/ids.ts';
import type { Beginning, Customer } from './acts.ts';
import { answerOf, type Behaviour, reactionsTo } from './behaviour.ts';
import type { Counters } from './counters.ts';
import { DueQueue } from './due-queue.ts';
import { whyNotMade } from './hand-over.ts';
import { refusal } from './parse-part.ts';
import { toRecord } from './to-record.ts';

export interface Setting {
  readonly catalog: CompiledCatalog;
  readonly behaviour: Behaviour;
  /** Of the limits that customers share. */
  readonly counters: Counters;
  readonly seed: string;
  /** Epoch milliseconds; what is due at the end itself still happens. */
  readonly until: number;
  /** A customer who makes more records than this goes round in a circle; default 100,000. */
  readonly maxRecords?: number;
}

/** One record that was decided. `at` is when, epoch milliseconds. */
export interface Decided {
  readonly at: number;
  readonly key: ProfileKey;
  readonly record: MailRecord;
  readonly before: Profile;
  /** Of limits that customers share: all that it was decided with. */
  readonly permits: readonly Permit[];
  readonly decision: Decision;
}

/** What became of a message. */
export interface Handed {
  readonly at: number;
  readonly request: MessageRequest;
  readonly outcome: 'sent' | 'not-sent' | 'failed';
  readonly reason?: string;
  /** Where the state of the customer lies. */
  readonly profile: Profile;
  readonly zone: string;
}

/** A message was delivered, and nobody asks: its provider told its row, and its profile decided nothing (ADR 49). */
export interface Arrived {
  readonly at: number;
  readonly request: MessageRequest;
}

export interface Witness {
  decided(decided: Decided): void;
  handed(handed: Handed): void;
  unsubscribed(request: MessageRequest): void;
  arrived?(arrived: Arrived): void;
  /** The daily sweep will tell of a day that comes then. */
  swept?(due: number): void;
}

const MAX_RECORDS = 100_000;

/** At one instant, timers come first, then what comes back of messages, then what the customer does, then the scan. */
const WAKE = 0;
const FEEDBACK = 1;
const ACT = 2;
const OCCURRENCE = 3;

type Coming =
  | { readonly key: ProfileKey; readonly record: MailRecord }
  | { readonly arrives: MessageRequest }
  | { readonly scheduled: CompiledJourney };

/** A customer's life so far. */
export interface Life {
  /** When something happens next; undefined: nothing any more. */
  next(): number | undefined;
  /** Lets it happen, with all that comes of it at once. */
  step(): void;
  /** Of the customer's clocks, at the end. */
  zone(): string;
}

/** Lets somebody live whom nobody else concerns, until the end. */
export function liveAlone(life: Life): void {
  while (life.next() !== undefined) life.step();
}

/** Lets all of them live on one clock, until the end: what happens first is decided first. */
export function live(lives: readonly Life[]): void {
  const turns = new DueQueue<Life>();
  const queue = (life: Life) => {
    const next = life.next();
    if (next !== undefined) turns.put(next, 0, life);
  };
  for (const life of lives) queue(life);
  for (let turn = turns.take(Infinity); turn !== undefined; turn = turns.take(Infinity)) {
    turn.what.step();
    queue(turn.what);
  }
}

/**
 * The life of one customer: the actors that they are (a device before the sign-up, then the user), the mail
 * between those, their timers, and what they do with messages, on a clock of their own. Customers know nothing of each
 * other, so that a population is lived through one by one, with no more in memory than one of them; unless they share
 * limits.
 *
 * It is the protocol without its faults: nothing is lost, late or twice. The decisions are those of `decide`.
 */
export function lifeOf({ name, acts, begins }: Customer, setting: Setting, witness: Witness): Life {
  const { catalog, behaviour, counters, seed, until, maxRecords = MAX_RECORDS } = setting;
  const profiles = new Map<ProfileKey, Profile>();
  const coming = new DueQueue<Coming>();
  /** Between the customer's actors, at this instant. */
  let mail: { readonly to: ProfileKey; readonly record: MailRecord; readonly hop: number }[] = [];
  const keys = { user: new Map<string, ProfileKey>(), anonymous: new Map<string, ProfileKey>() };
  let records = 0;

  if (begins !== undefined) begin(begins);
  for (const act of acts) coming.put(act.at, ACT, toRecord(act, keyOf));
  const from = begins?.at ?? acts[0]?.at;
  if (from !== undefined) for (const { journey } of catalog.scheduled) awaitOccurrence(journey, from - 1);
  return {
    next() {
      return coming.next === undefined || coming.next > until ? undefined : coming.next;
    },
    step() {
      const next = coming.take(until);
      if (next === undefined) return;
      const { at, what } = next;
      if ('arrives' in what) witness.arrived?.({ at, request: what.arrives });
      else if ('scheduled' in what) comeRound(what.scheduled, at);
      else happen(what.key, what.record, at);
    },
    zone() {
      const last =
        [...profiles.values()].findLast((one) => one.movedTo === undefined && !isNobody(one)) ?? emptyProfile;
      return zoneOf({ profile: last, now: until, catalog }, undefined);
    },
  };

  /** All their timers are armed, and they look around once: what is new in the catalog may concern them. */
  function begin({ key, profile, at }: Beginning): void {
    profiles.set(key, profile);
    for (const due of new Set([at, ...duesOf(profile)])) {
      coming.put(Math.max(at, due), WAKE, { key, record: { t: 'wake', id: `wake-${key}-${due}`, due } });
    }
  }

  function awaitOccurrence(journey: CompiledJourney, after: number): void {
    const at = nextOccurrenceOf(journey.document, after);
    if (at !== undefined) coming.put(at, OCCURRENCE, { scheduled: journey });
  }

  /** As the scan does it: who is a member is told, in a record of their own. */
  function comeRound(journey: CompiledJourney, at: number): void {
    const members = membersAt(journey.document, at);
    for (const [key, profile] of [...profiles]) {
      if (profile.movedTo !== undefined || isNobody(profile) || members === undefined) continue;
      if (!holds({ profile, catalog, now: at }, members, { entry: {}, fields: {} }).value) continue;
      const id = `${journey.id}-${at}`;
      const broadcast = { id, occurrence: at };
      happen(key, { t: 'enroll', id: `${id}-${key}`, at, journey: journey.id, broadcast }, at);
    }
    awaitOccurrence(journey, at);
  }

  function happen(key: ProfileKey, record: MailRecord, at: number): void {
    mail = [{ to: key, record, hop: 0 }];
    // What is decided may put more behind it.
    for (const one of mail) {
      // As a mailbox parks it: records that make each other without end.
      if (one.hop >= maxHops) continue;
      records += 1;
      if (records > maxRecords) {
        throw refusal('/journeys', 'endless', `customer "${name}" made more than ${maxRecords} records`, 'add a wait');
      }
      take(one.to, one.record, one.hop, at);
    }
  }

  function keyOf(kind: 'user' | 'anonymous', id: string): ProfileKey {
    let key = keys[kind].get(id);
    if (key === undefined) {
      key = profileKey(kind, id);
      keys[kind].set(id, key);
    }
    return key;
  }

  function take(key: ProfileKey, record: MailRecord, hop: number, at: number): void {
    const before = profiles.get(key) ?? emptyProfile;
    const frozen = record.t === 'absorb' ? profiles.get(record.from) : undefined;
    const { decision, permits } = counters.decide((given) => decide(before, key, record, catalog, at, frozen, given));
    profiles.set(key, decision.profile);
    witness.decided({ at, key, record, before, permits, decision });
    for (const effect of decision.effects) perform(key, effect, hop, at);
    if (decision.profile.dates !== before.dates) awaitDays(key, before, decision.profile, at);
  }

  /** Of days beyond ARM_WITHIN_MS the daily sweep would tell; here they are armed at once, which comes to the same. */
  function awaitDays(key: ProfileKey, before: Profile, after: Profile, at: number): void {
    const from = at + ARM_WITHIN_MS + 1;
    const known = new Set(datesDue(before, from, Number.POSITIVE_INFINITY));
    for (const due of datesDue(after, from, Number.POSITIVE_INFINITY)) {
      if (known.has(due)) continue;
      wakeAt(key, due);
      witness.swept?.(due);
    }
  }

  function wakeAt(key: ProfileKey, due: number): void {
    coming.put(due, WAKE, { key, record: { t: 'wake', id: `wake-${key}-${due}`, due } });
  }

  function perform(key: ProfileKey, effect: Effect, hop: number, at: number): void {
    switch (effect.e) {
      case 'mail':
        mail.push({ to: effect.to, record: effect.record, hop: hop + 1 });
        break;
      case 'wake':
        wakeAt(key, effect.due);
        break;
      case 'message':
        handOver(effect.message, hop, at);
        break;
      case 'suppress':
        // The profile remembers it; the environment's list is there for addresses that several profiles share.
        break;
    }
  }

  function handOver(request: MessageRequest, hop: number, at: number): void {
    const profile = stateOf(request.key);
    const journey = request.origin && catalog.version(request.origin.journey, request.origin.version).document;
    const zone = zoneOf({ profile, now: at, catalog }, journey);
    const answer = request.webhook === undefined ? undefined : answerOf(request, behaviour, seed);
    const reason =
      answer === undefined ? whyNotMade(request, profile, catalog, at, zone) : answer.fails ? 'simulated' : undefined;
    const outcome = reason === undefined ? 'sent' : reason === 'lookup.missing' ? 'not-sent' : 'failed';
    witness.handed({ at, request, outcome, profile, zone, ...(reason !== undefined && { reason }) });
    if (request.report === 'all' || outcome !== 'sent') {
      const record: MailRecord = {
        t: 'outcome',
        id: `${request.id}-${outcome}`,
        at,
        message: request.id,
        outcome,
        decidedAt: request.decidedAt,
        channel: request.channel,
        ...(request.webhook === undefined && { topic: request.topic }),
        ...(reason !== undefined && { reason }),
        ...(answer?.answer !== undefined && outcome === 'sent' && { answer: answer.answer }),
        ...(request.origin !== undefined && { origin: request.origin }),
      };
      mail.push({ to: request.key, record, hop: hop + 1 });
    }
    if (outcome === 'sent' && request.channel !== 'webhook') awaitReactions(request, profile, at);
  }

  function awaitReactions(request: MessageRequest, profile: Profile, at: number): void {
    const { key, channel, topic, to, origin } = request;
    const from = origin && { journey: origin.journey, step: origin.step };
    const address = to ?? addressIn(profile, channel);
    const userId = profile.ids.user;
    const anonymousId = profile.ids.anonymous?.[0];
    const surroundings = { behaviour, seed, profile, address, policy: catalog.policy };
    const isAsked = asksOfDelivery(profile, catalog);
    for (const [index, reaction] of reactionsTo(request, at, surroundings).entries()) {
      const id = `${request.id}-${reaction.t}-${index}`;
      if (reaction.t === 'receipt') {
        const { was } = reaction;
        if (was === 'delivered' && !isAsked) {
          coming.put(reaction.at, FEEDBACK, { arrives: request });
          continue;
        }
        const more = was === 'bounced' ? { permanent: true } : {};
        coming.put(reaction.at, FEEDBACK, {
          key,
          record: { t: 'receipt', id, at: reaction.at, message: request.id, channel, was, topic, ...from, ...more },
        });
      } else if (reaction.t === 'unsubscribe') {
        if (reaction.at <= until) witness.unsubscribed(request);
        const consent = {
          channel,
          topic,
          state: 'withdrawn',
          at: reaction.at,
          source: 'one-click',
          evidence: request.id,
        } as const;
        coming.put(reaction.at, FEEDBACK, { key, record: { t: 'consent', id, at: reaction.at, consents: [consent] } });
      } else {
        const who = userId !== undefined ? { userId } : anonymousId !== undefined ? { anonymousId } : undefined;
        if (who === undefined) continue;
        const { name: event, properties } = reaction;
        coming.put(
          reaction.at,
          ACT,
          toRecord({ t: 'event', at: reaction.at, id: reaction.id, ...who, name: event, properties }, keyOf),
        );
      }
    }
  }

  /** As `send` reads it: a frozen signpost still has its state, a stripped one gave it away. */
  function stateOf(key: ProfileKey): Profile {
    let profile = profiles.get(key) ?? emptyProfile;
    while (profile.movedTo !== undefined && profile.frozen !== true)
      profile = profiles.get(profile.movedTo) ?? emptyProfile;
    return profile;
  }
}
