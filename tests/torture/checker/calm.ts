import { toldKey } from '../../../shared/app/journal-key.ts';
import { type CompiledCatalog, compileCatalog } from '../../../shared/domain/compiled-catalog.ts';
import { ComputedTrait } from '../../../shared/domain/computed-traits/computed-trait.ts';
import { decide } from '../../../shared/domain/decide.ts';
import type { Effect } from '../../../shared/domain/decision.ts';
import { Journey } from '../../../shared/domain/journeys/journey.ts';
import type { MailRecord } from '../../../shared/domain/mail-record.ts';
import { Policy } from '../../../shared/domain/messaging/policy.ts';
import { Template } from '../../../shared/domain/messaging/template.ts';
import { Topic } from '../../../shared/domain/messaging/topic.ts';
import { packProfile, unpackProfile } from '../../../shared/domain/profiles/pack-stored.ts';
import { emptyProfile, type Profile } from '../../../shared/domain/profiles/profile.ts';
import type { ProfileKey } from '../../../shared/kernel/ids.ts';
import { formatInstant, MINUTE_MS, parseInstant } from '../../../shared/kernel/time.ts';
import { readSegmentRequest } from '../../../shared/wire/segment.ts';
import type { Library } from '../documents.ts';
import type { WireEvent } from '../population.ts';
import type { Commit } from '../witness.ts';
import type { Row } from './check-messages.ts';
import { certificateOf } from './check-stuck.ts';

/** The documents of a library, as an environment has them after all of them were published. */
export function catalogOf({ savings, journeys }: Library, ids: readonly string[]): CompiledCatalog {
  const of = (kind: string) => savings.filter(({ path }) => path.startsWith(kind)).map(({ document }) => document);
  const { id: _, ...policy } = of('policy')[0]!;
  return compileCatalog({
    epoch: 1,
    policy: Policy.parse(policy),
    topics: of('topics/').map((one) => Topic.parse(one)),
    endpoints: [],
    computedTraits: of('computed-traits/').map((one) => ComputedTrait.parse(one)),
    templates: of('templates/').map((one) => ({ id: one.id, version: 1, document: Template.parse(one) })),
    journeys: journeys
      .filter(({ id }) => ids.includes(id))
      .map((one) => ({ id: one.id, state: 'live', version: 1, document: Journey.parse(one) })),
  });
}

/** What is left out or done twice, as a fault that the product did not survive would leave it. */
export interface Plant {
  /** This event is promised, and never decided. */
  readonly lost?: string;
  /** This event is decided, and once more. */
  readonly doubled?: string;
  /** Nobody is told of the timers of the first who waits. */
  readonly timersLost?: true;
}

/** A world in which nothing goes wrong: what a witness would have seen, and what the tables would hold. */
export class Calm {
  readonly commits: Commit[] = [];
  readonly rows: Row[] = [];
  readonly captured: { messageId: string; at: string }[] = [];
  readonly certificates = new Map<string, number>();
  readonly #catalog: CompiledCatalog;
  readonly #plant: Plant;
  readonly #docs = new Map<ProfileKey, { readonly doc: string; readonly version: number }>();
  readonly #mail = new Map<string, MailRecord>();
  readonly #coming: { readonly key: ProfileKey; readonly record: MailRecord }[] = [];
  readonly #wakes: { readonly key: ProfileKey; readonly due: number }[] = [];
  #lost: ProfileKey | undefined;

  constructor(catalog: CompiledCatalog, plant: Plant = {}) {
    this.#catalog = catalog;
    this.#plant = plant;
  }

  recordsOf = (key: ProfileKey, jk: string): readonly MailRecord[] => {
    const record = this.#mail.get(`${key} ${jk}`);
    return record === undefined ? [] : [record];
  };

  live(events: readonly WireEvent[], until: number): void {
    for (const event of events) {
      const at = parseInstant(event.timestamp)!;
      this.#wakeUntil(at);
      if (event.messageId === this.#plant.lost) continue;
      const times = event.messageId === this.#plant.doubled ? 2 : 1;
      const { accepted } = readSegmentRequest({ to: 'batch' }, { batch: [event], sentAt: event.timestamp }, at);
      for (let time = 0; time < times; time++) {
        for (const { key, event: canonical } of accepted) this.#happen(key, { t: 'event', event: canonical }, at);
      }
    }
    this.#wakeUntil(until);
  }

  #wakeUntil(instant: number): void {
    for (;;) {
      this.#wakes.sort((a, b) => a.due - b.due);
      const [first] = this.#wakes;
      if (first === undefined || first.due > instant) return;
      this.#wakes.shift();
      this.#lost ??= first.key;
      if (this.#plant.timersLost && this.#lost === first.key) continue;
      this.#happen(first.key, { t: 'wake', id: `wake-${first.due}`, due: first.due }, first.due);
    }
  }

  #happen(key: ProfileKey, record: MailRecord, at: number): void {
    this.#coming.push({ key, record });
    for (let one = this.#coming.shift(); one !== undefined; one = this.#coming.shift()) {
      this.#decide(one.key, one.record, at);
    }
  }

  #profileOf(key: ProfileKey): Profile {
    const doc = this.#docs.get(key)?.doc;
    return doc === undefined ? emptyProfile : unpackProfile(JSON.parse(doc));
  }

  #decide(key: ProfileKey, record: MailRecord, at: number): void {
    const { version } = this.#docs.get(key) ?? { version: 0 };
    const frozen = record.t === 'absorb' ? this.#profileOf(record.from) : undefined;
    const decision = decide(this.#profileOf(key), key, record, this.#catalog, at, frozen);
    const { profile, changed, effects, reasons } = decision;
    if (changed) {
      const next = { doc: JSON.stringify(packProfile(profile)), version: version + 1 };
      const jk = record.t === 'event' ? toldKey(record) : `${at}|${record.t}|${next.version}`;
      const ids = [{ jk, st: 'moved', t: record.t, why: reasons }] as const;
      this.#mail.set(`${key} ${jk}`, record);
      this.#docs.set(key, next);
      this.certificates.set(certificateOf(key, jk), next.version);
      this.commits.push({ key, ...next, at, epoch: 1, pending: { ids, last: jk, eff: effects } });
    }
    for (const effect of effects) this.#perform(key, effect, at);
  }

  #perform(key: ProfileKey, effect: Effect, at: number): void {
    if (effect.e === 'mail') this.#coming.push({ key: effect.to, record: effect.record });
    if (effect.e === 'wake') this.#wakes.push({ key, due: Math.max(effect.due, at + MINUTE_MS / 60) });
    if (effect.e !== 'message') return;
    const { id, channel } = effect.message;
    this.captured.push({ messageId: id, at: formatInstant(at) });
    this.rows.push({ id, st: 'sent', channel });
  }
}
