import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { ReceiptMarks } from '../app/receive-receipts.ts';
import { messageItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { fromItem } from './message-store.ts';

/**
 * On the message's row: `receipts: { delivered: 1795333854023, opened: … }`, the first time of each. A receipt that
 * comes twice, or before another one of its kind, changes nothing or moves a time back, never forth. With the first
 * comes the provider's id of the message, where its sender has not written it (quiet-claim.ts).
 *
 * What the row said before comes back with the same call, whether the condition holds or not: neither costs a read
 * (DynamoDB API reference, UpdateItem: ReturnValues and ReturnValuesOnConditionCheckFailure).
 */
export function messageReceipts(client: DynamoDBClient, table: string): ReceiptMarks {
  return {
    async mark(key, message, was, at, providerId) {
      try {
        const { Attributes } = await awsCall(
          client.send(
            new UpdateItemCommand({
              TableName: table,
              Key: messageItem(key, message),
              UpdateExpression: `SET receipts.#was = :at${providerId === undefined ? '' : ', providerId = if_not_exists(providerId, :id)'}`,
              ConditionExpression:
                'attribute_exists(receipts) AND (attribute_not_exists(receipts.#was) OR receipts.#was > :at)',
              ExpressionAttributeNames: { '#was': was },
              ExpressionAttributeValues: {
                ':at': { N: String(at) },
                ...(providerId !== undefined && { ':id': { S: providerId } }),
              },
              ReturnValues: 'ALL_OLD',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          ),
        );
        return Attributes && fromItem(Attributes);
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return error.Item && fromItem(error.Item);
        throw error;
      }
    },
  };
}
