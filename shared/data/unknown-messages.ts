import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Clock, UnknownMessages, UnknownNote } from '../app/ports.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { formatInstant, parseInstant } from '../kernel/time.ts';
import { messageItem, unknownPartition } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { isExpired } from './expired.ts';

/** Who has settled a message, in the place of a sender: none of theirs comes back to it. */
const SETTLER = 'receipts';

export function unknownMessages(client: DynamoDBClient, table: string, clock: Clock): UnknownMessages {
  return {
    async list(day, { limit, cursor }, until) {
      const pk = { S: unknownPartition(day) };
      const answer = await awsCall(
        client.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: until === undefined ? 'pk = :pk' : 'pk = :pk AND id < :until',
            ExpressionAttributeValues: {
              ':pk': pk,
              ...(until !== undefined && { ':until': { S: formatInstant(until) } }),
            },
            ScanIndexForward: false,
            Limit: limit,
            ...(cursor !== undefined && { ExclusiveStartKey: { pk, id: { S: readCursor(cursor) } } }),
          }),
        ),
      );
      const now = clock();
      const kept = (answer.Items ?? []).filter((item) => !isExpired(item, now));
      const data = kept.map(
        (item): UnknownNote => ({
          key: item['key']!.S!,
          id: item['message']!.S!,
          at: parseInstant(item['id']!.S!.split('#')[0]!)!,
        }),
      );
      const last = answer.LastEvaluatedKey?.['id']?.S;
      return last === undefined ? { data } : { data, nextCursor: Buffer.from(last).toString('base64url') };
    },

    async settle({ key, id }, { st, at, why }) {
      try {
        await awsCall(
          client.send(
            new UpdateItemCommand({
              TableName: table,
              Key: messageItem(key, id),
              // The right side of every clause is what was there before (DynamoDB, "Update expressions").
              UpdateExpression:
                'SET st = :st, #by = :by, #at = :at, why = :why, unknownAt = if_not_exists(unknownAt, #at), unknownWhy = if_not_exists(unknownWhy, why)',
              ConditionExpression:
                st === 'failed' ? 'st = :unknown OR (st = :sent AND attribute_exists(unknownAt))' : 'st = :unknown',
              ExpressionAttributeNames: { '#by': 'by', '#at': 'at' },
              ExpressionAttributeValues: {
                ':st': { S: st },
                ':by': { S: SETTLER },
                ':at': { N: String(at) },
                ':why': { S: why },
                ':unknown': { S: 'unknown' },
                ...(st === 'failed' && { ':sent': { S: 'sent' } }),
              },
            }),
          ),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}

function readCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (/^\d{4}-\d\d-\d\dT[^#]{1,30}#\S{1,80}$/.test(id) && Buffer.from(id).toString('base64url') === cursor) return id;
  throw new InvalidInput('list.cursor', 'cursor is none that this list gave', [
    { pointer: '/cursor', code: 'cursor', detail: 'not a cursor of this list', fix: 'start without cursor' },
  ]);
}
