import { type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { SuppressionStore } from '../app/ports.ts';
import type { Channel } from '../domain/messaging/channel.ts';
import type { Suppression } from '../domain/messaging/suppression.ts';
import { suppressionItem, suppressionPartition } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';

export interface SuppressionReader {
  /** All of an address, strongly consistent: half a second after the unsubscribe is too late to be right. */
  ofAddress(channel: Channel, addressHash: string): Promise<readonly Suppression[]>;
}

/** The address itself is nowhere, only its hash. */
export function suppressionStore(client: DynamoDBClient, table: string): SuppressionStore & SuppressionReader {
  return {
    async put(suppression) {
      const { channel, addressHash, topic, reason, at } = suppression;
      const values = { channel: { S: channel }, addressHash: { S: addressHash }, reason: { S: reason } };
      const Item = {
        ...suppressionItem(suppression),
        ...values,
        topic: topic === null ? ({ NULL: true } as const) : { S: topic },
        at: { N: String(at) },
      };
      await awsCall(client.send(new PutItemCommand({ TableName: table, Item })));
    },

    async ofAddress(channel, addressHash) {
      const answer = await awsCall(
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': { S: suppressionPartition({ channel, addressHash }) } },
            ConsistentRead: true,
          }),
        ),
      );
      return (answer.Items ?? []).map((item) => {
        const { pk: _, sk: __, ...suppression } = unmarshall(item);
        return suppression as Suppression;
      });
    },
  };
}
