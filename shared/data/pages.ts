import { type DynamoDBClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Page, PageRequest } from '../app/page.ts';
import { InvalidInput } from '../kernel/errors.ts';
import { awsCall } from './aws-call.ts';

export type Item = Record<string, unknown>;

/**
 * A page of one partition. The cursor is the last sort key, base64url: it says nothing of the partition, so that it
 * cannot reach into another one.
 */
export async function queryPage(
  client: DynamoDBClient,
  query: QueryCommandInput & { readonly partition: string; readonly prefix?: string },
  page: PageRequest,
): Promise<Page<Item>> {
  const { partition, prefix, ...rest } = query;
  const answer = await awsCall(
    client.send(
      new QueryCommand({
        ...rest,
        KeyConditionExpression: prefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: marshall({ ':pk': partition, ...(prefix !== undefined && { ':prefix': prefix }) }),
        Limit: page.limit,
        ...(page.cursor !== undefined && {
          ExclusiveStartKey: marshall({ pk: partition, sk: readCursor(page.cursor, prefix) }),
        }),
      }),
    ),
  );
  const data = (answer.Items ?? []).map((item) => unmarshall(item));
  const last = answer.LastEvaluatedKey?.['sk']?.S;
  return last === undefined ? { data } : { data, nextCursor: Buffer.from(last).toString('base64url') };
}

/** Every item of a partition, page after page. */
export async function queryAll(
  client: DynamoDBClient,
  query: Omit<QueryCommandInput, 'ExclusiveStartKey'> & { readonly partition: string },
): Promise<Item[]> {
  const { partition, ...rest } = query;
  const items: Item[] = [];
  let from: QueryCommandInput['ExclusiveStartKey'];
  do {
    const answer = await awsCall(
      client.send(
        new QueryCommand({
          ...rest,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: marshall({ ':pk': partition }),
          ExclusiveStartKey: from,
        }),
      ),
    );
    items.push(...(answer.Items ?? []).map((item) => unmarshall(item)));
    from = answer.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}

function readCursor(cursor: string, prefix = ''): string {
  const sk = Buffer.from(cursor, 'base64url').toString();
  const genuine = sk !== '' && sk.length <= 1_024 && sk.startsWith(prefix);
  if (genuine && Buffer.from(sk).toString('base64url') === cursor) return sk;
  throw new InvalidInput('list.cursor', 'cursor is none that this list gave', [
    { pointer: '/cursor', code: 'cursor', detail: 'not a cursor of this list', fix: 'start without cursor' },
  ]);
}
