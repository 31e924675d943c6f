import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { SuppressionReader, SuppressionStore } from '../app/ports.ts';
import type { Suppression, SuppressionReason } from '../domain/messaging/suppression.ts';
import { suppressionItem, suppressionPartition } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';

/** The lightest first: what an address said of itself weighs more than what somebody wants. */
const byWeight: readonly SuppressionReason[] = ['unsubscribe', 'manual', 'bounce', 'complaint'];

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
      try {
        await awsCall(client.send(new PutItemCommand({ TableName: table, Item, ...unlessWeightier(reason, at) })));
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
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

/** Of the same reason the newest stays: a grant is compared with its time. */
function unlessWeightier(reason: SuppressionReason, at: number) {
  const lighter = byWeight.slice(0, byWeight.indexOf(reason));
  const names = lighter.map((_, index) => `:r${index}`);
  const values = Object.fromEntries(lighter.map((one, index) => [names[index]!, { S: one }]));
  return {
    ConditionExpression: [
      'attribute_not_exists(pk)',
      ...(names.length > 0 ? [`#reason IN (${names.join(', ')})`] : []),
      '(#reason = :reason AND #at <= :at)',
    ].join(' OR '),
    ExpressionAttributeNames: { '#reason': 'reason', '#at': 'at' },
    ExpressionAttributeValues: { ...values, ':reason': { S: reason }, ':at': { N: String(at) } },
  };
}
