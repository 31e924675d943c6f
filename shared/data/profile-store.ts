import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  type ScanCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { ProfileStore, ScanFilter } from '../app/ports.ts';
import { TEST_RUN_DAYS } from '../domain/profiles/limits.ts';
import { isNobody } from '../domain/profiles/profile.ts';
import { profileItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { type Gets, singleGets } from './gathered-gets.ts';
import { fromItem, profileIn, toItem } from './profile-item.ts';
import { PROFILE_KEY, type StoredItem, type StoredKind, TEST_KEY } from './stored-kind.ts';

type Item = Record<string, AttributeValue>;

/** @param compress whether items may be compressed where that is cheaper; those that are can be read in any case. */
export function profileStore(
  client: DynamoDBClient,
  table: string,
  { compress = true, gets = singleGets }: { readonly compress?: boolean; readonly gets?: Gets } = {},
): ProfileStore {
  const get = gets(client, { table, consistent: true });
  return {
    async read(key) {
      const item = await get(profileItem(key));
      return item && fromItem(item);
    },

    async commit(next) {
      const isNew = next.version === 1;
      try {
        await awsCall(
          client.send(
            new PutItemCommand({
              TableName: table,
              Item: toItem(next, compress),
              ConditionExpression: isNew ? 'attribute_not_exists(pk)' : 'v = :before',
              ...(!isNew && { ExpressionAttributeValues: { ':before': { N: String(next.version - 1) } } }),
            }),
          ),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    async scan({ filter = {}, segment, cursor }) {
      const answer = await awsCall(
        client.send(
          new ScanCommand({
            TableName: table,
            ...filterExpression(filter),
            ...(segment !== undefined && { Segment: segment.index, TotalSegments: segment.of }),
            ...(cursor !== undefined && { ExclusiveStartKey: profileItem(cursor) }),
          }),
        ),
      );
      const next = answer.LastEvaluatedKey?.['pk']?.S;
      const profiles = (answer.Items ?? []).map(fromItem);
      const scanned = answer.ScannedCount ?? profiles.length;
      return { profiles, scanned, ...(next !== undefined && { cursor: next }) };
    },
  };
}

function filterExpression({ dueBefore, pendingAt }: ScanFilter): Partial<ScanCommandInput> {
  const terms: string[] = [];
  const values: Item = {};
  if (dueBefore !== undefined) {
    terms.push('due < :due');
    values[':due'] = { N: String(dueBefore) };
  }
  if (pendingAt !== undefined) {
    const [recent, old] = pendingAt;
    terms.push('frozen = :true', 'asking = :true', 'pendAt BETWEEN :recent AND :recentEnd', 'pendAt < :old');
    values[':true'] = { BOOL: true };
    values[':recent'] = { N: String(recent[0]) };
    values[':recentEnd'] = { N: String(Math.max(...recent)) };
    values[':old'] = { N: String(old[1]) };
  }
  return terms.length === 0 ? {} : { FilterExpression: terms.join(' OR '), ExpressionAttributeValues: values };
}

const hasHoldersOnly = (item: StoredItem): boolean => isNobody(profileIn(item));

export const profileKinds: readonly StoredKind[] = [
  {
    kind: 'profile',
    table: 'profiles',
    key: { partition: PROFILE_KEY },
    is: (item) => !hasHoldersOnly(item),
    what: 'What is known of one customer or visitor: ids, traits, consents, devices, runs of journeys, lists, and what counts for decisions. One that was merged points to the other.',
    personalData: 'erase',
    found: { by: 'profile' },
    kept: 'until deleted',
  },
  {
    kind: 'identity',
    table: 'profiles',
    key: { partition: PROFILE_KEY },
    is: hasHoldersOnly,
    what: 'Which profiles have an identity that never merges (an address, a device, a push token), by their keys',
    personalData: 'anonymise',
    found: { by: 'identity' },
    kept: 'until deleted',
  },
  {
    kind: 'test-profile',
    table: 'profiles',
    key: { partition: TEST_KEY },
    what: 'A copy of a customer, without ids, on which an author tries out a journey or a message',
    personalData: { retain: 'it does not say whose copy it is, and goes after a week' },
    found: { not: 'it does not say whose copy it is' },
    kept: { for: `${TEST_RUN_DAYS} days after the test began` },
  },
];
