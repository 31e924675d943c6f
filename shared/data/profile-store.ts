import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  type ScanCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Pending, ProfileStore, ScanFilter, StoredProfile } from '../app/ports.ts';
import { TEST_RUN_DAYS } from '../domain/profiles/limits.ts';
import { type PackedProfile, packProfile, unpackProfile } from '../domain/profiles/pack-stored.ts';
import { isNobody, nextDue } from '../domain/profiles/profile.ts';
import { Permanent } from '../kernel/errors.ts';
import { DAY_MS } from '../kernel/time.ts';
import { profileItem } from './actor-keys.ts';
import { awsCall } from './aws-call.ts';
import { PROFILE_KEY, type StoredItem, type StoredKind, TEST_KEY } from './stored-kind.ts';

type Item = Record<string, AttributeValue>;

/** DynamoDB takes 400 KB, names included. Far above what a profile should have: the decision core refuses at 32 KB. */
export const MAX_ITEM_BYTES = 380_000;

/**
 * pk · v (version) · at · ep (epoch) · doc (the profile) · pend (effects of the last commit) · pendAt, due, asking,
 * frozen (only for the filter of a scan) · ttl (of a test run, which scans leave alone).
 *
 * `doc` and `pend` are JSON text: customers' values may be nested deeper than DynamoDB's 32 levels or be numbers that
 * it does not take, a write costs by size and not by shape, and text is quicker to read than a map of hundreds. Empty
 * parts of a profile are left out, and occurrences packed (pack-stored.ts).
 */
export function profileStore(client: DynamoDBClient, table: string): ProfileStore {
  return {
    async read(key) {
      const { Item: item } = await awsCall(
        client.send(new GetItemCommand({ TableName: table, Key: profileItem(key), ConsistentRead: true })),
      );
      return item && fromItem(item);
    },

    async commit(next) {
      const item = toItem(next);
      const bytes = Buffer.byteLength(item['doc']!.S!) + Buffer.byteLength(item['pend']?.S ?? '');
      if (bytes > MAX_ITEM_BYTES) {
        throw new Permanent('profile.too-large', `an item has at most ${MAX_ITEM_BYTES} bytes; this one has ${bytes}`);
      }
      const isNew = next.version === 1;
      try {
        await awsCall(
          client.send(
            new PutItemCommand({
              TableName: table,
              Item: item,
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

function toItem({ key, version, at, epoch, profile, pending }: StoredProfile): Item {
  const { test } = profile;
  const due = profile.movedTo === undefined && test === undefined ? nextDue(profile) : undefined;
  const isAsking =
    (profile.movedTo === undefined && Object.keys(profile.asked).length > 0) || profile.erased?.left !== undefined;
  return {
    ...profileItem(key),
    v: { N: String(version) },
    at: { N: String(at) },
    ep: { N: String(epoch) },
    doc: { S: JSON.stringify(packProfile(profile)) },
    ...(pending !== undefined && { pend: { S: pendingText(pending) }, pendAt: { N: String(pending.at) } }),
    ...(due !== undefined && { due: { N: String(due) } }),
    ...(test !== undefined && { ttl: { N: String(Math.ceil((test.startedAt + TEST_RUN_DAYS * DAY_MS) / 1_000)) } }),
    ...(isAsking && { asking: { BOOL: true } }),
    ...(profile.frozen && { frozen: { BOOL: true } }),
  };
}

function fromItem(item: Item): StoredProfile {
  const version = Number(item['v']!.N);
  const profile = unpackProfile(JSON.parse(item['doc']!.S!) as PackedProfile);
  const pend = item['pend']?.S;
  return {
    key: item['pk']!.S!,
    version,
    at: Number(item['at']!.N),
    epoch: Number(item['ep']!.N),
    profile,
    ...(pend !== undefined && { pending: readPending(pend, version, Number(item['pendAt']!.N)) }),
  };
}

type HandledTuple = [
  jk: string,
  st: Pending['ids'][number]['st'],
  t: Pending['ids'][number]['t'],
  why: Pending['ids'][number]['why'],
];

/** Its version and time are the item's; `ids` as tuples: the item is paid by the kilobyte. */
function pendingText({ ids, last, eff, hop }: Pending): string {
  const tuples = ids.map(({ jk, st, t, why }): HandledTuple => [jk, st, t, why]);
  return JSON.stringify({ ids: tuples, last, eff, hop });
}

function readPending(text: string, v: number, at: number): Pending {
  const { ids, ...rest } = JSON.parse(text) as Pick<Pending, 'last' | 'eff' | 'hop'> & { readonly ids: HandledTuple[] };
  return { v, at, ids: ids.map(([jk, st, t, why]) => ({ jk, st, t, why })), ...rest };
}

const hasHoldersOnly = (item: StoredItem): boolean =>
  isNobody(unpackProfile(JSON.parse(item['doc']!.S!) as PackedProfile));

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
