import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { CounterStore } from '../app/ports.ts';
import type { Counter } from '../domain/permit.ts';
import { Transient } from '../kernel/errors.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { counterItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import type { StoredKind } from './stored-kind.ts';

/** Three are enough, unless others keep moving the counter across the floor. */
const MAX_CALLS = 6;

/**
 * pk · sk · n (where the counter stands) · ttl. Personal data: none; it counts, and names nobody.
 *
 * One write unit for each call, refused ones too. An update expression knows no maximum, so a counter that lies before
 * the floor is moved by another call than one beyond it; `seen` says which is tried first.
 */
export function counterStore(client: DynamoDBClient, table: string): CounterStore {
  return {
    async advance(counter, by, { floor, ceiling }, seen) {
      let beyond = seen > floor;
      let surely = false;
      for (let calls = 0; calls < MAX_CALLS; calls += 1) {
        if (beyond) {
          const last = ceiling - by;
          const moved = await update(counter, 'n + :by', 'n > :floor AND n <= :last', { by, floor, last });
          if ('now' in moved) return { taken: true, at: moved.now - by };
          // What an emulator does not tell can be concluded: it stands beyond the floor, and not at `last` or before.
          const stands = moved.stands ?? (surely ? last + 1 : 0);
          if (stands > floor) return { taken: false, at: stands };
          beyond = false;
        } else {
          const moved = await update(counter, ':next', 'attribute_not_exists(n) OR n <= :floor', {
            next: floor + by,
            floor,
          });
          if ('now' in moved) return { taken: true, at: floor };
          beyond = true;
          surely = true;
        }
      }
      throw new Transient('counter.contended', `${MAX_CALLS} calls, and each time another one was first`);
    },
  };

  async function update(
    counter: Counter,
    next: string,
    condition: string,
    numbers: { readonly [name: string]: number },
  ): Promise<{ readonly now: number } | { readonly stands: number | undefined }> {
    const { over } = counter;
    const ttl = over === undefined ? {} : { ttl: Math.ceil(over / SECOND_MS) };
    const values = Object.entries({ ...numbers, ...ttl });
    try {
      const { Attributes } = await awsCall(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: counterItem(counter),
            UpdateExpression: `SET n = ${next}${over === undefined ? '' : ', #ttl = :ttl'}`,
            ConditionExpression: condition,
            ...(over !== undefined && { ExpressionAttributeNames: { '#ttl': 'ttl' } }),
            ExpressionAttributeValues: Object.fromEntries(values.map(([name, n]) => [`:${name}`, { N: String(n) }])),
            ReturnValues: 'UPDATED_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return { now: standing(Attributes)! };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { stands: standing(error.Item) };
    }
  }
}

const standing = (item: Record<string, AttributeValue> | undefined): number | undefined =>
  item?.['n']?.N === undefined ? undefined : Number(item['n'].N);

export const counterKinds: readonly StoredKind[] = [
  {
    kind: 'counter',
    table: 'limits',
    key: { partition: /^(?!sending#outages$)([^#]+|sending#.+|key#.+)$/, sort: /^.+$/ },
    what: 'How much is given out of a limit that all customers of a journey share, of a channel’s rate, of a sender’s warm-up, or of what a key may do in a minute',
    personalData: 'none',
    kept: { atMost: 'two days after the day that it counts; what has no day stays' },
  },
];
