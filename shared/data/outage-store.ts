import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Outage, OutageStore } from '../app/sending/breaker.ts';
import { DAY_MS, SECOND_MS } from '../kernel/time.ts';
import { OUTAGES, outageItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import type { StoredKind } from './stored-kind.ts';

/** Nobody has tried for so long: there was nothing to send, and what is known is worth nothing. */
const KEPT_MS = 7 * DAY_MS;

/** pk · sk · why · since · tryAt · tries · ttl, in the table Limits. Personal data: none; it names channels and senders. */
export function outageStore(client: DynamoDBClient, table: string): OutageStore {
  return {
    async read(provider) {
      const get = new GetItemCommand({ TableName: table, Key: outageItem(provider), ConsistentRead: true });
      const { Item } = await awsCall(client.send(get));
      return Item === undefined ? undefined : outageOf(unmarshall(Item));
    },
    async put({ provider, ...rest }, expectedTryAt) {
      const ttl = Math.ceil((rest.tryAt + KEPT_MS) / SECOND_MS);
      const put = new PutItemCommand({
        TableName: table,
        Item: { ...outageItem(provider), ...marshall({ ...rest, ttl }) },
        ...(expectedTryAt === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'tryAt = :expected',
              ExpressionAttributeValues: { ':expected': { N: String(expectedTryAt) } },
            }),
      });
      try {
        await awsCall(client.send(put));
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
    async delete(provider) {
      await awsCall(client.send(new DeleteItemCommand({ TableName: table, Key: outageItem(provider) })));
    },
    async all() {
      const query = new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: OUTAGES } },
        ConsistentRead: true,
      });
      return ((await awsCall(client.send(query))).Items ?? []).map((item) => outageOf(unmarshall(item)));
    },
  };
}

const outageOf = ({ sk, why, since, tryAt, tries }: Record<string, unknown>): Outage =>
  ({ provider: sk, why, since, tryAt, tries }) as Outage;

export const outageKinds: readonly StoredKind[] = [
  {
    kind: 'outage',
    table: 'limits',
    key: { partition: /^sending#outages$/, sort: /^.+$/ },
    what: 'That a provider does not work, since when, and when it is tried again',
    personalData: 'none',
    kept: { for: `${KEPT_MS / DAY_MS} days after the next try` },
  },
];
