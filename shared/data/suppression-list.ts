import { DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Suppression } from '../domain/messaging/suppression.ts';
import { suppressionItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { suppressionStore } from './suppression-store.ts';

/** What `send` reads, and the one thing that only people do: taking a suppression away. */
export function suppressionList(client: DynamoDBClient, table: string) {
  return {
    ...suppressionStore(client, table),
    /** False when there was none. */
    async remove(suppression: Pick<Suppression, 'channel' | 'addressHash' | 'topic'>): Promise<boolean> {
      const command = { TableName: table, Key: suppressionItem(suppression), ReturnValues: 'ALL_OLD' } as const;
      const answer = await awsCall(client.send(new DeleteItemCommand(command)));
      return answer.Attributes !== undefined;
    },
  };
}
