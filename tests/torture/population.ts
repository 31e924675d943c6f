import { chance, digest } from '../../shared/kernel/ids.ts';
import { DAY_MS, formatInstant, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/kernel/time.ts';
import type { Act } from '../../shared/simulation/acts.ts';
import { customersOf, Population } from '../../shared/simulation/population.ts';
import type { Library } from './documents.ts';

/** Something that a customer does on the wire. */
export type Deed = { readonly at: number; readonly customer: string } & (
  | { readonly do: 'event'; readonly event: WireEvent }
  | { readonly do: 'consent'; readonly userId: string; readonly topic: string; readonly state: string }
);

/** As a client library writes it (Segment Spec). */
export interface WireEvent {
  readonly type: 'track' | 'page' | 'identify' | 'alias';
  readonly messageId: string;
  readonly timestamp: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly previousId?: string;
  readonly event?: string;
  readonly name?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly traits?: Readonly<Record<string, unknown>>;
}

export interface Crowd {
  readonly seed: number;
  readonly customers: number;
  /** How many pages each looks at around everything that they do. */
  readonly pages: number;
  readonly from: number;
  /** Deeds beyond are left out. */
  readonly days: number;
  /** What happens in so long a slot happens in the last minutes of it: who hears of an event hours late lets nobody in. */
  readonly slotMs: number;
}

const LAST_MS = 10 * MINUTE_MS;

/** The weight of an event in the ledger: sums tell which ones are missing, not only how many. */
export const weightOf = (messageId: string): number => 1 + Math.floor(chance('weight', messageId) * 999_983);

/** What all of them do, in the order of time: customers of all journeys in equal parts. */
export function deedsOf({ populations }: Library, crowd: Crowd): Deed[] {
  const journeys = [...populations];
  const until = crowd.from + crowd.days * DAY_MS;
  const deeds = journeys.flatMap(([journey, population], index) => {
    const customers = Math.floor((crowd.customers + index) / journeys.length);
    if (customers === 0) return [];
    const parsed = Population.parse({ ...population, customers });
    return [...customersOf(parsed, crowd.from, `torture ${crowd.seed}`)].flatMap(({ name, acts }) =>
      new Life(`${journey}-${name}`, crowd).deeds(acts),
    );
  });
  return deeds.filter(({ at }) => at < until).sort((a, b) => a.at - b.at);
}

class Life {
  readonly #customer: string;
  readonly #crowd: Crowd;
  readonly #roll: (what: string) => number;
  #events = 0;

  constructor(customer: string, crowd: Crowd) {
    this.#customer = `${customer}-${crowd.seed}`;
    this.#crowd = crowd;
    this.#roll = (what) => chance('torture', this.#customer, what);
  }

  deeds(acts: readonly Act[]): Deed[] {
    const shift = Math.floor(this.#roll('begin') * 6 * HOUR_MS);
    return [...this.#before(shift), ...acts.flatMap((act) => this.#deed({ ...act, at: act.at + shift }))];
  }

  /** A third was a device first, and some had another user id, which they give up later. */
  #before(shift: number): Deed[] {
    const { from } = this.#crowd;
    const roll = this.#roll('origin');
    const old = `old-${this.#customer}`;
    if (roll < 0.3) return this.#pages(from + shift - 2 * HOUR_MS, { anonymousId: this.#device }, 3);
    if (roll > 0.06 + 0.3) return [];
    const given = from + shift + Math.floor(this.#roll('alias') * 5 * DAY_MS);
    const alias = { type: 'alias', previousId: old, userId: this.#customer } as const;
    return [...this.#pages(from + shift - 2 * HOUR_MS, { userId: old }, 3), this.#event(given, alias)];
  }

  get #device(): string {
    return `device-${this.#customer}`;
  }

  #deed(act: Act): Deed[] {
    const userId = this.#customer;
    if (act.t === 'consent') {
      const { topic, state, at } = act;
      const answer = this.#roll(`answers ${topic}`);
      const consent = { do: 'consent', customer: userId, userId, topic } as const;
      const asked = { ...consent, at: at + SECOND_MS, state };
      if (state !== 'pending' || answer > 0.6) return [asked];
      return [
        asked,
        { ...consent, at: at + Math.ceil((2 + answer * 12) * DAY_MS), state: answer < 0.5 ? 'granted' : 'withdrawn' },
      ];
    }
    if (act.t === 'traits') {
      const identity = this.#roll('origin') < 0.3 ? { anonymousId: this.#device } : {};
      const traits = { ...act.traits, email: this.#address() };
      return [this.#event(act.at, { type: 'identify', userId, ...identity, traits })];
    }
    if (act.t !== 'event') return [];
    const { name: event, properties } = act;
    return [
      this.#event(act.at, { type: 'track', userId, event, properties }),
      ...this.#pages(act.at + SECOND_MS, { userId }, this.#crowd.pages),
    ];
  }

  /** Addresses of the mailbox simulator bounce and complain (SES developer guide). */
  #address(): string {
    const roll = this.#roll('address');
    if (roll < 0.03) return `bounce+${this.#customer}@simulator.amazonses.com`;
    if (roll < 0.04) return `complaint+${this.#customer}@simulator.amazonses.com`;
    return `${this.#customer}@mail.example`;
  }

  #pages(at: number, who: Pick<WireEvent, 'userId' | 'anonymousId'>, count: number): Deed[] {
    return Array.from({ length: count }, (_, n) =>
      this.#event(at + n * SECOND_MS, { type: 'page', name: 'Product', properties: { n }, ...who }),
    );
  }

  /** Keeps the order. */
  #late(at: number): number {
    const { from, slotMs } = this.#crowd;
    const end = from + Math.ceil((at - from) / slotMs) * slotMs;
    return Math.floor(end - ((end - at) / slotMs) * LAST_MS);
  }

  #event(when: number, more: Partial<WireEvent> & Pick<WireEvent, 'type'>): Deed {
    const at = this.#late(when);
    const event = wireEvent(`${this.#customer}-${++this.#events}`, at, more);
    return { do: 'event', at, customer: this.#customer, event };
  }
}

/** With its weight, where the ledger counts it. */
export function wireEvent(id: string, at: number, more: Partial<WireEvent> & Pick<WireEvent, 'type'>): WireEvent {
  const messageId = digest('torture', id);
  const weighed = more.type === 'track' || more.type === 'page';
  const properties = weighed ? { properties: { ...more.properties, w: weightOf(messageId) } } : {};
  return { messageId, timestamp: formatInstant(at), ...more, ...properties };
}
