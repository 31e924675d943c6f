import { type PriceName, prices } from '../cost/prices.ts';
import { ARM_WITHIN_MS } from '../domain/journeys/engine/date-entries.ts';
import { DAY_MS, MINUTE_MS } from '../kernel/time.ts';
import type { Decided, Handed } from './live.ts';

/** What a scenario may name a price of its own for. */
const priced = [
  'writeUnit',
  'readUnit',
  'standardQueueRequest',
  'fifoQueueRequest',
  'stateTransition',
  'lambdaRequest',
  'lambdaGigabyteSecond',
  'httpApiRequest',
  'email',
  'sms',
] as const satisfies readonly PriceName[];

export type Prices = { readonly [P in (typeof priced)[number]]: number };
export const today = Object.fromEntries(priced.map((name) => [name, prices[name]])) as Prices;

/**
 * What a record costs, from the counts that BENCHMARKS.md shows (taken at the gateway of the local cloud with one
 * customer after another, so that batches hold one record: real traffic shares requests and invocations, and costs less).
 * The sum over the reference journey is checked against that table by a test.
 */
const units = {
  /** An event or a command that came from outside. */
  told: { write: 1, read: 1.5, fifo: 1.7, api: 1, invocations: 1.4 },
  /** A timer, the answer of a provider, mail between actors. */
  own: { write: 0, read: 1.5, fifo: 0.2, api: 0, invocations: 0.1 },
  /** The journal entry of a receipt or an outcome; the message's own record. */
  receipt: { write: 2, read: 1.5, fifo: 0.2, standard: 0.9, invocations: 0.5 },
  /** The same of a delivery about which nobody asks: its profile is not told. */
  arrival: { write: 1, standard: 0.9, invocations: 0.47 },
  /** The put of a profile that changed. */
  change: { write: 1, read: 1 },
  ownChange: { write: 1 },
  /** The entry of an own record that moved. */
  ownMoved: { write: 1 },
  /** Claim and outcome; profile and suppressions are read once more. */
  message: { write: 2, read: 2, standard: 0.4, invocations: 0.11 },
  /** Of a shared limit: one lease for each, which is the most; where many decide at once, a lease holds several. */
  permit: { write: 1 },
  /** On the wakes queue. */
  wait: { standard: 0.4 },
  /** Counters, gathered over a batch. */
  record: { write: 0.08 },
  /** The daily sweep, per customer. */
  sweptDay: { read: 0.5 },
} as const;

type Unit = keyof typeof units;
type Bill = Readonly<Partial<Record<'write' | 'read' | 'fifo' | 'standard' | 'api' | 'invocations', number>>>;

/** What a meter has counted, as plain data: whole numbers, so that parts add up to exactly the whole. */
export interface MeterPart {
  readonly units: Readonly<Partial<Record<Unit, number>>>;
  readonly emails: number;
  /** Absent: none, or counted by a release that knew none. */
  readonly texts?: number;
  /** Waits by cohort. */
  readonly cohorts: readonly (readonly [cohort: number, waits: number])[];
}

/** An execution of the wait machine passes two states. It carries the waits armed in one minute that end in one minute. */
const TRANSITIONS = 2;
const MAX_COHORT = 9_000;
/** Shorter waits lie in a queue with a delay. */
const SHORT_WAIT_MS = 15 * MINUTE_MS;

export interface CostItem {
  readonly what: string;
  readonly count: number;
  readonly dollarsEach: number;
  readonly dollars: number;
}

export interface Forecast {
  readonly aws: readonly CostItem[];
  readonly awsDollars: number;
  readonly provider: readonly CostItem[];
  readonly providerDollars: number;
  readonly dollars: number;
  readonly notIncluded: readonly string[];
}

/** Counts what AWS and the provider would bill while customers live. */
export class Meter {
  readonly #units: Partial<Record<Unit, number>> = {};
  #emails = 0;
  #texts = 0;
  /** Waits by the minute in which they are armed and the one in which they end. */
  readonly #cohorts = new Map<number, number>();

