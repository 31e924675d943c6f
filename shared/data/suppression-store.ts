import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Clock, OptOutStore, SuppressionReader, SuppressionStore } from '../app/ports.ts';
import { isHashedAddress } from '../domain/messaging/address.ts';
import type { Channel } from '../domain/messaging/channel.ts';
import type { Suppression, SuppressionReason } from '../domain/messaging/suppression.ts';
import { suppressionItem, suppressionPartition } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { hashedLists } from './hashed-lists.ts';
import type { StoredKind } from './stored-kind.ts';

/** In the place of an address: that the channel has addresses of which only the SHA-256 is known. No hash of ours is as short. */
const HASHED_LISTS = 'hashed';

/** The lightest first: what an address said of itself weighs more than what somebody wants. */
const byWeight: readonly SuppressionReason[] = ['unsubscribe', 'manual', 'bounce', 'complaint'];

/** The address itself is nowhere, only its hash. */
export function suppressionStore(
  client: DynamoDBClient,
  table: string,
  now: Clock = Date.now,
): SuppressionStore & OptOutStore & SuppressionReader {
  const query = async (channel: Channel, addressHash: string) => {
    const command = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: suppressionPartition({ channel, addressHash }) } },
      ConsistentRead: true,
    });
    return (await awsCall(client.send(command))).Items ?? [];
  };
  const lists = hashedLists(
    async (channel) => (await query(channel, HASHED_LISTS)).length > 0,
    async (channel) => {
      const Item = suppressionItem({ channel, addressHash: HASHED_LISTS, topic: null });
      await awsCall(client.send(new PutItemCommand({ TableName: table, Item })));
    },
    now,
  );
  return {
    async put(suppression) {
      const { channel, addressHash, topic, reason, at } = suppression;
      if (isHashedAddress(addressHash)) await lists.add(channel);
      const values = { channel: { S: channel }, addressHash: { S: addressHash }, reason: { S: reason } };
      const Item = {
        ...suppressionItem(suppression),
        ...values,
        topic: topic === null ? ({ NULL: true } as const) : { S: topic },
        at: { N: String(at) },
      };
      const put = new PutItemCommand({ TableName: table, Item, ...unlessWeightier(reason, at) });
      await awsCall(client.send(put)).catch(ignoreFailedCondition);
    },

    async optIn(channel, addressHash, at) {
      const remove = new DeleteItemCommand({
        TableName: table,
        Key: suppressionItem({ channel, addressHash, topic: null }),
        ConditionExpression: 'reason = :reason AND #at <= :at',
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':reason': { S: 'unsubscribe' }, ':at': { N: String(at) } },
      });
      await awsCall(client.send(remove)).catch(ignoreFailedCondition);
    },

    async ofAddress(channel, addressHash, hashed) {
      const isAsked = hashed !== undefined && (await lists.has(channel));
      const asked = isAsked ? [addressHash, hashed] : [addressHash];
      return (await Promise.all(asked.map((one) => query(channel, one)))).flat().map(toSuppression);
    },
  };
}

export function toSuppression(item: Record<string, AttributeValue>): Suppression {
  const { pk: _, sk: __, ...suppression } = unmarshall(item);
  return suppression as Suppression;
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

/** What is there already says it better. */
function ignoreFailedCondition(error: unknown): void {
  if (!(error instanceof ConditionalCheckFailedException)) throw error;
}

export const suppressionKinds: readonly StoredKind[] = [
  {
    kind: 'suppression',
    table: 'suppressions',
    key: { partition: /^[a-z-]+#(?!hashed$).+$/, sort: /^(\*|[a-z0-9][a-z0-9-]*)$/ },
    what: 'That an address must not be written to, and why. Of the address it has a hash.',
    personalData: { retain: 'nobody may write to this address again, whoever has it' },
    found: { by: 'address' },
    kept: 'until deleted',
  },
  {
    kind: 'hashed-suppressions-mark',
    table: 'suppressions',
    key: { partition: /^[a-z-]+#hashed$/, sort: /^\*$/ },
    what: 'That there are suppressions on this channel of which only the SHA-256 of the address is known',
    personalData: 'none',
    kept: 'until deleted',
  },
];
