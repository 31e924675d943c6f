import { expect } from 'vitest';
import { Segment } from '../../../shared/domain/audiences/segment.ts';
import type { CatalogSnapshot, JourneyState, JourneyVersion } from '../../../shared/domain/catalog.ts';
import { type CompiledCatalog, compileCatalog, withVersions } from '../../../shared/domain/compiled-catalog.ts';
import { ComputedTrait } from '../../../shared/domain/computed-traits/computed-trait.ts';
import type { CustomerEvent } from '../../../shared/domain/customer-event.ts';
import { decide, neededVersions } from '../../../shared/domain/decide.ts';
import type { Decision, MessageRequest, Reason } from '../../../shared/domain/decision.ts';
import { ARM_WITHIN_MS } from '../../../shared/domain/journeys/engine/date-entries.ts';
import { Journey } from '../../../shared/domain/journeys/journey.ts';
import { Moves } from '../../../shared/domain/journeys/plans/moves.ts';
import { type MailRecord, maxHops } from '../../../shared/domain/mail-record.ts';
import { Policy } from '../../../shared/domain/messaging/policy.ts';
import { Template } from '../../../shared/domain/messaging/template.ts';
import { Topic } from '../../../shared/domain/messaging/topic.ts';
import { WebhookEndpoint } from '../../../shared/domain/messaging/webhook-endpoint.ts';
import type { Permit } from '../../../shared/domain/permit.ts';
import { keyOfNamed } from '../../../shared/domain/profiles/named-id.ts';
import { datesDue, emptyProfile, nextDue, type Profile, type Run } from '../../../shared/domain/profiles/profile.ts';
import { comparedWith, type Statistics } from '../../../shared/domain/statistics/statistics.ts';
import type { Json } from '../../../shared/kernel/canonical-json.ts';
import { type ProfileKey, profileKey } from '../../../shared/kernel/ids.ts';
import { DAY_MS, formatInstant, parseInstant } from '../../../shared/kernel/time.ts';
import { Counters } from '../../../shared/simulation/counters.ts';

/** A journey that needs to say only what its test is about; the schema checks it. */
export function journey(body: {
  readonly steps: { readonly [id: string]: object };
  readonly [key: string]: unknown;
}): Journey {
  return Journey.parse({
    schemaVersion: 1,
    id: 'welcome',
    name: 'Welcome',
    topic: 'news',
    entry: [{ on: 'event', event: 'Signed Up' }],
    reentry: { again: 'never', whileInside: 'ignore' },
    start: Object.keys(body.steps)[0]!,
    ...body,
  });
}

const segmentOf = (id: string, said: string | object): Segment =>
  Segment.parse({ schemaVersion: 1, id, name: id, ...(typeof said === 'string' ? { where: said } : said) });

export const message = (next = 'end', more: object = {}) =>
  ({ type: 'message', template: 'hello', channels: ['email'], next, ...more }) as const;

export function template(
  id: string,
  channels: readonly string[] = ['email', 'sms', 'push'],
  variables: object = {},
): Template {
  const variants = channels.map((channel) => ({ channel, content: { text: 'Hello' } }));
  return Template.parse({ schemaVersion: 1, id, variables, variants });
}

const topics = [
  { id: 'news', kind: 'marketing', consent: { email: 'opt-out', sms: 'opt-in', push: 'opt-out' } },
  { id: 'account', kind: 'transactional', consent: {} },
].map((topic) => Topic.parse(topic));

export interface Setting {
  readonly journeys?: readonly Journey[];
  readonly templates?: readonly Template[];
  readonly topics?: readonly Topic[];
  /** On demand, or what else the document says. */
  readonly segments?: { readonly [id: string]: string | object };
  /** Without `schemaVersion` and name. */
  readonly computed?: readonly { readonly id: string; readonly [field: string]: unknown }[];
  readonly statistics?: Statistics;
  readonly policy?: Partial<Policy>;
  readonly at?: string;
  /** Journeys that are published as a dry run. */
  readonly dryRuns?: readonly string[];
  readonly endpoints?: readonly WebhookEndpoint[];
}

