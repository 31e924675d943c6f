import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Clock } from '../app/ports.ts';
import type { CachedSecrets } from '../app/secrets.ts';
import { isHashedAddress, isSaltedAddress } from '../domain/messaging/address.ts';
import type { Channel } from '../domain/messaging/channel.ts';
import type { Suppression, SuppressionReason } from '../domain/messaging/suppression.ts';
import { suppressionItem, suppressionPartition } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { otherHashes } from './other-hashes.ts';
import { saltedHash, saltedHashes } from './salted-addresses.ts';
import type { StoredKind } from './stored-kind.ts';

/** In the place of an address: that the channel has addresses of which only the SHA-256 is known. No hash of ours is as short. */
const HASHED_LISTS = 'hashed';
/** The same: that the channel has addresses of whoever was erased. */
const SALTED = 'salted';

/** The lightest first: what an address said of itself weighs more than what somebody wants. */
const byWeight: readonly SuppressionReason[] = ['unsubscribe', 'manual', 'bounce', 'complaint'];

/** Of what salted addresses are made; it must not be rotated. */
const saltName = 'suppressions';
export type Salts = Pick<CachedSecrets, 'keys'>;

/**
 * The address itself is nowhere, only its hash.
 *
 * @param salts absent: for whoever neither looks addresses up nor erases.
 */
export function suppressionStore(client: DynamoDBClient, table: string, now: Clock = Date.now, salts?: Salts) {
  const query = async (channel: Channel, addressHash: string) => {
    const command = new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: suppressionPartition({ channel, addressHash }) } },
      ConsistentRead: true,
    });
    return (await awsCall(client.send(command))).Items ?? [];
  };
  const marked = (mark: string) =>
    otherHashes(
      async (channel) => (await query(channel, mark)).length > 0,
      async (channel) => {
        const Item = suppressionItem({ channel, addressHash: mark, topic: null });
        await awsCall(client.send(new PutItemCommand({ TableName: table, Item })));
      },
      now,
    );
  const [lists, salted] = [marked(HASHED_LISTS), marked(SALTED)];

  async function saltedOf(channel: Channel, hashes: readonly string[]): Promise<readonly string[]> {
    if (salts === undefined || !(await salted.has(channel))) return [];
    return saltedHashes(await salts.keys(saltName), channel, hashes);
  }

  async function put(suppression: Suppression): Promise<void> {
    const { channel, addressHash, topic, reason, at } = suppression;
    if (isHashedAddress(addressHash)) await lists.add(channel);
    if (isSaltedAddress(addressHash)) await salted.add(channel);
    const values = { channel: { S: channel }, addressHash: { S: addressHash }, reason: { S: reason } };
    const Item = {
      ...suppressionItem(suppression),
      ...values,
      topic: topic === null ? ({ NULL: true } as const) : { S: topic },
      at: { N: String(at) },
    };
    const command = new PutItemCommand({ TableName: table, Item, ...unlessWeightier(reason, at) });
    await awsCall(client.send(command)).catch(ignoreFailedCondition);
  }

  return {
    put,
    /** Under what of these else something may stand of whoever was erased: nothing, where nobody was. */
    saltedOf,

    /** The same once more, so that the hash by which the address is known can go. */
    async keepSalted(suppression: Suppression): Promise<void> {
      const { channel, addressHash } = suppression;
      if (salts === undefined) throw new Error('whoever erases needs the salt');
      await put({ ...suppression, addressHash: saltedHash(await salts.keys(saltName), channel, addressHash) });
    },

    async optIn(channel: Channel, addressHash: string, at: number): Promise<void> {
      const remove = new DeleteItemCommand({
        TableName: table,
        Key: suppressionItem({ channel, addressHash, topic: null }),
        ConditionExpression: 'reason = :reason AND #at <= :at',
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':reason': { S: 'unsubscribe' }, ':at': { N: String(at) } },
      });
      await awsCall(client.send(remove)).catch(ignoreFailedCondition);
    },

    async ofAddress(channel: Channel, addressHash: string, hashed?: string): Promise<readonly Suppression[]> {
      const isAsked = hashed !== undefined && (await lists.has(channel));
      const own = hashed === undefined ? [addressHash] : [addressHash, hashed];
      const asked = [...(isAsked ? own : [addressHash]), ...(await saltedOf(channel, own))];
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
    key: { partition: /^[a-z-]+#(?!hashed$|salted$|salted:).+$/, sort: /^(\*|[a-z0-9][a-z0-9-]*)$/ },
    what: 'That an address must not be written to, and why. Of the address it has a hash.',
    personalData: 'erase',
    found: { by: 'address' },
    kept: 'until deleted',
  },
  {
    kind: 'salted-suppression',
    table: 'suppressions',
    key: { partition: /^[a-z-]+#salted:[\w-]{43}$/, sort: /^(\*|[a-z0-9][a-z0-9-]*)$/ },
    what: 'The same of somebody who was erased, where the policy keeps it: of the address it has an HMAC',
    personalData: { retain: 'nobody may write to this address again, and without the address nobody finds it' },
    found: { not: 'its key is made of the address and of a secret' },
    kept: 'until deleted',
  },
  {
    kind: 'hashed-suppressions-mark',
    table: 'suppressions',
    key: { partition: /^[a-z-]+#(hashed|salted)$/, sort: /^\*$/ },
    what: 'That there are suppressions on this channel of which only the SHA-256 of the address is known, or of somebody who was erased',
    personalData: 'none',
    kept: 'until deleted',
  },
];
