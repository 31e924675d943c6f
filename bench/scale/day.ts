// One run: what arrives, what waits where, what is done, second by second. Nothing is random: thousands arrive in a second.
import { timing } from '../../shared/resources.ts';
import { DAY_SECONDS, shapeOfDay } from './arrivals.ts';
import { Consumers } from './consumers.ts';
import { FluidQueue } from './fluid-queue.ts';
import {
  armedIn,
  type Broadcast,
  broadcastOf,
  endedAtNine,
  type Front,
  frontOf,
  mailOf,
  SesDay,
  wokenInASecond,
} from './parts.ts';
import type { Scenario } from './scenarios.ts';
import { OnDemand } from './table.ts';
import { Tally } from './tally.ts';
import { recordKinds, serviceTimes, toldOf, unitsOf } from './work.ts';

const shape = shapeOfDay();
const kindsUnits = (scenario: Scenario) => recordKinds.map((kind) => unitsOf(kind, scenario.work));

/**
 * 1. Events arrive at the front door; what it refuses waits at its client and comes again.
 * 2. `ingest` puts them into the mailbox, which takes so many calls a second.
 * 3. `evaluate` takes batches of them, as far as pollers, the account's concurrency and the tables let it.
 * 4. What an event or an enrolment leads to (messages, waits) goes on at once; `send` hands over what SES takes.
 * 5. Outcomes and receipts come back to the mailbox; what was to be woken in a minute comes at its beginning.
 */
export function simulateDay(scenario: Scenario): Tally {
  const run = new Run(scenario);
  const seconds = scenario.days * DAY_SECONDS;
  for (let second = 0; second < seconds; second++) run.step(second);
  return run.tally;
}

