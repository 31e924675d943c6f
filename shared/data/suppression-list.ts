import { ConditionalCheckFailedException, DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../app/ports.ts';
import type { Channel } from '../domain/messaging/channel.ts';
import type { RemovedSuppression } from '../domain/messaging/suppression.ts';
import { suppressionItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { suppressionStore } from './suppression-store.ts';

/** What `send` reads, and what only people do: taking a suppression away. */
export function suppressionList(client: DynamoDBClient, table: string, now?: Clock) {
  return {
    ...suppressionStore(client, table, now),
    async remove({ channel, topic, hashes }: RemovedSuppression): Promise<void> {
      for (const addressHash of hashes) {
        const Key = suppressionItem({ channel, addressHash, topic });
        await awsCall(client.send(new DeleteItemCommand({ TableName: table, Key })));
      }
    },
    /** What the customer had asked for themselves, of all topics. */
    async liftUnsubscribe(channel: Channel, hashes: readonly string[]): Promise<void> {
      for (const addressHash of hashes) {
        const command = new DeleteItemCommand({
          TableName: table,
          Key: suppressionItem({ channel, addressHash, topic: null }),
          ConditionExpression: '#reason = :unsubscribe',
          ExpressionAttributeNames: { '#reason': 'reason' },
          ExpressionAttributeValues: { ':unsubscribe': { S: 'unsubscribe' } },
        });
        try {
          await awsCall(client.send(command));
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        }
      }
    },
  };
}