  decided({ at, record, decision }: Decided): void {
    const isReceipt = record.t === 'receipt';
    const isOwn =
      isReceipt || ['wake', 'yield', 'declined', 'absorb', 'strip', 'nudge', 'fill', 'outcome'].includes(record.t);
    this.#add(isReceipt ? 'receipt' : isOwn ? 'own' : 'told');
    this.#add('record');
    if (decision.changed) {
      this.#add(isOwn ? 'ownChange' : 'change');
      // Of a wake that sends, the message carries the entry.
      const isCarried = record.t === 'wake' && decision.effects.some(({ e }) => e === 'message');
      if (isOwn && !isReceipt && !isCarried) this.#add('ownMoved');
    }
    for (const _permit of decision.spent ?? []) this.#add('permit');
    for (const effect of decision.effects) {
      if (effect.e !== 'wake') continue;
      this.#wait(at, effect.due);
    }
  }

  arrived(): void {
    this.#add('arrival');
  }

  /** Of a day that a trait names: each sweep within the horizon tells the actor, which arms it. */
  swept(due: number, until: number): void {
    for (let at = Math.floor(due / DAY_MS) * DAY_MS; at > due - ARM_WITHIN_MS; at -= DAY_MS) {
      if (at > until) continue;
      this.#add('own');
      this.#wait(at, due);
    }
  }

  handed({ request, outcome }: Handed): void {
    this.#add('message');
    if (outcome !== 'sent') return;
    if (request.channel === 'email') this.#emails += 1;
    if (request.channel === 'sms') this.#texts += 1;
  }

  part(): MeterPart {
    return {
      units: { ...this.#units },
      emails: this.#emails,
      ...(this.#texts > 0 && { texts: this.#texts }),
      cohorts: [...this.#cohorts],
    };
  }

  absorb({ units: counted, emails, texts = 0, cohorts }: MeterPart): void {
    for (const [unit, count] of Object.entries(counted)) this.#add(unit as Unit, count);
    this.#emails += emails;
    this.#texts += texts;
    for (const [cohort, waits] of cohorts) this.#addCohort(cohort, waits);
  }

  forecast(prices: Prices, customers: number, days: number): Forecast {
    const executions = [...this.#cohorts.values()].reduce((sum, waits) => sum + Math.ceil(waits / MAX_COHORT), 0);
    const aws = [
      item('DynamoDB write units', this.#sum('write'), prices.writeUnit),
      item('DynamoDB read units', this.#sum('read') + customers * days * units.sweptDay.read, prices.readUnit),
      item('SQS FIFO requests', this.#sum('fifo'), prices.fifoQueueRequest),
      item('SQS standard requests', this.#sum('standard'), prices.standardQueueRequest),
      item('Step Functions transitions', executions * TRANSITIONS, prices.stateTransition),
      item('Lambda requests', this.#sum('invocations') + executions, prices.lambdaRequest),
      item('HTTP API requests', this.#sum('api'), prices.httpApiRequest),
    ];
    const provider = [
      item('SES e-mails', this.#emails, prices.email),
      ...(this.#texts > 0 && prices.sms > 0 ? [item('Text messages of one part', this.#texts, prices.sms)] : []),
    ];
    const [awsDollars, providerDollars] = [sum(aws), sum(provider)];
    return { aws, awsDollars, provider, providerDollars, dollars: cents(awsDollars + providerDollars), notIncluded };
  }

  #wait(at: number, due: number): void {
    this.#add('wait');
    if (due - at <= SHORT_WAIT_MS) return;
    this.#addCohort(Math.floor(at / MINUTE_MS) * 2 ** 26 + Math.ceil((due - at) / MINUTE_MS), 1);
  }

  #add(unit: Unit, count = 1): void {
    this.#units[unit] = (this.#units[unit] ?? 0) + count;
  }

  #addCohort(cohort: number, waits: number): void {
    this.#cohorts.set(cohort, (this.#cohorts.get(cohort) ?? 0) + waits);
  }

  #sum(of: keyof Bill): number {
    return (Object.keys(units) as Unit[]).reduce((total, unit) => {
      const bill: Bill = units[unit];
      return total + (bill[of] ?? 0) * (this.#units[unit] ?? 0);
    }, 0);
  }
}

const notIncluded = [
  "Lambda's gigabyte-seconds",
  'logs, metrics, keys and idle polling',
  'storage and point-in-time recovery',
  'data transfer',
  'what webhook endpoints cost, and channels without a price',
];

const cents = (dollars: number): number => Math.round(dollars * 1e6) / 1e6;
const item = (what: string, count: number, dollarsEach: number): CostItem => ({
  what,
  count: Math.round(count),
  dollarsEach,
  dollars: cents(count * dollarsEach),
});
const sum = (items: readonly CostItem[]): number => cents(items.reduce((total, { dollars }) => total + dollars, 0));
