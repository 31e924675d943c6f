import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { ReceiptMarks } from '../app/receive-receipts.ts';
import { messageItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';

/**
 * On the message's row: `receipts: { delivered: 1795333854023, opened: … }`, the first time of each. A receipt that
 * comes twice, or before another one of its kind, changes nothing or moves a time back, never forth.
 */
export function messageReceipts(client: DynamoDBClient, table: string): ReceiptMarks {
  async function update(key: string, message: string, was: string, parts: UpdateParts): Promise<boolean> {
    try {
      const command = new UpdateItemCommand({
        TableName: table,
        Key: messageItem(key, message),
        UpdateExpression: parts.expression,
        ConditionExpression: parts.condition,
        ...(parts.named && { ExpressionAttributeNames: { '#was': was } }),
        ExpressionAttributeValues: marshall(parts.values),
      });
      await awsCall(client.send(command));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return {
    async mark(key, message, was, at) {
      // A path into a map that is not there is an error of its own, hence the two forms: the first receipt of a
      // message makes the map, every other one goes into it.
      const made = await update(key, message, was, {
        expression: 'SET receipts = :first',
        condition: 'attribute_exists(pk) AND attribute_not_exists(receipts)',
        values: { ':first': { [was]: at } },
      });
      if (made) return;
      await update(key, message, was, {
        expression: 'SET receipts.#was = :at',
        condition: 'attribute_exists(receipts) AND (attribute_not_exists(receipts.#was) OR receipts.#was > :at)',
        named: true,
        values: { ':at': at },
      });
    },
  };
}

interface UpdateParts {
  readonly expression: string;
  readonly condition: string;
  readonly named?: true;
  readonly values: Record<string, unknown>;
}
