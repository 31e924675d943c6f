import { duties } from '../../infra/functions.ts';
import { timing } from '../../shared/resources.ts';
import { prices } from '../prices.ts';
import type { Tally } from './tally.ts';
import { counted, toldOf } from './work.ts';

export interface Bill {
  readonly tables: number;
  readonly queues: number;
  readonly functions: number;
  readonly frontDoor: number;
  readonly waits: number;
  /** Everything but the provider's fee. */
  readonly aws: number;
  readonly email: number;
}

/** ReceiveMessage answers ten at most, however large the function's batch is (SQS API). */
const PER_RECEIVE = 10;
const TRANSITIONS_PER_EXECUTION = 2;

/**
 * US dollars for what a run has done. Logs, KMS, point-in-time recovery, storage, empty receives, metrics and data transfer are not in
 * it, nor what comes again after a failure.
 */
export function billOf(tally: Tally): Bill {
  const { count, units, invocations, seconds, executions } = tally;
  const told = toldOf(count.receipts, tally.scenario.work);
  const moved = count.messages + told + count.wakes;
  const writes =
    units.profileWrites + units.journalWrites + tally.messageWrites + Math.min(invocations.evaluate, moved);
  const reads =
    units.profileReads +
    units.journalReads +
    count.messages * (counted.send.profileReads + counted.send.otherReads) +
    // A scan of profiles of 2 KB, eventually consistent.
    count.enrolled / 4;
  const tables = writes * prices.writeUnit + reads * prices.readUnit;

  const batched = (count.wakes + count.enrolled) / timing.mailboxBatchSize;
  const intoMailbox = count.requests + Math.min(told, invocations.receipts) + batched;
  const fifo = intoMailbox + 2 * invocations.evaluate;
  const standard =
    count.messages +
    2 * invocations.send +
    count.receipts +
    2 * invocations.receipts +
    count.waits * (1 + 2 / PER_RECEIVE);
  const queues = fifo * prices.fifoQueueRequest + standard * prices.standardQueueRequest;

  const functions = (Object.keys(seconds) as (keyof typeof seconds)[]).reduce((sum, name) => {
    const gigabyteSeconds = (seconds[name] * duties[name].memoryMb) / 1_024;
    return sum + invocations[name] * prices.lambdaRequest + gigabyteSeconds * prices.lambdaGigabyteSecond;
  }, 0);
  const frontDoor = count.requests * prices.httpApiRequest;
  const waits = executions * (TRANSITIONS_PER_EXECUTION * prices.stateTransition + prices.lambdaRequest);
  const aws = tables + queues + functions + frontDoor + waits;
  return { tables, queues, functions, frontDoor, waits, aws, email: count.messages * prices.email };
}
