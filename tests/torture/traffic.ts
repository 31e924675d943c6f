import type { CapturedMessage, FaultInjector, LocalCloud } from '../../local/cloud.ts';
import { chance } from '../../shared/kernel/ids.ts';
import { DAY_MS, SECOND_MS } from '../../shared/kernel/time.ts';
import type { Stop } from './checker/check-stops.ts';
import type { Client } from './client.ts';
import type { Operator } from './operator.ts';
import { type Deed, type WireEvent, wireEvent } from './population.ts';

const LANES = 6;
const MOST_IN_REQUEST = 120;
/** Each is stopped for the time between two slots, one after another. */
const stoppable = ['onboarding', 'trial', 'lead-nurture', 'cart-abandonment'];
const SLOTS_BETWEEN_STOPS = 5;

export interface Storm {
  readonly cloud: LocalCloud;
  readonly client: Client;
  readonly operator: Operator;
  readonly injector: FaultInjector;
  readonly seed: number;
  /** After each slot, when all is quiet. */
  readonly onSlot: () => Promise<void>;
  /** Nobody does anything any more from then on. */
  readonly isOver: () => boolean;
}

/**
 * Lets customers do what they do, in slots of three hours, while everything goes wrong: events over HTTP in several lanes
 * (each customer in one), late retries of what was accepted, opens, clicks, unsubscribes, redrives in between, and a clock
 * that jumps while work is going on.
 */
export class Traffic {
  readonly #storm: Storm;
  /** When which journey's kill switch was on. */
  readonly stops: Stop[] = [];
  #seen = 0;
  #follow = 0;

  constructor(storm: Storm) {
    this.#storm = storm;
  }

  async run(deeds: readonly Deed[], from: number, slotMs: number): Promise<void> {
    const slots = Map.groupBy(deeds, ({ at }) => Math.ceil((at - from) / slotMs));
    for (const slot of [...slots.keys()].sort((a, b) => a - b)) {
      if (this.#storm.isOver()) return;
      const goesOn = () => this.#until(from + slot * slotMs);
      await (slot % SLOTS_BETWEEN_STOPS === 0 ? this.#stopped(slot / SLOTS_BETWEEN_STOPS, goesOn) : goesOn());
      await this.#slot(slot, slots.get(slot)!);
    }
  }

  /** With the kill switch of a journey on (G9). */
  async #stopped(turn: number, act: () => Promise<void>): Promise<void> {
    const { cloud, client } = this.#storm;
    const journey = stoppable[turn % stoppable.length]!;
    const put = (on: boolean) =>
      client.command('PUT', `kill-switches/journey:${journey}`, { on }, `switch-${turn}-${on}`);
    await put(true);
    const from = cloud.now();
    await act();
    this.stops.push({ journey, from, to: cloud.now() });
    await put(false);
  }

  /** Not in one piece: what is due in between meets what has not come back yet. */
  async #until(instant: number): Promise<void> {
    const { cloud } = this.#storm;
    const left = instant - cloud.now();
    if (left <= 0) return;
    await cloud.advance(Math.floor(left * this.#roll('part', instant)));
    if (instant > cloud.now()) await cloud.advance(instant - cloud.now());
  }

  async #slot(slot: number, deeds: readonly Deed[]): Promise<void> {
    const { cloud, client, operator, injector, onSlot } = this.#storm;
    const events = [
      ...deeds.flatMap((deed) => (deed.do === 'event' ? [deed.event] : [])),
      ...(await this.#reactions()),
    ];
    const lanes = Map.groupBy(events, (event) => laneOf(event));
    const posting = Promise.all([...lanes.values()].map((lane) => this.#post(lane)));
    if (this.#roll('clock', slot) < 0.1) {
      injector.count('clock-step');
      cloud.step(Math.ceil(200 * SECOND_MS * this.#roll('jump', slot)));
    }
    await posting;
    await this.#repeat(slot);
    for (const deed of deeds) {
      if (deed.do !== 'consent') continue;
      const { userId, topic, state } = deed;
      const consents = [{ channel: 'email', topic, state, source: 'form' }];
      await client.command('PUT', `profiles/${userId}/consents`, { consents }, `consent-${userId}-${topic}-${state}`);
    }
    if (slot % 8 === 0) await operator.redrive();
    await cloud.settle();
    await onSlot();
  }

  async #post(events: readonly WireEvent[]): Promise<void> {
    for (let at = 0; at < events.length; at += MOST_IN_REQUEST) {
      await this.#storm.client.post(events.slice(at, at + MOST_IN_REQUEST));
    }
  }

  /** A client that has lost its notes sends again what was accepted long ago. */
  async #repeat(slot: number): Promise<void> {
    if (this.#roll('repeat', slot) > 0.3) return;
    const known = [...this.#storm.client.accepted.values()];
    const from = Math.floor(this.#roll('which', slot) * known.length);
    await this.#post(known.slice(from, from + 40).map(({ event }) => event));
  }

  /** What recipients have done with what has come since the last slot. */
  async #reactions(): Promise<WireEvent[]> {
    const { cloud, client } = this.#storm;
    const all = cloud.messages();
    const fresh = all.slice(this.#seen).filter(({ channel }) => channel === 'email');
    this.#seen = all.length;
    const events: WireEvent[] = [];
    for (const message of fresh) {
      const roll = this.#roll('reaction', message.messageId ?? '');
      const provider = cloud.provider('email');
      if (roll < 0.35) provider.play(message, { type: 'open' });
      if (roll < 0.15) {
        provider.play(message, { type: 'click', link: 'https://shop.example/' });
        events.push(...this.#followed(message));
      }
      const link = roll > 0.98 ? unsubscribeLink(message) : undefined;
      if (link !== undefined) await client.press(link);
    }
    return events;
  }

  #followed(message: CapturedMessage): WireEvent[] {
    const userId = /^(.*)@mail\.example$/.exec(message.to)?.[1];
    const event = byJourney[message.tags['godwit_journey'] ?? ''] ?? 'Order Completed';
    if (userId === undefined) return [];
    const id = `follow-${this.#storm.seed}-${++this.#follow}`;
    const properties = { order_id: id, total: 40, price: 100, amount: 50, value: 9000 };
    return [wireEvent(id, this.#storm.cloud.now(), { type: 'track', userId, event, properties })];
  }

  #roll = (...what: (string | number)[]): number => chance('traffic', String(this.#storm.seed), ...what.map(String));
}

const byJourney: Readonly<Record<string, string>> = {
  onboarding: 'Deposit Made',
  trial: 'Membership Bought',
  'lead-nurture': 'Demo Booked',
};

const laneOf = ({ userId = '', anonymousId = '' }: WireEvent): number =>
  Math.floor(chance('lane', (userId || anonymousId).replace(/^(old|device)-/, '')) * LANES);

function unsubscribeLink({ headers }: CapturedMessage): string | undefined {
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === 'list-unsubscribe')?.[1];
  return /<(https?:[^>]+)>/.exec(header ?? '')?.[1];
}

/** Time passes until nobody waits any more, with the redrives of every day. */
export async function drain({ cloud, operator, onSlot }: Storm, until: number): Promise<void> {
  while (cloud.now() < until) {
    await cloud.advance(Math.min(DAY_MS, until - cloud.now()));
    await operator.redrive();
    await cloud.settle();
    await onSlot();
  }
}
