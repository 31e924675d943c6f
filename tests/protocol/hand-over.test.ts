import { describe, expect, it } from 'vitest';
import { catalogCache } from '../../shared/app/catalog-cache.ts';
import { type EvaluatePorts, evaluate } from '../../shared/app/evaluate.ts';
import { Leases } from '../../shared/app/leases.ts';
import type {
  HandResult,
  MessageRecord,
  OutgoingMail,
  QueuedMessage,
  StoredProfile,
  WakeRequest,
} from '../../shared/app/ports.ts';
import { sendMessage } from '../../shared/app/send.ts';
import type { CatalogSnapshot, JourneyState } from '../../shared/domain/catalog.ts';
import { compileCatalog, withVersions } from '../../shared/domain/compiled-catalog.ts';
import type { CustomerEvent } from '../../shared/domain/customer-event.ts';
import { decide, isPaused, neededVersions } from '../../shared/domain/decide.ts';
import type { MailRecord } from '../../shared/domain/mail-record.ts';
import { asksOfDelivery } from '../../shared/domain/messaging/asked-deliveries.ts';
import { Transient } from '../../shared/kernel/errors.ts';
import { type ProfileKey, profileKey } from '../../shared/kernel/ids.ts';
import { MINUTE_MS, SECOND_MS } from '../../shared/kernel/time.ts';
import { journey, message, World } from '../domain/engine/world.ts';
import {
  type JournalItems,
  memoryCarried,
  memoryCounters,
  memoryJournal,
  memoryMessages,
  memoryPast,
  memoryProfiles,
} from './memory-stores.ts';

/**
 * Between two functions: what `send` reports, given to `evaluate` as it is, and a catalog that each container has seen
 * at a time of its own. A mailbox that remembers ids for five minutes, as SQS does.
 */
class Rig {
  now = Date.UTC(2026, 10, 22, 9);
  snapshot: CatalogSnapshot;
  readonly queue: { readonly copy: string; readonly body: QueuedMessage }[] = [];
  readonly wakes: WakeRequest[] = [];
  readonly handed: string[] = [];
  readonly journal: JournalItems = new Map();
  readonly ports: EvaluatePorts;
  readonly #profiles = new Map<string, StoredProfile>();
  readonly #claims = new Map<string, MessageRecord>();
  readonly #mail: { readonly key: ProfileKey; readonly records: readonly MailRecord[] }[] = [];
  readonly #sentAt = new Map<string, number>();
  #serial = 0;