class Run {
  readonly tally: Tally;
  readonly #scenario: Scenario;
  readonly #units: ReturnType<typeof kindsUnits>;
  readonly #front: Front;
  readonly #broadcast: Broadcast | undefined;
  readonly #ses: SesDay;
  readonly #clients = new FluidQueue();
  readonly #woken = new FluidQueue();
  readonly #mailbox = new FluidQueue(() => mailOf({}));
  readonly #messages = new FluidQueue();
  readonly #receipts = new FluidQueue();
  readonly #waits = new FluidQueue();
  readonly #queues = {
    clients: this.#clients,
    mailbox: this.#mailbox,
    messages: this.#messages,
    receipts: this.#receipts,
    waits: this.#waits,
    woken: this.#woken,
  };
  readonly #evaluate: Consumers;
  readonly #send: Consumers;
  readonly #receiptsWork: Consumers;
  readonly #tables: {
    readonly profileWrites: OnDemand;
    readonly profileReads: OnDemand;
    readonly journalWrites: OnDemand;
  };
  #wakesOfMinute = 0;
  readonly #wokenInASecond: number;
  /** Containers of what takes from queues, in the last second. */
  #consuming = 0;

  constructor(scenario: Scenario) {
    const { quotas, deployment, warm, work } = scenario;
    const { evaluate, send, receipts, ingest } = serviceTimes(work);
    const { start, growthPerSecond } = quotas.pollers;
    const consumers = (service: typeof evaluate, most: number, mappings = 1) =>
      new Consumers({
        batchSize: timing.mailboxBatchSize,
        service,
        most,
        start: start * mappings,
        perContainer: quotas.requestsPerContainer,
        growth: Math.min(growthPerSecond * mappings, quotas.lambdaScalingPerSecond),
      });
    const { mailboxShards, concurrency } = deployment;
    this.#scenario = scenario;
    this.#units = kindsUnits(scenario);
    this.#evaluate = consumers(evaluate, concurrency.evaluate * mailboxShards, mailboxShards);
    this.#send = consumers(send, concurrency.send);
    this.#receiptsWork = consumers(receipts, concurrency.receipts);
    this.#front = frontOf(scenario, ingest);
    this.#broadcast = broadcastOf(scenario);
    this.#ses = new SesDay(quotas);
    const writes = { quota: quotas.tableWriteUnits, warm: warm.writeUnits };
    this.#tables = {
      profileWrites: new OnDemand(writes),
      profileReads: new OnDemand({ quota: quotas.tableReadUnits, warm: warm.readUnits }),
      journalWrites: new OnDemand(writes),
    };
    this.#wokenInASecond = wokenInASecond(scenario, shape);
    this.tally = new Tally(scenario);
  }

  step(second: number): void {
    const { tally } = this;
    tally.begin(second);
    const account = this.#scenario.quotas.lambdaConcurrency;
    const wake = this.#wakesOf(second);
    const told = this.#broadcast?.tell(second, this.#mailbox.waiting / this.#scenario.deployment.mailboxShards) ?? 0;
    tally.add('enrolled', told);
    const accepted = this.#takeEvents(second, account - this.#consuming, wake + told);
    this.#mailbox.add(second, mailOf({ event: accepted, wake, enroll: told }));
    let room = account - this.#front.concurrency;
    room -= this.#decide(second, room);
    room -= this.#sendMessages(second, room);
    room -= this.#takeReceipts(second, room);
    this.#consuming = account - this.#front.concurrency - room;
    this.#arm();
    tally.waiting(this.#queues);
  }

  /** Those whose minute begins; of what is not woken in a second the rest comes in the next. */
  #wakesOf(second: number): number {
    const { scenario } = this.tally;
    if (second % 60 === 0) {
      const ended = scenario.work.waitsEnd === 'at-nine' ? endedAtNine(second, scenario) : this.#wakesOfMinute;
      this.#woken.add(second, [ended]);
      this.#wakesOfMinute = 0;
    }
    const taken = this.#woken.take(this.#wokenInASecond)[0]!;
    this.tally.add('wakes', taken);
    return taken;
  }

  #takeEvents(second: number, room: number, before: number): number {
    const { load, work, quotas, deployment } = this.#scenario;
    const { mix, perJourneyEvent } = work;
    const arrived = shape[second % DAY_SECONDS]! * load.eventsPerDay;
    this.#clients.add(second, [arrived]);
    const calls = Math.max(0, quotas.fifoCallsPerSecond * deployment.mailboxShards - before);
    const waiting = this.#clients.waiting;
    const accepted = this.#clients.take(Math.min(this.#front.take(waiting, room), calls))[0]!;
    // Of whole days, and days are alike: as many end in a minute as are set in it.
    this.#wakesOfMinute += accepted * mix.journey * perJourneyEvent.waits;
    this.tally.add('events', arrived);
    this.tally.add('accepted', accepted);
    this.tally.add('requests', accepted / work.eventsPerRequest);
    const { concurrency } = this.#front;
    this.tally.work('ingest', {
      batches: accepted / work.eventsPerRequest,
      seconds: this.#front.work(accepted),
      concurrency,
    });
    return accepted;
  }

  #decide(second: number, room: number): number {
    const waiting = this.#mailbox.waiting;
    const offered = this.#evaluate.offer(waiting, room);
    const wanted = this.#unitsOf(this.#mailbox.peek(offered));
    const { profileWrites, profileReads, journalWrites } = this.#tables;
    const share = Math.min(
      1,
      profileWrites.capacity() / Math.max(1e-9, wanted.profileWrites),
      profileReads.capacity() / Math.max(1e-9, wanted.profileReads),
      journalWrites.capacity() / Math.max(1e-9, wanted.journalWrites),
    );
    const taken = this.#mailbox.take(offered * share);
    const units = this.#unitsOf(taken);
    profileWrites.consume(second, units.profileWrites);
    profileReads.consume(second, units.profileReads);
    journalWrites.consume(second, units.journalWrites);
    const done = taken.reduce((sum, amount) => sum + amount, 0);
    const round = this.#evaluate.finish(waiting, done, room);
    this.tally.decided(round, units, share < 1);
    const { mix, perJourneyEvent } = this.#scenario.work;
    const moved = taken[0]! * mix.journey;
    this.#messages.add(second, [moved * perJourneyEvent.messages + taken[2]!]);
    this.#waits.add(second, [moved * perJourneyEvent.waits]);
    return round.concurrency;
  }

  #unitsOf(records: readonly number[]) {
    const sum = { profileWrites: 0, profileReads: 0, journalWrites: 0, journalReads: 0 };
    this.#units.forEach((units, kind) => {
      const amount = records[kind]!;
      sum.profileWrites += units.profileWrites * amount;
      sum.profileReads += units.profileReads * amount;
      sum.journalWrites += units.journalWrites * amount;
      sum.journalReads += units.journalReads * amount;
    });
    return sum;
  }

  #sendMessages(second: number, room: number): number {
    const waiting = this.#messages.waiting;
    const most = Math.min(this.#send.offer(waiting, room), this.#ses.places(second));
    const sent = this.#messages.take(most)[0]!;
    this.#ses.send(sent);
    const round = this.#send.finish(waiting, sent, room);
    this.tally.add('messages', sent);
    this.tally.work('send', round);
    this.#receipts.add(second, [sent * this.#scenario.work.receiptsPerMessage]);
    return round.concurrency;
  }

  #takeReceipts(second: number, room: number): number {
    const waiting = this.#receipts.waiting;
    const taken = this.#receipts.take(this.#receiptsWork.offer(waiting, room))[0]!;
    const round = this.#receiptsWork.finish(waiting, taken, room);
    this.tally.add('receipts', taken);
    this.tally.work('receipts', round);
    this.#mailbox.add(second, mailOf({ receipt: toldOf(taken, this.#scenario.work) }));
    return round.concurrency;
  }

  #arm(): void {
    const { taken, executions } = armedIn(this.#waits.waiting, this.#scenario);
    this.tally.add('waits', this.#waits.take(taken)[0]!);
    this.tally.start(executions);
  }
}
