import { randomBytes } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { MessageQueues, Refusal } from '../app/ports.ts';
import { digest } from '../kernel/ids.ts';
import { writeBody } from './queue-body.ts';
import { sendBatches } from './send-batches.ts';

/**
 * One standard queue per channel. The message group of a standard queue names a tenant and orders nothing ("Amazon SQS
 * fair queues"): a journey that sends a million does not hold up the others.
 *
 * Each is a copy of its own (shared/app/send.ts), whose name goes with it wherever it is moved; SQS gives a message that is
 * moved out of a dead-letter queue another id (SQS API, StartMessageMoveTask).
 */
/** Told apart from the other copies of one message only. */
const newCopy = (): string => randomBytes(9).toString('base64url');

export function messageQueues(client: SQSClient, queueUrls: { readonly [channel: string]: string }): MessageQueues {
  return {
    async send(messages) {
      const indexed = messages.map((one, index) => ({ one, index }));
      const refusals: Refusal[] = [];
      for (const [channel, ofChannel] of Map.groupBy(indexed, ({ one }) => one.request.channel)) {
        const url = queueUrls[channel];
        if (url === undefined) {
          refusals.push(...ofChannel.map(({ index }) => ({ index, code: 'channel.no-queue' })));
          continue;
        }
        const entries = ofChannel.map(({ one }) => ({
          MessageGroupId: digest('journey', one.request.origin?.journey ?? ''),
          MessageBody: writeBody({ copy: newCopy(), ...one }),
        }));
        const refused = await sendBatches(client, url, entries, { ordered: false });
        refusals.push(...refused.map(({ index, code }) => ({ index: ofChannel[index]!.index, code })));
      }
      return refusals;
    },
  };
}
