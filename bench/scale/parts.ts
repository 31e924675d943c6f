import { MAX_COHORT } from '../../shared/app/arm-timers.ts';
import { timing } from '../../shared/resources.ts';
import { DAY_SECONDS } from './arrivals.ts';
import { type ServiceTime, secondsFor } from './consumers.ts';
import type { Quotas } from './quotas.ts';
import type { Scenario } from './scenarios.ts';
import { nineOClock, type RecordKind } from './work.ts';

/** In the order of `recordKinds`. */
export function mailOf(amounts: Partial<Record<RecordKind, number>>): number[] {
  const { event = 0, wake = 0, enroll = 0, receipt = 0 } = amounts;
  return [event, wake, enroll, receipt];
}

/** The HTTP API and `ingest` behind it. */
export interface Front {
  /** Containers in the last second. */
  readonly concurrency: number;
  /** How many of those that wait are accepted within a second. @param room concurrency that the account has left. */
  take(waiting: number, room: number): number;
  /** Seconds of `ingest` for so many events. */
  work(events: number): number;
}

/**
 * A token bucket (API Gateway, "Throttle requests to your HTTP APIs"): its rate is the configuration's, or the account's where that is
 * less. Behind it Lambda starts so many containers a second at most, and is not to have more than the account's rest.
 */
export function frontOf({ quotas, deployment, work }: Scenario, service: ServiceTime): Front {
  const { eventsPerRequest } = work;
  const rate = Math.min(deployment.ingest.rate, quotas.httpRequestsPerSecond);
  const perRequest = secondsFor(service, eventsPerRequest);
  const occupied = Math.max(1 / quotas.requestsPerContainer, perRequest);
  let tokens = deployment.ingest.burst;
  let scaled = quotas.lambdaScalingPerSecond * 10;
  let concurrency = 0;
  return {
    get concurrency() {
      return concurrency;
    },
    take(waiting, room) {
      tokens = Math.min(Math.max(deployment.ingest.burst, rate), tokens + rate);
      const admitted = Math.min(waiting / eventsPerRequest, tokens);
      const served = Math.min(admitted, Math.max(0, Math.min(room, scaled)) / occupied);
      tokens -= served;
      concurrency = served * occupied;
      scaled = Math.max(quotas.lambdaScalingPerSecond * 10, concurrency + quotas.lambdaScalingPerSecond * 10);
      return served * eventsPerRequest;
    },
    work: (events) => (events / eventsPerRequest) * perRequest,
  };
}

export interface Broadcast {
  /** Whom the scan tells in this second. @param waiting in the fullest mailbox. */
  tell(second: number, waiting: number): number;
}

/** Its pace, until all are told; it yields while the mailbox is full (shared/app/scans/backlog.ts), ten seconds at a time. */
export function broadcastOf({ load: { broadcast }, deployment }: Scenario): Broadcast | undefined {
  if (broadcast === undefined) return undefined;
  const perSecond = (broadcast.perMinute * broadcast.atOnce) / 60;
  const room = Math.max(1_000, 3 * timing.mailboxBatchSize * deployment.concurrency.evaluate);
  let left = broadcast.customers;
  let pausedUntil = broadcast.atHour * 3_600;
  return {
    tell(second, waiting) {
      if (second < pausedUntil || left <= 0) return 0;
      if (waiting > room) {
        pausedUntil = second + 10;
        return 0;
      }
      const told = Math.min(left, perSecond);
      left -= told;
      return told;
    },
  };
}

/** What SES takes: so many a second, so many a day. The day is the calendar's here; SES counts the last 24 hours. */
export class SesDay {
  readonly #quotas: Quotas;
  #day = 0;
  #sent = 0;

  constructor(quotas: Quotas) {
    this.#quotas = quotas;
  }

  places(second: number): number {
    const day = Math.floor(second / DAY_SECONDS);
    if (day !== this.#day) [this.#day, this.#sent] = [day, 0];
    return Math.max(0, Math.min(this.#quotas.emailsPerSecond, this.#quotas.emailsPerDay - this.#sent));
  }

  send(messages: number): void {
    this.#sent += messages;
  }
}

/** A day's waits end at the nine o'clocks of its zones. */
export function endedAtNine(second: number, { load, work }: Scenario): number {
  const ofDay = second % DAY_SECONDS;
  if (ofDay % 3_600 !== 0) return 0;
  return load.eventsPerDay * work.mix.journey * work.perJourneyEvent.waits * nineOClock[ofDay / 3_600]!;
}

/** Two transitions wake an execution; and all of it goes into the mailbox, where each record counts as a call. */
export function wokenInASecond(scenario: Scenario, shape: Float64Array): number {
  const { quotas, deployment } = scenario;
  const byTransitions = (quotas.transitionsPerSecond / 2) * waitsPerExecution(scenario, shape);
  return Math.min(byTransitions, quotas.fifoCallsPerSecond * deployment.mailboxShards);
}

/** Of executions that a day like this one has started, on average. */
function waitsPerExecution(scenario: Scenario, shape: Float64Array): number {
  const { load, work } = scenario;
  let [waits, executions] = [0, 0];
  for (let second = 0; second < DAY_SECONDS; second += 60) {
    const set = shape[second]! * load.eventsPerDay * work.mix.journey * work.perJourneyEvent.waits;
    const armed = armedIn(set, scenario);
    waits += armed.taken;
    executions += armed.executions;
  }
  return waits / executions;
}

/** The two concurrent batches that `arm-timers` has (infra/stacks/journeys.ts). */
const ARM_BATCHES = 2;

/**
 * How many waits become part of executions in a second, and of how many. A batch closes when it is full or its window is over; waits
 * that end in the same minute are one execution.
 */
export function armedIn(waiting: number, { work, quotas, cohorts }: Scenario): { taken: number; executions: number } {
  if (waiting <= 0) return { taken: 0, executions: 0 };
  if (!cohorts) {
    const started = Math.min(waiting, quotas.startExecutionsPerSecond);
    return { taken: started, executions: started };
  }
  const batches = Math.max(waiting / timing.wakesBatchSize, ARM_BATCHES / timing.wakesWindowSeconds);
  const perBatch = Math.min(timing.wakesBatchSize, waiting / batches);
  const cohort = Math.min(MAX_COHORT, Math.max(1, perBatch / work.dueMinutesPerWindow));
  const executions = Math.min(waiting / cohort, quotas.startExecutionsPerSecond);
  return { taken: executions * cohort, executions };
}
