import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Mailbox } from '../app/ports.ts';
import { shardOf } from './actor-keys.ts';
import { writeBody } from './queue-body.ts';
import { sendBatches } from './send-batches.ts';

/** FIFO queues; message group = profile key, whose shard is always the same queue. */
export function mailbox(client: SQSClient, queueUrls: readonly string[]): Mailbox {
  return {
    async send(mails) {
      const indexed = mails.map((one, index) => ({ ...one, index }));
      const shards = Map.groupBy(indexed, ({ mail }) => shardOf(mail.key, queueUrls.length));
      const refusals = await Promise.all(
        [...shards].map(async ([shard, ofShard]) => {
          const entries = ofShard.map(({ id, mail }) => ({
            MessageGroupId: mail.key,
            MessageDeduplicationId: id,
            MessageBody: writeBody(mail),
          }));
          const refused = await sendBatches(client, queueUrls[shard]!, entries, { ordered: true });
          return refused.map(({ index, code }) => ({ index: ofShard[index]!.index, code }));
        }),
      );
      return refusals.flat();
    },
  };
}