/**
 * Actors, their mail, their timers and a clock, with nothing else in between: what the protocol does with the
 * decision core, without faults. Every decision is made twice and compared byte by byte, and laws that hold for all
 * of them are checked on the way.
 */
export class World {
  now: number;
  epoch = 1;
  /** The daily sweep comes then, which matters to days that traits name. */
  nextSweep: number;
  catalog: CompiledCatalog;
  readonly profiles = new Map<ProfileKey, Profile>();
  readonly messages: MessageRequest[] = [];
  readonly reasons: Reason[] = [];
  /** `journey what`, but for paths. */
  readonly counts: string[] = [];
  readonly pathCounts: string[] = [];
  readonly decisions: { readonly at: number; readonly record: MailRecord; readonly decision: Decision }[] = [];
  readonly suppressed: string[] = [];
  readonly counters = new Counters();
  #snapshot: CatalogSnapshot;
  readonly #old: JourneyVersion[] = [];
  #wakes: { readonly key: ProfileKey; readonly due: number }[] = [];
  /** Under way between actors; `deliver` empties it, tests of interleavings take from it as they like. */
  readonly mail: { readonly to: ProfileKey; readonly record: MailRecord; readonly hop?: number }[] = [];
  #hop = 0;
  #serial = 0;

  constructor(setting: Setting = {}) {
    this.now = instant(setting.at ?? '2026-11-22T10:00:00Z');
    this.nextSweep = this.now + DAY_MS / 2;
    this.#snapshot = {
      epoch: this.epoch,
      journeys: (setting.journeys ?? []).map((document) => ({
        id: document.id,
        state: 'live',
        version: 1,
        document,
        ...(setting.dryRuns?.includes(document.id) && { dryRun: true }),
      })),
      templates: (setting.templates ?? [template('hello')]).map((document) => ({
        id: document.id,
        version: 1,
        document,
      })),
      topics: setting.topics ?? topics,
      ...(setting.computed !== undefined && {
        computedTraits: setting.computed.map((one) => ComputedTrait.parse({ schemaVersion: 1, name: one.id, ...one })),
        computedEpochs: Object.fromEntries(setting.computed.map(({ id }) => [id, 1])),
      }),
      ...(setting.statistics !== undefined && { statistics: setting.statistics }),
      segments: Object.entries(setting.segments ?? {}).map(([id, said]) => segmentOf(id, said)),
      segmentEpochs: Object.fromEntries(Object.keys(setting.segments ?? {}).map((id) => [id, 1])),
      endpoints: setting.endpoints ?? [WebhookEndpoint.parse({ id: 'crm', url: 'https://crm.example.com/hook' })],
      policy: Policy.parse({
        schemaVersion: 1,
        zone: 'UTC',
        locale: 'en',
        quietHours: [],
        caps: [],
        ...setting.policy,
      }),
    };
    this.catalog = compileCatalog(this.#snapshot);
  }

  /** A newer version goes live, or the journey changes its state. */
  publish(
    document: Journey,
    state: JourneyState = 'live',
    { moves, dryRun }: { readonly moves?: Moves; readonly dryRun?: true } = {},
  ): void {
    const before = this.#snapshot.journeys.find((one) => one.id === document.id);
    if (before !== undefined) this.#old.push({ id: before.id, version: before.version, document: before.document });
    const version = (before?.version ?? 0) + 1;
    const plan = moves && [{ id: `plan-${version}`, version, at: this.now, moves: Moves.parse(moves) }];
    const plans = [...(before?.plans ?? []), ...(plan ?? [])];
    this.#change(document.id, { state, version, document, plans, ...(dryRun && { dryRun }) });
  }

