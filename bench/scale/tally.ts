import { DAY_SECONDS } from './arrivals.ts';
import type { Round } from './consumers.ts';
import type { FluidQueue } from './fluid-queue.ts';
import type { Scenario } from './scenarios.ts';
import { counted, type Units } from './work.ts';

/** `woken`: their minute has come, and they are not in the mailbox yet. */
export const places = ['clients', 'mailbox', 'messages', 'receipts', 'waits', 'woken'] as const;
export type Place = (typeof places)[number];
const things = ['events', 'accepted', 'requests', 'wakes', 'enrolled', 'messages', 'receipts', 'waits'] as const;
type Thing = (typeof things)[number];
const functions = ['ingest', 'evaluate', 'send', 'receipts'] as const;
type FunctionName = (typeof functions)[number];

/** What a plot shows is the most of each so many seconds. */
export const SLOT_SECONDS = 300;

const zeroes = <K extends string>(keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;

/** What one run has counted. */
export class Tally {
  readonly scenario: Scenario;
  readonly count = zeroes(things);
  readonly invocations = zeroes(functions);
  /** Seconds of functions, billed. */
  readonly seconds = zeroes(functions);
  readonly units: { -readonly [U in keyof Units]: number } = {
    profileWrites: 0,
    profileReads: 0,
    journalWrites: 0,
    journalReads: 0,
  };
  /** Records decided. */
  decisions = 0;
  executions = 0;
  mostExecutionsPerSecond = 0;
  throttledSeconds = 0;
  readonly most = { ...zeroes(places), age: zeroes(places), concurrency: 0, unitsPerSecond: 0 };
  /** At the end. */
  readonly left = zeroes(places);
  /** The most of each slot. */
  readonly slots: Record<Place | `${Place}Age` | 'concurrency', Float64Array>;
  #second = 0;
  #now = 0;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    const slots = (scenario.days * DAY_SECONDS) / SLOT_SECONDS;
    const names = [...places, ...places.map((place) => `${place}Age` as const), 'concurrency' as const];
    this.slots = Object.fromEntries(names.map((name) => [name, new Float64Array(slots)])) as typeof this.slots;
  }

  begin(second: number): void {
    this.#second = second;
    this.#now = 0;
  }

  add(thing: Thing, amount: number): void {
    this.count[thing] += amount;
  }

  work(name: FunctionName, { batches, seconds, concurrency }: Omit<Round, 'done'>): void {
    this.invocations[name] += batches;
    this.seconds[name] += seconds;
    this.#now += concurrency;
    this.#mark('concurrency', this.#now);
  }

  decided(round: Round, units: Units, isThrottled: boolean): void {
    this.decisions += round.done;
    this.work('evaluate', round);
    const { profileWrites, profileReads, journalWrites, journalReads } = units;
    this.units.profileWrites += profileWrites;
    this.units.profileReads += profileReads;
    this.units.journalWrites += journalWrites;
    this.units.journalReads += journalReads;
    this.most.unitsPerSecond = Math.max(this.most.unitsPerSecond, profileWrites, profileReads, journalWrites);
    if (isThrottled) this.throttledSeconds++;
  }

  start(executions: number): void {
    this.executions += executions;
    this.mostExecutionsPerSecond = Math.max(this.mostExecutionsPerSecond, executions);
  }

  waiting(queues: Record<Place, FluidQueue>): void {
    if (this.#now > this.most.concurrency) this.most.concurrency = this.#now;
    for (const place of places) {
      const { waiting } = queues[place];
      this.left[place] = waiting;
      if (waiting === 0) continue;
      const age = queues[place].age(this.#second);
      if (waiting > this.most[place]) this.most[place] = waiting;
      if (age > this.most.age[place]) this.most.age[place] = age;
      this.#mark(place, waiting);
      this.#mark(`${place}Age`, age);
    }
  }

  /** Of messages and of their receipts. */
  get messageWrites(): number {
    return this.count.messages * counted.send.messageWrites + this.count.receipts * counted.receipt.messageWrites;
  }

  #mark(name: keyof typeof this.slots, value: number): void {
    const slot = Math.floor(this.#second / SLOT_SECONDS);
    const series = this.slots[name];
    if (value > series[slot]!) series[slot] = value;
  }
}
