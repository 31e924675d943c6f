import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { IdempotencyStore, SavedAnswer } from '../app/access/ports.ts';
import { digest } from '../kernel/ids.ts';
import { awsCall } from './aws-call.ts';
import type { StoredKind } from './stored-kind.ts';

const KEPT_SECONDS = 24 * 3_600;
/** A request that began this long ago is dead: API Gateway gives an integration 30 s. */
const DEAD_SECONDS = 60;

/**
 * In the access table: pk `idempotency#<caller>#<digest of the key>`, sk `request`, removed by TTL after 24 hours.
 * TTL deletes late, so every condition compares the time itself. Answers hold ids and codes, no customer data.
 *
 *     claim ──(absent, expired, or begun > 60 s ago)──> running ──complete──> done
 *                                                          └────release───> absent
 */
export function idempotencyStore(client: DynamoDBClient, table: string): IdempotencyStore {
  const keyOf = (caller: string, key: string) => ({ pk: `idempotency#${caller}#${digest(key)}`, sk: 'request' });
  /** For those who do not hand out the old item with the lost condition (dynalite). */
  const read = async (caller: string, key: string) => {
    const command = { TableName: table, Key: marshall(keyOf(caller, key)), ConsistentRead: true };
    const { Item } = await awsCall(client.send(new GetItemCommand(command)));
    return Item === undefined ? {} : unmarshall(Item);
  };
  const mine = {
    ConditionExpression: '#state = :running AND #hash = :hash',
    ExpressionAttributeNames: { '#state': 'state', '#hash': 'hash' },
  };
  return {
    async claim(caller, key, requestHash, now) {
      const seconds = Math.floor(now / 1_000);
      try {
        await awsCall(
          client.send(
            new PutItemCommand({
              TableName: table,
              Item: marshall({
                ...keyOf(caller, key),
                state: 'running',
                hash: requestHash,
                begun: seconds,
                ttl: seconds + KEPT_SECONDS,
              }),
              ConditionExpression:
                'attribute_not_exists(pk) OR #ttl <= :now OR (#state = :running AND #hash = :hash AND begun < :dead)',
              ExpressionAttributeNames: { ...mine.ExpressionAttributeNames, '#ttl': 'ttl' },
              ExpressionAttributeValues: marshall({
                ':now': seconds,
                ':dead': seconds - DEAD_SECONDS,
                ':running': 'running',
                ':hash': requestHash,
              }),
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          ),
        );
        return { state: 'claimed' };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const found = error.Item === undefined ? await read(caller, key) : unmarshall(error.Item);
        if (found['hash'] !== undefined && found['hash'] !== requestHash) return { state: 'other-request' };
        if (found['state'] !== 'done') return { state: 'in-progress' };
        return { state: 'done', answer: JSON.parse(found['answer'] as string) as SavedAnswer };
      }
    },

    async complete(caller, key, requestHash, answer, now) {
      const seconds = Math.floor(now / 1_000);
      await ignoringLoss(
        awsCall(
          client.send(
            new PutItemCommand({
              TableName: table,
              Item: marshall({
                ...keyOf(caller, key),
                state: 'done',
                hash: requestHash,
                answer: JSON.stringify(answer),
                ttl: seconds + KEPT_SECONDS,
              }),
              ...mine,
              ExpressionAttributeValues: marshall({ ':running': 'running', ':hash': requestHash }),
            }),
          ),
        ),
      );
    },

    async release(caller, key, requestHash) {
      await ignoringLoss(
        awsCall(
          client.send(
            new DeleteItemCommand({
              TableName: table,
              Key: marshall(keyOf(caller, key)),
              ...mine,
              ExpressionAttributeValues: marshall({ ':running': 'running', ':hash': requestHash }),
            }),
          ),
        ),
      );
    },
  };
}

/** Another request took the claim over and answers for both. */
async function ignoringLoss(sent: Promise<unknown>): Promise<void> {
  try {
    await sent;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

export const idempotencyKinds: readonly StoredKind[] = [
  {
    kind: 'idempotent-answer',
    table: 'access',
    key: { partition: /^idempotency#.+$/, sort: /^request$/ },
    what: 'The answer to a request with an Idempotency-Key: ids and codes',
    personalData: 'none',
    kept: { for: `${KEPT_SECONDS / 3_600} hours` },
  },
];
