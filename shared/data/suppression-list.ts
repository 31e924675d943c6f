import { ConditionalCheckFailedException, DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Channel } from '../domain/messaging/channel.ts';
import type { Suppression } from '../domain/messaging/suppression.ts';
import { suppressionItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { suppressionStore } from './suppression-store.ts';

/** What `send` reads, and what only people do: taking a suppression away. */
export function suppressionList(client: DynamoDBClient, table: string) {
  return {
    ...suppressionStore(client, table),
    /** False when there was none. */
    async remove(suppression: Pick<Suppression, 'channel' | 'addressHash' | 'topic'>): Promise<boolean> {
      const command = { TableName: table, Key: suppressionItem(suppression), ReturnValues: 'ALL_OLD' } as const;
      const answer = await awsCall(client.send(new DeleteItemCommand(command)));
      return answer.Attributes !== undefined;
    },
    /** What the customer had asked for themselves, of all topics. */
    async liftUnsubscribe(channel: Channel, addressHash: string): Promise<void> {
      const command = {
        TableName: table,
        Key: suppressionItem({ channel, addressHash, topic: null }),
        ConditionExpression: '#reason = :unsubscribe',
        ExpressionAttributeNames: { '#reason': 'reason' },
        ExpressionAttributeValues: { ':unsubscribe': { S: 'unsubscribe' } },
      };
      try {
        await awsCall(client.send(new DeleteItemCommand(command)));
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}
