import { toldKey } from '../../../shared/app/journal-key.ts';
import { pastOf } from '../../../shared/app/past.ts';
import type { JournalEntry } from '../../../shared/app/ports.ts';
import { newClauses } from '../../../shared/app/scans/start-backfill.ts';
import { inputOf } from '../../../shared/app/settle.ts';
import { type Evaluation, evaluatePredicate } from '../../../shared/domain/audiences/evaluate-predicate.ts';
import type { Facts } from '../../../shared/domain/audiences/facts.ts';
import type { Predicate } from '../../../shared/domain/audiences/predicate.ts';
import { Segment } from '../../../shared/domain/audiences/segment.ts';
import { whereOf } from '../../../shared/domain/audiences/segment-kind.ts';
import type { CatalogSnapshot } from '../../../shared/domain/catalog.ts';
import { type CompiledCatalog, compileCatalog } from '../../../shared/domain/compiled-catalog.ts';
import { ComputedTrait } from '../../../shared/domain/computed-traits/computed-trait.ts';
import type { CustomerEvent } from '../../../shared/domain/customer-event.ts';
import { decide } from '../../../shared/domain/decide.ts';
import type { Decision } from '../../../shared/domain/decision.ts';
import { factsOf } from '../../../shared/domain/journeys/engine/facts.ts';
import type { MailRecord, ToldRecord } from '../../../shared/domain/mail-record.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import { digest, type ProfileKey, profileKey } from '../../../shared/kernel/ids.ts';
import { formatInstant } from '../../../shared/kernel/time.ts';
import { template } from '../engine/world.ts';
import { Naive } from './naive.ts';

export const ZONE = 'Europe/Berlin';
export const people = { u: profileKey('user', 'u'), v: profileKey('user', 'v'), a: profileKey('anonymous', 'a') };
export type Person = keyof typeof people;

/** What may happen next, as plain data: what fails shrinks to little. */
export type Act =
  | {
      readonly do: 'event';
      readonly who: Person;
      readonly name: string;
      readonly n: number;
      readonly lateMinutes: number;
    }
  | { readonly do: 'plan'; readonly who: Person; readonly plan: string }
  | { readonly do: 'consent'; readonly who: Person; readonly state: 'granted' | 'withdrawn' }
  | { readonly do: 'message'; readonly who: Person; readonly becomes: 'sent' | 'not-sent' }
  | { readonly do: 'receipt'; readonly who: Person; readonly was: 'opened' | 'clicked'; readonly machine: boolean }
  | { readonly do: 'merge'; readonly who: 'u' | 'v'; readonly other: Person }
  | { readonly do: 'pass'; readonly minutes: number }
  /** Another definition goes live, and everybody counts back. */
  | { readonly do: 'publish' };

/** Mistakes that are planted, to see that they are found. */
export type Fault =
  | 'a window ends a moment late'
  | 'an occurrence is lost'
  | 'a merge forgets'
  | 'a fill adds'
  | 'nobody is woken';

const MINUTE_MS = 60_000;

/**
 * Customers who live by the decision core, without anything in between, and beside them a naive memory of all that was told.
 * Mail between actors is delivered at once.
 */
export class Lives {
  now: number;
  catalog: CompiledCatalog;
  readonly naive = new Naive();
  readonly profiles = new Map<ProfileKey, Profile>();
  readonly #later: readonly Predicate[];
  readonly #journal: JournalEntry[] = [];
  readonly #fault: Fault | undefined;
  #snapshot: CatalogSnapshot;
  #wakes: { readonly key: ProfileKey; readonly due: number }[] = [];
  #serial = 0;
  /** Live segments that a customer came into and has not left, by what was said of each crossing. */
  readonly crossed = new Map<ProfileKey, Set<string>>();
  /** Called when somebody has been woken. */
  onWake = (): void => undefined;