  constructor(body: Parameters<typeof journey>[0]) {
    this.snapshot = new World({ journeys: [journey(body)] }).catalog.snapshot;
    this.ports = {
      clock: () => this.now,
      metrics: { count: () => undefined },
      rules: { decide, neededVersions, isPaused, asksOfDelivery },
      catalogs: this.container(),
      stats: { add: async () => undefined },
      permits: new Leases(memoryCounters(), () => this.now),
      suppressions: { put: async () => undefined },
      consents: { put: async () => undefined },
      profiles: memoryProfiles(this.#profiles),
      journal: memoryJournal(this.journal),
      carried: memoryCarried(this.#claims),
      past: memoryPast(this.journal, 90, this.#claims),
      mailbox: { send: async (mails) => this.#post(mails) },
      messageQueues: {
        send: async (messages) => {
          for (const body of messages) this.queue.push({ copy: `c${++this.#serial}`, body });
          return [];
        },
      },
      timers: {
        arm: async (wakes) => {
          this.wakes.push(...wakes);
          return [];
        },
      },
    };
  }

  /** A container's own view of the catalog, seconds old. */
  container() {
    return catalogCache({
      store: {
        readEpoch: async () => this.snapshot.epoch,
        readSnapshot: async () => this.snapshot,
        readJourneyVersions: async () => [],
      },
      compile: compileCatalog,
      extend: withVersions,
      now: () => this.now,
    });
  }

  become(state: JourneyState): void {
    const journeys = this.snapshot.journeys.map((one) => ({ ...one, state }));
    this.snapshot = { ...this.snapshot, epoch: this.snapshot.epoch + 1, journeys };
  }

  profile(key: ProfileKey) {
    return this.#profiles.get(key)!.profile;
  }

  get reasons(): string[] {
    return [...this.journal.values()].flatMap(({ entry }) => entry.why.map(({ code }) => code));
  }

  event(part: Partial<CustomerEvent>): MailRecord {
    const id = `e${++this.#serial}`;
    const event = { id, sent: id, at: this.now, kind: 'track', name: 'Signed Up', data: {}, context: {} } as const;
    return { t: 'event', event: { ...event, ...part } };
  }

  /** Somebody with an address signs up. */
  signUp(who: Partial<CustomerEvent>): Promise<void> {
    const identify = { kind: 'identify', name: 'Identified', data: { email: 'ann@example.com' } } as const;
    const key = who.userId === undefined ? profileKey('anonymous', who.anonymousId!) : profileKey('user', who.userId);
    return this.tell(key, this.event({ ...identify, ...who }), this.event(who));
  }

  async tell(key: ProfileKey, ...records: MailRecord[]): Promise<void> {
    this.#mail.push({ key, records });
    await this.pump();
  }

  wake(key: ProfileKey): Promise<void> {
    return this.tell(key, { t: 'wake', id: `w${++this.#serial}`, due: this.now });
  }

  /** Everything that lies in the mailbox, in order. */
  async pump(): Promise<void> {
    for (let mail = this.#mail.shift(); mail !== undefined; mail = this.#mail.shift()) {
      const { key, records } = mail;
      const delivery = { id: 'd', receives: 1, mail: { schema: 1, key, received: this.now, hop: 0, records } } as const;
      for (const { error } of await evaluate([delivery], this.ports)) throw error;
    }
  }

  send({ copy, body }: Rig['queue'][number], result: HandResult) {
    return sendMessage(
      { ...body, receives: 1, by: `by${++this.#serial}`, copy },
      {
        clock: () => this.now,
        metrics: { count: () => undefined },
        mailbox: { send: async (mails) => this.#post(mails) },
        messages: memoryMessages(this.#claims),
        profiles: memoryProfiles(this.#profiles),
        hand: async ({ id }) => {
          if ('holdUntil' in result) return result;
          const call = async () => {
            this.handed.push(id);
            return result;
          };
          return { renderedAt: this.now, call };
        },
      },
    );
  }

  #post(mails: readonly OutgoingMail[]): [] {
    for (const { id, mail } of mails) {
      const name = `${mail.key}>${id}`;
      const before = this.#sentAt.get(name);
      if (before !== undefined && this.now - before < 5 * MINUTE_MS) continue;
      this.#sentAt.set(name, this.now);
      this.#mail.push({ key: mail.key, records: mail.records });
    }
    return [];
  }
}

const ann = profileKey('user', 'ann');
const held = { holdUntil: 0, why: 'journey.paused' } as const;
const handed = { handed: 'p' } as const;

describe('a message that send holds', () => {
  it('G7, G9: of a last step goes later, when the journey does', async () => {
    const rig = new Rig({ steps: { a: message() } });
    await rig.signUp({ userId: 'ann' });
    rig.become('paused');
    expect(await rig.send(rig.queue.shift()!, held)).toBe('ack');
    await rig.pump();
    rig.now += 2 * MINUTE_MS;
    await rig.wake(ann);
    expect(rig.queue).toHaveLength(0);
    rig.become('live');
    await rig.wake(ann);
    await rig.send(rig.queue.shift()!, handed);
    expect(rig.handed).toHaveLength(1);
  });

  it('G3: one visit is not handed over twice, although a merge gives the message another id', async () => {
    const rig = new Rig({ steps: { a: message('w'), w: { type: 'wait', for: 'P3D', next: 'end' } } });
    await rig.signUp({ anonymousId: 'phone' });
    const first = rig.queue.shift()!;
    // It reports, and dies before it is deleted from the queue.
    await rig.send(first, held);
    await rig.pump();
    await rig.tell(ann, rig.event({ kind: 'identify', name: 'Identified', userId: 'ann', anonymousId: 'phone' }));
    rig.now += 2 * MINUTE_MS;
    await rig.wake(ann);
    await rig.send(rig.queue.shift()!, handed);
    rig.now += MINUTE_MS;
    expect(await rig.send(first, handed)).toBe('ack');
    expect(rig.handed).toHaveLength(1);
  });

  it('G7: the answer that a run waits for is not swallowed by a second copy of what was held', async () => {
    const exit = (reason: string) => ({ type: 'exit', reason }) as const;
    const steps = { a: { ...message('sent'), failed: 'broken' }, sent: exit('sent'), broken: exit('broken') };
    const rig = new Rig({ steps });
    await rig.signUp({ userId: 'ann' });
    const first = rig.queue.shift()!;
    await rig.send(first, held);
    await rig.pump();
    rig.now += 30 * SECOND_MS;
    expect(await rig.send({ ...first, copy: 'again' }, handed)).toBe('ack');
    await rig.pump();
    rig.now = rig.wakes.at(-1)!.due;
    await rig.wake(ann);
    await rig.send(rig.queue.shift()!, handed);
    await rig.pump();
    expect(rig.handed).toHaveLength(1);
    expect(rig.reasons).toContain('exit.sent');
  });
});

describe('a catalog that is seconds old', () => {
  const steps = { w: { type: 'wait', for: 'PT1H', next: 'a' }, a: message() };

  it('G6: a wake that comes right after the resumption is not taken for one of the pause', async () => {
    const rig = new Rig({ steps });
    await rig.signUp({ userId: 'ann' });
    const { due } = rig.wakes[0]!;
    rig.become('paused');
    rig.now = due - SECOND_MS;
    await rig.ports.catalogs.current(0, []);
    rig.become('live');
    rig.now = due;
    await rig.wake(ann);
    expect(rig.queue).toHaveLength(1);
  });

  it('G6: nor is a run held that comes to its next step right after it', async () => {
    const rig = new Rig({ steps: { ...steps, a: message('w2'), w2: { type: 'wait', for: 'P1D', next: 'end' } } });
    await rig.signUp({ userId: 'ann' });
    rig.now = rig.wakes[0]!.due;
    rig.become('paused');
    rig.now += 10 * SECOND_MS;
    await rig.wake(ann);
    expect(rig.queue).toHaveLength(0);
    rig.become('live');
    await rig.wake(ann);
    expect(rig.queue).toHaveLength(1);
    expect(Object.values(rig.profile(ann).runs)).toMatchObject([{ step: 'w2', stand: 'wait' }]);
  });
});

describe('an outage', () => {
  it('G1: parks nobody, also when it keeps tries from being taken back', async () => {
    const rig = new Rig({ steps: { a: message() } });
    const record = rig.event({ userId: 'ann' });
    const broken: EvaluatePorts = {
      ...rig.ports,
      journal: { ...rig.ports.journal, forgetTries: () => Promise.reject(new Transient('aws.Throttling', 'x')) },
    };
    const mail = { schema: 1, key: ann, received: rig.now, hop: 0, records: [record] } as const;
    for (let receives = 4; receives < 9; receives++) {
      expect(await evaluate([{ id: 'd', receives, mail }], broken)).toHaveLength(1);
    }
    expect(await evaluate([{ id: 'd', receives: 9, mail }], rig.ports)).toEqual([]);
    expect(rig.reasons).toContain('entry.entered');
  });
});
