import { keyRate } from '../../shared/app/access/key-rate.ts';
import { keyReader } from '../../shared/app/access/keys.ts';
import { type IngestPorts, ingestSegment, type SegmentPost } from '../../shared/app/ingest.ts';
import { profileRate } from '../../shared/app/ingest-rate.ts';
import { accessStore } from '../../shared/data/access-store.ts';
import { counterStore } from '../../shared/data/counter-store.ts';
import { mailbox } from '../../shared/data/mailbox.ts';
import { receiptQueue } from '../../shared/data/receipt-queue.ts';
import { InvalidInput, TooMany, Transient } from '../../shared/kernel/errors.ts';
import { variables } from '../../shared/resources.ts';
import type { Refusal } from '../../shared/wire/arrival.ts';
import {
  accepted,
  clientSettings,
  refused,
  type SegmentAnswer,
  slowDown,
  tryAgain,
} from '../../shared/wire/segment-answer.ts';
import { dynamoClient, sqsClient } from './aws-clients.ts';
import { accessSettings, mailboxUrls, required } from './environment.ts';
import { intakeFrom } from './intake.ts';
import { logFailure, metrics, publishMetrics } from './observe.ts';

/** What one container of `ingest` keeps between requests. */
export function ingestPorts(): IngestPorts {
  const now = () => Date.now();
  const dynamo = dynamoClient();
  const readKey = keyReader(accessStore(dynamo, required(variables.accessTable)), now);
  const rules = accessSettings();
  const rate = keyRate(counterStore(dynamo, required(variables.limitsTable)), now);
  const queues = sqsClient();
  return {
    mailbox: mailbox(queues, mailboxUrls()),
    receipts: receiptQueue(queues, required(variables.receiptsQueue)),
    findWriteKey: async (text) => {
      const key = await readKey(text);
      return key?.kind === 'ingest' ? key : undefined;
    },
    keyRate: async ({ id, perMinute = rules.perMinute }, events) => {
      if (perMinute !== undefined) await rate.require(id, perMinute, events);
    },
    rate: profileRate(),
    intake: intakeFrom(dynamo),
    now,
  };
}

/**
 * 200 when something was accepted or nothing was sent; 400 when all of it was refused, or the request itself; 503 when
 * it must come again, 429 when its key has sent too much.
 */
export async function answerEvents(post: SegmentPost, ports: IngestPorts): Promise<SegmentAnswer> {
  // Whose events they were stands beside the counts: a flood is to be laid at somebody's door.
  let of: { readonly writeKey?: string } = {};
  const findWriteKey: IngestPorts['findWriteKey'] = async (text) => {
    const holder = await ports.findWriteKey(text);
    if (holder !== undefined) of = { writeKey: holder.id };
    return holder;
  };
  try {
    const outcome = await ingestSegment(post, { ...ports, findWriteKey });
    count('EventsAccepted', outcome.accepted);
    count(
      'EventsRejected',
      outcome.refused.reduce((sum, one) => sum + (one.count ?? 1), 0),
    );
    const first = outcome.refused[0];
    const hasGood = first === undefined || outcome.accepted > 0;
    return hasGood ? accepted : refused(first.code, `${first.pointer || '/'}: ${first.detail}`, bounds(first));
  } catch (error) {
    if (error instanceof InvalidInput) {
      count('EventsRejected', 1);
      return refused(error.code, error.message);
    }
    if (!(error instanceof Transient)) throw error;
    logFailure(error instanceof TooMany ? 'answered 429' : 'answered 503', error, of);
    return error instanceof TooMany ? slowDown(error) : tryAgain(error);
  } finally {
    publishMetrics(of);
  }
}

/** Only together: a size says little without its limit. */
const bounds = ({ limit, actual }: Refusal) => (limit === undefined || actual === undefined ? {} : { limit, actual });

export async function answerSettings(
  writeKey: string,
  host: string,
  protocol: string,
  ports: IngestPorts,
): Promise<SegmentAnswer> {
  const holder = await ports.findWriteKey(writeKey);
  return holder === undefined
    ? refused('write-key.unknown', `no such write key (${writeKey.length} characters)`)
    : clientSettings(writeKey, host, protocol);
}

function count(name: 'EventsAccepted' | 'EventsRejected', value: number): void {
  if (value > 0) metrics.count(name, value);
}