  constructor(start: number, predicates: readonly Predicate[], later: readonly Predicate[] = [], fault?: Fault) {
    this.now = start;
    this.#later = later;
    this.#fault = fault;
    this.#snapshot = snapshotOf(predicates, 1);
    this.catalog = compileCatalog(this.#snapshot);
    for (const who of Object.keys(people) as Person[]) {
      this.#deliver(people[who], {
        t: 'patch',
        id: `hello-${who}`,
        at: start,
        traits: { email: `${who}@mail.example` },
      });
    }
  }

  /** Of everybody who is somebody still. */
  get roots(): ProfileKey[] {
    return [...this.profiles].flatMap(([key, { movedTo, createdAt }]) =>
      movedTo === undefined && createdAt > 0 ? [key] : [],
    );
  }

  /** Ids of live segments. */
  get live(): { readonly id: string; readonly where: Predicate }[] {
    return [...this.catalog.live.inOrder];
  }

  evaluate(key: ProfileKey, predicate: Predicate, now = this.now): Evaluation {
    const profile = this.profiles.get(key)!;
    const facts = factsOf({ profile, catalog: this.catalog, now }, { entry: {}, fields: {} });
    return evaluatePredicate(predicate, this.#fault === 'a window ends a moment late' ? late(facts) : facts);
  }

  act(act: Act): void {
    this.#serial += 1;
    // Nothing happens at the very same instant.
    this.now += 1;
    const { now } = this;
    const id = `r${this.#serial}`;
    switch (act.do) {
      case 'event': {
        const at = now - act.lateMinutes * MINUTE_MS;
        this.#event(people[act.who], { kind: 'track', name: act.name, at, data: { n: act.n } });
        break;
      }
      case 'plan':
        this.#deliver(people[act.who], { t: 'patch', id, at: now, traits: { plan: act.plan } });
        break;
      case 'consent': {
        const consent = { channel: 'email', topic: 'news', state: act.state, at: now, source: 'test' } as const;
        this.#deliver(people[act.who], { t: 'consent', id, at: now, consents: [consent] });
        break;
      }
      case 'message': {
        const record = { t: 'message', id, at: now, template: 'hello', topic: 'account', properties: {} } as const;
        const message = this.#deliver(people[act.who], record);
        if (message === undefined || act.becomes === 'sent') break;
        const said = { message, outcome: 'not-sent', channel: 'email', topic: 'account', decidedAt: now } as const;
        this.now += 1_000;
        this.#deliver(people[act.who], { t: 'outcome', id: `${id}-o`, at: this.now, ...said });
        break;
      }
      case 'receipt': {
        const about = { message: 'm', channel: 'email', topic: 'news', was: act.was } as const;
        this.#deliver(people[act.who], { t: 'receipt', id, at: now, ...about, ...(act.machine && { machine: true }) });
        break;
      }
      case 'merge':
        if (act.other !== act.who) {
          const link = { userId: act.who, previousId: act.other };
          this.#event(people[act.who], { kind: 'alias', name: 'Alias Created', at: now, data: {}, ...link });
        }
        break;
      case 'pass':
        this.#pass(act.minutes * MINUTE_MS);
        break;
      case 'publish':
        this.#publish();
        break;
    }
  }

  #pass(ms: number): void {
    const end = this.now + ms;
    const next = () => this.#wakes.sort((a, b) => a.due - b.due)[0];
    for (let wake = next(); wake !== undefined && wake.due <= end; wake = next()) {
      this.#wakes.shift();
      this.now = Math.max(this.now, wake.due);
      if (this.#fault === 'nobody is woken') continue;
      this.#deliver(wake.key, { t: 'wake', id: `w${wake.due}`, due: wake.due });
      this.onWake();
    }
    this.now = end;
  }

  #publish(): void {
    const before = this.#snapshot;
    const known = (before.segments ?? []).flatMap((one) => whereOf(one) ?? []);
    const more = this.#later.filter((one) => !known.includes(one));
    const was = this.catalog;
    this.#snapshot = snapshotOf([...known, ...more], before.epoch + 1, before);
    this.catalog = compileCatalog(this.#snapshot);
    const look = { t: 'wake', id: `l${this.#serial}`, due: this.now, epoch: this.catalog.epoch } as const;
    for (const key of this.roots) this.#deliver(key, look);
    const clauses = newClauses(was, this.catalog);
    if (clauses.length === 0) return;
    const fill = { t: 'fill', id: `f${this.#serial}`, epoch: this.catalog.epoch, clauses, isNew: true } as const;
    for (const key of this.profiles.keys()) this.#deliver(key, fill);
  }

  #event(key: ProfileKey, part: Omit<CustomerEvent, 'id' | 'sent' | 'context'>): void {
    const event = { id: `e${this.#serial}`, sent: formatInstant(this.now), context: {}, ...part };
    this.#deliver(key, { t: 'event', event });
  }

  /** Undefined, or the id of the message that was decided. */
  #deliver(to: ProfileKey, first: MailRecord): string | undefined {
    const mail: { readonly to: ProfileKey; readonly record: MailRecord }[] = [{ to, record: first }];
    let message: string | undefined;
    for (let next = mail.shift(); next !== undefined; next = mail.shift()) {
      const { to: key, record } = next;
      const before = this.profiles.get(key) ?? emptyProfile;
      const frozen = record.t === 'absorb' ? this.profiles.get(record.from) : undefined;
      const past = record.t === 'fill' && before.movedTo === undefined ? this.#past(key, before) : undefined;
      const decision = decide(before, key, record, this.catalog, this.now, frozen, [], past);
      this.profiles.set(key, this.#spoilt(before, decision.profile, record));
      this.#cross(key, record, decision);
      message ??= decision.reasons.find(({ code }) => code === 'message.decided')?.message;
      if (!decision.forwarded && record.t !== 'fill') {
        this.#write(key, record, decision.changed ? 'moved' : 'inert', decision.reasons);
        this.naive.take(key, record, this.now, decision.reasons);
      }
      for (const effect of decision.effects) {
        if (effect.e === 'mail') mail.push({ to: effect.to, record: effect.record });
        if (effect.e === 'wake') this.#wakes.push({ key, due: effect.due });
      }
    }
    return message;
  }

  /** Nobody comes in twice, and nobody leaves who is not in; who was in on either side of a merge is in. */
  #cross(key: ProfileKey, record: MailRecord, { reasons }: Decision): void {
    const inside = this.crossed.get(key) ?? new Set<string>();
    this.crossed.set(key, inside);
    for (const { code, saw } of reasons) {
      // What time alone has done until then comes before it.
      if (code === 'merge.absorbed' && record.t === 'absorb') {
        for (const one of this.crossed.get(record.from) ?? []) inside.add(one);
      }
      const change = /^segment\.(entered|found|left|lost)$/.exec(code)?.[1];
      if (change === undefined) continue;
      const { segment } = saw as { readonly segment: string };
      const isIn = change === 'entered' || change === 'found';
      if (inside.has(segment) === isIn) throw new Error(`${segment}: ${change} twice`);
      if (isIn) inside.add(segment);
      else inside.delete(segment);
    }
  }

  #write(key: ProfileKey, record: MailRecord, st: 'moved' | 'inert', why: JournalEntry['why']): void {
    if (!['event', 'message', 'outcome', 'receipt'].includes(record.t)) return;
    const told = record as ToldRecord;
    this.#journal.push({ key, jk: toldKey(told), v: 1, st, t: told.t, in: inputOf(told), why, at: this.now });
  }

  #past(key: ProfileKey, { aliases }: Profile) {
    const own = new Set([key, ...aliases]);
    return pastOf(
      this.#journal.filter((entry) => own.has(entry.key)),
      0,
    );
  }

  #spoilt(before: Profile, after: Profile, record: MailRecord): Profile {
    const entries = Object.entries(after.seen);
    if (
      this.#fault === 'an occurrence is lost' &&
      record.t === 'event' &&
      digest(record.event.id).charCodeAt(0) % 5 === 0
    ) {
      return { ...after, seen: before.seen };
    }
    if (this.#fault === 'a merge forgets' && record.t === 'absorb') return { ...after, seen: before.seen };
    if (this.#fault === 'a fill adds' && record.t === 'fill') {
      const twice = entries.map(([id, one]) => [
        id,
        { ...one, times: [...one.times, ...one.times], total: one.total * 2 },
      ]);
      return { ...after, seen: Object.fromEntries(twice) };
    }
    return after;
  }
}

