import { isDeepStrictEqual } from 'node:util';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall as marshallValue, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AuditEntry, AuditIntent, AuditOutcome, AuditQuery, AuditStore } from '../app/audit/entry.ts';
import type { Page } from '../app/page.ts';
import type { Clock } from '../app/ports.ts';
import { Conflict, InvalidInput } from '../kernel/errors.ts';
import { DAY_MS, formatInstant } from '../kernel/time.ts';
import { awsCall } from './aws-call.ts';
import { isExpired } from './expired.ts';
import type { Item } from './pages.ts';
import type { StoredKind } from './stored-kind.ts';

/**
 * Who changed what. A day (UTC) is a partition:
 *
 *   2026-11-26   <instant>#<request>       the intent, before the change
 *   2026-11-26   <instant>#<request>#done  what became of it
 *
 * 1. Every put has the condition that there is no such item, and the role of the API may put and query, nothing else.
 * 2. Both items of an entry have what is asked for (`who`, `resource`), so that a filter finds both or neither.
 * 3. Newest first the outcome comes right before its intent.
 */
const done = '#done';
/** A request looks at so many days or pages; what it has not seen is behind the cursor. */
const MOST_READS = 40;

export const auditStore = (
  client: DynamoDBClient,
  table: string,
  retentionDays: number | undefined,
  now: Clock = Date.now,
): AuditStore => {
  async function put(at: number, item: Item): Promise<void> {
    const ttl = retentionDays === undefined ? {} : { ttl: Math.floor((at + retentionDays * DAY_MS) / 1_000) };
    const entry = marshallValue({ ...item, ...ttl }, { removeUndefinedValues: true });
    try {
      await awsCall(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: entry,
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // Our own put, whose answer got lost: the SDK has sent it again.
      if (error.Item !== undefined && isDeepStrictEqual(error.Item, entry)) return;
      throw new Conflict('audit.twice', 'there is such an entry already, and entries are never changed');
    }
  }

  return {
    intend: (intent) => put(intent.at, { ...keyOf(intent), ...intent }),

    conclude(intent, outcome) {
      const { who, resource, at } = intent;
      const { pk, sk } = keyOf(intent);
      return put(at, { pk, sk: `${sk}${done}`, who, resource, outcome });
    },

    list: (query) => listEntries(client, table, query, now()),
  };
};

function keyOf({ at, id }: AuditIntent): { readonly pk: string; readonly sk: string } {
  const instant = formatInstant(at);
  return { pk: instant.slice(0, 10), sk: `${instant}#${id}` };
}

async function listEntries(
  client: DynamoDBClient,
  table: string,
  query: AuditQuery,
  now: number,
): Promise<Page<AuditEntry>> {
  const first = formatInstant(query.from);
  // Before it: everything of that millisecond included.
  let before = query.cursor === undefined ? `${formatInstant(query.to)}~` : readCursor(query.cursor);
  const data: AuditEntry[] = [];
  /** Seen, and its intent not yet. */
  let outcome: { readonly sk: string; readonly outcome: AuditOutcome } | undefined;
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    const day = before.slice(0, 10);
    if (before <= first) return { data };
    const { items, last } = await readPart(client, table, { ...query, day, first, before, now });
    for (const item of items) {
      const sk = item['sk'] as string;
      if (sk.endsWith(done)) {
        outcome = { sk: sk.slice(0, -done.length), outcome: item['outcome'] as AuditOutcome };
        continue;
      }
      const { pk, sk: _, ttl, ...intent } = item;
      data.push({ ...(intent as unknown as AuditIntent), ...(outcome?.sk === sk && { outcome: outcome.outcome }) });
      outcome = undefined;
      if (data.length === query.limit) return { data, nextCursor: cursorOf(sk) };
    }
    before = last ?? endOfDayBefore(day);
  }
  return { data, nextCursor: cursorOf(outcome === undefined ? before : `${outcome.sk}${done}~`) };
}

interface Part extends AuditQuery {
  readonly day: string;
  readonly first: string;
  readonly before: string;
  readonly now: number;
}

async function readPart(client: DynamoDBClient, table: string, part: Part) {
  const { day, first, before, who, resource, limit, now } = part;
  const filters = [
    ...(who === undefined ? [] : ['who = :who']),
    ...(resource === undefined ? [] : ['begins_with(#resource, :resource)']),
  ];
  const answer = await awsCall(
    client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :day AND sk BETWEEN :first AND :before',
        ...(filters.length > 0 && { FilterExpression: filters.join(' AND ') }),
        ...(resource !== undefined && { ExpressionAttributeNames: { '#resource': 'resource' } }),
        ExpressionAttributeValues: marshallValue(
          { ':day': day, ':first': first, ':before': before, ':who': who, ':resource': resource },
          { removeUndefinedValues: true },
        ),
        ScanIndexForward: false,
        // Without a filter no more than is answered: two items are one entry.
        ...(filters.length === 0 && { Limit: 2 * limit + 1 }),
      }),
    ),
  );
  const kept = (answer.Items ?? []).filter((item) => !isExpired(item, now));
  const items = kept.map((item) => unmarshall(item)).filter(({ sk }) => sk !== before);
  return { items, last: answer.LastEvaluatedKey?.['sk']?.S };
}

/** `~` stands behind all digits. */
const endOfDayBefore = (day: string): string => `${formatInstant(Date.parse(day) - DAY_MS).slice(0, 10)}T~`;

const cursorOf = (before: string) => Buffer.from(before).toString('base64url');

function readCursor(cursor: string): string {
  const before = Buffer.from(cursor, 'base64url').toString();
  if (/^\d{4}-\d\d-\d\dT(~|[\d:.]+Z[\x21-\x7e]{0,300})$/.test(before)) return before;
  throw new InvalidInput('list.cursor', 'cursor is none that this list gave', [
    { pointer: '/query/cursor', code: 'cursor', detail: 'not a cursor of this list', fix: 'start without cursor' },
  ]);
}

export const auditKinds: readonly StoredKind[] = [
  {
    kind: 'audited-request',
    table: 'audit',
    key: { partition: /^\d{4}-\d\d-\d\d$/, sort: /^[\d:TZ.-]+#.+$/ },
    what: 'Who changed what, before and after; of a request about a customer the names of its fields and no values',
    personalData: { retain: 'who changed what must be known afterwards; ids of customers are hashed in it' },
    found: { not: 'it is read by time alone' },
    kept: { for: '`retention.auditDays`' },
  },
];