  /** @param overdueUntil what was due until then is passed over */
  set(id: string, state: JourneyState, overdueUntil?: number): void {
    const { id: _, overdueUntil: _past, ...before } = this.#snapshot.journeys.find((one) => one.id === id)!;
    this.#change(id, { ...before, state, ...(overdueUntil !== undefined && { overdueUntil }) });
  }

  /** Those of another night, saved as the job does; nobody is told. */
  saveStatistics(statistics: Statistics): void {
    this.epoch += 1;
    this.#snapshot = {
      ...this.#snapshot,
      epoch: this.epoch,
      statistics: comparedWith(this.#snapshot.statistics, statistics),
      statisticsEpoch: this.epoch,
    };
    this.catalog = compileCatalog(this.#snapshot);
  }

  /** It is saved anew; nobody is told. */
  saveSegment(id: string, said: string | object): void {
    const others = this.#snapshot.segments!.filter((one) => one.id !== id);
    this.epoch += 1;
    this.#snapshot = {
      ...this.#snapshot,
      epoch: this.epoch,
      segments: [...others, segmentOf(id, said)],
      segmentEpochs: { ...this.#snapshot.segmentEpochs, [id]: this.epoch },
    };
    this.catalog = compileCatalog(this.#snapshot);
  }

  #change(id: string, part: Omit<CatalogSnapshot['journeys'][number], 'id'>): void {
    const others = this.#snapshot.journeys.filter((one) => one.id !== id);
    this.epoch += 1;
    this.#snapshot = { ...this.#snapshot, epoch: this.epoch, journeys: [...others, { ...part, id }] };
    this.catalog = compileCatalog(this.#snapshot);
  }

  // ---- what clients do -----------------------------------------------------------------------------------------

  track(user: string, name: string, data: { [key: string]: Json } = {}, more: Partial<CustomerEvent> = {}): Decision {
    return this.event({ kind: 'track', name, userId: user, data, ...more });
  }

  identify(user: string, traits: { [key: string]: Json }, more: Partial<CustomerEvent> = {}): Decision {
    return this.event({ kind: 'identify', name: 'Identified', userId: user, data: traits, ...more });
  }

  alias(user: string, previousId: string): Decision {
    return this.event({ kind: 'alias', name: 'Alias Created', userId: user, previousId, data: {} });
  }

  event(part: Partial<CustomerEvent> & Pick<CustomerEvent, 'kind' | 'name'>): Decision {
    this.#serial += 1;
    const event: CustomerEvent = { id: `m-${this.#serial}`, sent: null, at: this.now, data: {}, context: {}, ...part };
    const { userId, anonymousId, named } = event;
    const key =
      userId !== undefined
        ? profileKey('user', userId)
        : anonymousId !== undefined
          ? profileKey('anonymous', anonymousId)
          : keyOfNamed(named![0]!);
    return this.deliver(key, { t: 'event', event });
  }

  tell(user: string, record: MailRecord): Decision {
    return this.deliver(profileKey('user', user), record);
  }

  enroll(user: string, journeyId: string, more: object = {}): Decision {
    this.#serial += 1;
    return this.tell(user, { t: 'enroll', id: `e-${this.#serial}`, at: this.now, journey: journeyId, ...more });
  }

  /** As `send` reports it: with where the message comes from and, of a held one, what it carried. */
  outcome(
    message: string,
    outcome: 'sent' | 'not-sent' | 'failed' | 'unknown',
    more: { readonly reason?: string; readonly [field: string]: unknown } = {},
  ): Decision {
    this.#serial += 1;
    const request = this.messages.findLast(({ id }) => id === message);
    const record = {
      t: 'outcome',
      id: `o-${this.#serial}`,
      at: this.now,
      message,
      outcome,
      ...(request && { decidedAt: request.decidedAt, channel: request.channel }),
      ...(request && request.webhook === undefined && { topic: request.topic }),
      ...(request?.origin && { origin: request.origin }),
      ...(more.reason?.startsWith('held.') && request && { values: request.values }),
      ...more,
    } as MailRecord;
    return this.deliver(message.slice(0, 23), record);
  }

  /** As a provider tells it: to the key that the message was sent for, which may have moved since. */
  receipt(message: string, was: 'delivered' | 'opened' | 'clicked' | 'bounced', more: object = {}): Decision {
    this.#serial += 1;
    const id = `r-${this.#serial}`;
    const request = this.messages.findLast((one) => one.id === message);
    const origin = request?.origin && { journey: request.origin.journey, step: request.origin.step };
    const about = { channel: request?.channel ?? 'email', ...(request && { topic: request.topic }), ...origin };
    const record = { t: 'receipt', id, at: this.now, message, ...about, was, ...more } as MailRecord;
    return this.deliver(message.slice(0, 23), record);
  }

  /** Lets time pass; what falls due on the way happens at its time. */
  pass(duration: number | string): void {
    this.until(
      this.now + (typeof duration === 'number' ? duration : spans[duration.slice(-1)]! * Number.parseInt(duration, 10)),
    );
  }

  until(end: number | string): void {
    const limit = typeof end === 'number' ? end : instant(end);
    for (;;) {
      const next = this.#wakes.reduce((a, { due }) => Math.min(a, due), this.nextSweep);
      if (next > limit) break;
      this.now = Math.max(this.now, next);
      if (next === this.nextSweep) {
        this.nextSweep += DAY_MS;
        this.sweepDays();
        continue;
      }
      const due = this.#wakes.filter((wake) => wake.due === next);
      this.#wakes = this.#wakes.filter((wake) => wake.due !== next);
      for (const { key } of due) this.wake(key, next);
    }
    this.now = limit;
  }

  wake(key: ProfileKey, due = this.now): Decision {
    this.#serial += 1;
    return this.deliver(key, { t: 'wake', id: `w-${this.#serial}`, due });
  }

  /** Everything overdue is woken, as the daily sweep does. */
  sweep(): void {
    for (const [key, profile] of this.profiles) {
      if (profile.movedTo === undefined && (nextDue(profile) ?? Infinity) <= this.now) this.wake(key);
    }
    this.sweepDays();
  }

  /** What the sweep does about days that traits name: who has one that is over is woken, those that come are armed. */
  sweepDays(): void {
    for (const [key, profile] of this.profiles) {
      if (profile.movedTo !== undefined) continue;
      if (datesDue(profile, 0, this.now + 1).length > 0) this.wake(key);
      const coming = datesDue(profile, this.now + 1, this.now + ARM_WITHIN_MS);
      this.#wakes.push(...coming.map((due) => ({ key, due })));
    }
  }

  // ---- the protocol, without faults ----------------------------------------------------------------------------

  deliver(to: ProfileKey, record: MailRecord): Decision {
    this.#hop = 0;
    const first = this.decide(to, record);
    while (this.mail.length > 0) this.#take(this.mail.shift()!);
    return first;
  }

  /** Mail of one profile arrives in order, but profiles do not wait for each other. */
  deliverOne(choice: number): void {
    const groups = [...new Set(this.mail.map(({ to }) => to))].sort();
    const to = groups[choice % groups.length]!;
    const [mail] = this.mail.splice(
      this.mail.findIndex((one) => one.to === to),
      1,
    );
    this.#take(mail!);
  }

  #take({ to, record, hop = 0 }: World['mail'][number]): void {
    this.#hop = hop;
    if (hop < maxHops) this.decide(to, record);
    else this.reasons.push({ code: 'record.too-many-hops' });
  }

  decide(key: ProfileKey, record: MailRecord): Decision {
    const before = this.profiles.get(key) ?? emptyProfile;
    const frozen = record.t === 'absorb' ? this.profiles.get(record.from) : undefined;
    const needed = [...neededVersions(before), ...(frozen ? neededVersions(frozen) : [])];
    const old = this.#old.filter(({ id, version }) =>
      needed.some((one) => one.journey === id && (one.version === version || this.#isPlanned(one, version))),
    );
    const catalog = withVersions(this.catalog, old);
    const again = compileCatalog(structuredClone(this.#snapshot), structuredClone(this.#old));
    const text = JSON.stringify(before);
    let permits: readonly Permit[] = [];
    const { decision } = this.counters.decide((given) => {
      permits = given;
      return decide(before, key, record, catalog, this.now, frozen, given);
    });
    const second = decide(
      structuredClone(before),
      key,
      structuredClone(record),
      again,
      this.now,
      structuredClone(frozen),
      structuredClone(permits),
    );
    expect(JSON.stringify(second), 'G5: the same input, the same bytes').toBe(JSON.stringify(decision));
    expect(JSON.stringify(before), 'what came in is not touched').toBe(text);
    expect(decision.changed, 'changed says whether it is another object').toBe(decision.profile !== before);
    this.profiles.set(key, decision.profile);
    this.decisions.push({ at: this.now, record, decision });
    this.reasons.push(...decision.reasons);
    for (const { journey: id, what } of decision.counts) {
      (/^(dry-run\/)?path\//.test(what) ? this.pathCounts : this.counts).push(`${id} ${what}`);
    }
    for (const effect of decision.effects) {
      if (effect.e === 'mail') {
        expect(effect.id).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
        this.mail.push({ to: effect.to, record: effect.record, hop: this.#hop + 1 });
      }
      if (effect.e === 'message') {
        expect(effect.message.id).toMatch(/^[A-Za-z0-9_-]{46}$/);
        this.messages.push(effect.message);
      }
      if (effect.e === 'wake') {
        if (record.t === 'absorb') expect(effect.due).toBeGreaterThanOrEqual(this.now);
        else expect(effect.due, 'no wait into the past').toBeGreaterThan(this.now);
        if (effect.due - this.now > 900_000) expect(effect.due % 60_000, 'whole minutes').toBe(0);
        this.#wakes.push({ key, due: effect.due });
      }
      if (effect.e === 'suppress') this.suppressed.push(`${effect.channel} ${effect.reason}`);
    }
    return decision;
  }

  /** As the catalog's cache does: who is on an older version may be moved to it. */
  #isPlanned(on: { readonly journey: string; readonly version: number }, version: number): boolean {
    const plans = this.#snapshot.journeys.find(({ id }) => id === on.journey)?.plans ?? [];
    return on.version < version && plans.some((plan) => plan.version === version);
  }

  // ---- what tests look at --------------------------------------------------------------------------------------

  profile(user: string): Profile {
    let key = profileKey('user', user);
    while (this.profiles.get(key)?.movedTo !== undefined) key = this.profiles.get(key)!.movedTo!;
    return this.profiles.get(key) ?? emptyProfile;
  }

  trait(user: string, name: string): Json | undefined {
    return this.profile(user).traits[name]?.value;
  }

  runs(user: string): Run[] {
    return Object.values(this.profile(user).runs);
  }

  run(user: string): Run {
    const runs = this.runs(user);
    expect(runs).toHaveLength(1);
    return runs[0]!;
  }

  /** Where the one run stands and until when. */
  standing(user: string): string {
    const { step, stand, due } = this.run(user);
    return `${step} ${stand}${due === undefined ? '' : ` ${formatInstant(due).slice(0, 16)}`}`;
  }

  codes(): string[] {
    return this.reasons.map((reason) => reason.code);
  }

  /** `step at time` of every message so far. */
  sent(): string[] {
    return this.messages.map(
      (one) => `${one.origin?.step ?? 'direct'} ${one.channel} ${formatInstant(one.decidedAt).slice(0, 16)}`,
    );
  }
}

const spans: { readonly [unit: string]: number } = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
export const instant = (text: string): number => parseInstant(text)!;