/** Everything that has been at most a second ago in a window still is. */
const late = (facts: Facts): Facts => ({
  ...facts,
  occurrences: (clause) => {
    const seen = facts.occurrences(clause);
    return seen && { ...seen, times: seen.times.map((one) => ({ ...one, at: one.at + 1_000 })) };
  },
});

/** Of the last one nobody had asked when it all began. */
const computed = [
  { id: 'a-recently', function: 'count', of: { event: 'A' }, within: 'P2D' },
  { id: 'b-ever', function: 'count', of: { event: 'B' }, within: 'ever' },
  { id: 'a-spent', function: 'sum', of: { event: 'A', property: 'n' }, within: 'P7D' },
].map((one) => ComputedTrait.parse({ schemaVersion: 1, name: one.id, ...one }));

function snapshotOf(predicates: readonly Predicate[], epoch: number, before?: CatalogSnapshot): CatalogSnapshot {
  const segments = predicates.map((where, i) =>
    Segment.parse({ schemaVersion: 1, id: `s${i}`, name: 's', where, live: true }),
  );
  const epochs = segments.map(({ id }) => [id, before?.segmentEpochs?.[id] ?? epoch] as const);
  return {
    epoch,
    segmentEpochs: Object.fromEntries(epochs),
    computedTraits: epoch === 1 ? computed.slice(0, 2) : computed,
    journeys: [],
    templates: [{ id: 'hello', version: 1, document: template('hello', ['email']) }],
    topics: [
      { id: 'account', kind: 'transactional', consent: {} },
      { id: 'news', kind: 'marketing', consent: { email: 'opt-out' } },
    ],
    endpoints: [],
    segments,
    policy: { schemaVersion: 1, zone: ZONE, locale: 'en', quietHours: [], caps: [] },
  };
}
