import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Clock } from '../app/ports.ts';
import { type Job, type JobStore, type SegmentProgress, untouched } from '../app/scans/job.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { DAY_MS, formatInstant, SECOND_MS } from '../kernel/time.ts';
import { hasExpired } from '../kernel/time-to-live.ts';
import { defaultDays } from '../resources.ts';
import { awsCall } from './aws-call.ts';
import { type Item, queryPage } from './pages.ts';
import type { StoredKind } from './stored-kind.ts';

/**
 * The jobs table, by TTL for `retention.jobDays` after a job began; what DynamoDB deletes late is not there for whoever reads. Personal data: none; ids, counts, and keys of profiles, which
 * are hashes.
 *
 *   pk          sk                       what
 *   jobs        <instant>#<id>           that there is a job, for the list
 *   jobs#<kind> <instant>#<id>           the same, for the list of one kind
 *   job#<id>    job                      the job
 *   job#<id>    segment#<n>              how far a segment has come, with its counts
 *   job#<id>    kept#<segment>#<page>    what a page found
 *
 * `params` and what is kept are JSON text, as documents of the catalog are.
 */
const listKey = (kind?: string) => (kind === undefined ? 'jobs' : `jobs#${kind}`);
const partition = (id: string) => `job#${id}`;
const jobKey = (id: string) => ({ pk: partition(id), sk: 'job' });
const padded = (n: number, digits: number) => String(n).padStart(digits, '0');
const segmentPrefix = 'segment#';
const segmentKey = (id: string, segment: number) => ({ pk: partition(id), sk: segmentPrefix + padded(segment, 3) });
const keptPrefix = 'kept#';

export function jobStore(
  client: DynamoDBClient,
  table: string,
  clock: Clock,
  retentionDays: number | undefined = defaultDays.job,
): JobStore {
  const ttlOf = ({ begin }: Pick<Job, 'begin'>) => Math.ceil((begin + retentionDays * DAY_MS) / SECOND_MS);
  const toItem = ({ params, ...job }: Job): Item => ({ ...job, params: JSON.stringify(params), ttl: ttlOf(job) });
  const isKept = (item: Item | undefined): item is Item => item !== undefined && !hasExpired(item['ttl'], clock());
  const get = async (key: Item): Promise<Item | undefined> => {
    const command = new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true });
    const { Item: item } = await awsCall(client.send(command));
    return item && unmarshall(item);
  };
  const put = async (item: Item, condition?: { readonly expression: string; readonly values?: Item }) => {
    const command = new PutItemCommand({
      TableName: table,
      Item: marshall(item, { removeUndefinedValues: true }),
      ...(condition && { ConditionExpression: condition.expression }),
      ...(condition?.values && { ExpressionAttributeValues: marshall(condition.values) }),
    });
    return unlessLost(awsCall(client.send(command)));
  };

  return {
    async create(job) {
      const isNew = await put({ ...jobKey(job.id), ...toItem(job) }, { expression: 'attribute_not_exists(pk)' });
      const stored = isNew ? job : toJob((await get(jobKey(job.id)))!);
      const listed = { sk: `${formatInstant(stored.at)}#${job.id}`, ttl: ttlOf(stored) };
      for (const pk of [listKey(), listKey(stored.kind)]) await put({ pk, ...listed });
      return stored;
    },

    async read(id) {
      const item = await get(jobKey(id));
      return isKept(item) ? toJob(item) : undefined;
    },

    async list(page, kind) {
      const query = { TableName: table, partition: listKey(kind), ScanIndexForward: false };
      const { data, ...rest } = await queryPage(client, query, page);
      const ids = data.map(({ sk }) => (sk as string).slice((sk as string).indexOf('#') + 1));
      const jobs = await Promise.all(ids.map((id) => get(jobKey(id))));
      return { ...rest, data: jobs.filter(isKept).map(toJob) };
    },

    async change(id, from, to) {
      const fields = Object.entries(to);
      const command = new UpdateItemCommand({
        TableName: table,
        Key: marshall(jobKey(id)),
        UpdateExpression: `SET ${fields.map((_, index) => `#to${index} = :to${index}`).join(', ')}`,
        ConditionExpression: `#state IN (${from.map((_, index) => `:from${index}`).join(', ')})`,
        ExpressionAttributeNames: {
          '#state': 'state',
          ...Object.fromEntries(fields.map(([name], index) => [`#to${index}`, name])),
        },
        ExpressionAttributeValues: marshall({
          ...Object.fromEntries(fields.map(([, value], index) => [`:to${index}`, value])),
          ...Object.fromEntries(from.map((one, index) => [`:from${index}`, one])),
        }),
      });
      return unlessLost(awsCall(client.send(command)));
    },

    async readSegment(id, segment) {
      const item = await get(segmentKey(id, segment));
      return item === undefined ? untouched : toSegment(item);
    },

    async readSegments(id) {
      const query = {
        TableName: table,
        partition: partition(id),
        prefix: segmentPrefix,
        ConsistentRead: true,
      };
      // At most 40 of them, which a page holds.
      const { data } = await queryPage(client, query, { limit: 100 });
      return data.map(toSegment);
    },

    writeSegment: (job, segment, next) =>
      put(
        { ...segmentKey(job.id, segment), ...next, ttl: ttlOf(job) },
        next.page === 1
          ? { expression: 'attribute_not_exists(pk)' }
          : { expression: 'page = :before', values: { ':before': next.page - 1 } },
      ),

    async keep(job, { segment, page }, found) {
      const sk = `${keptPrefix}${padded(segment, 3)}#${padded(page, 9)}`;
      await put({ pk: partition(job.id), sk, found: JSON.stringify(found), ttl: ttlOf(job) });
    },

    async listKept(id, page) {
      const query = { TableName: table, partition: partition(id), prefix: keptPrefix, ConsistentRead: true };
      const { data, ...rest } = await queryPage(client, query, page);
      return { ...rest, data: data.filter(isKept).map(({ found }) => JSON.parse(found as string) as Json) };
    },
  };
}

function toJob({ pk: _pk, sk: _sk, ttl: _ttl, params, ...job }: Item): Job {
  return { ...job, params: JSON.parse(params as string) as Json } as Job;
}

function toSegment({ pk: _pk, sk: _sk, ttl: _ttl, ...progress }: Item): SegmentProgress {
  return progress as unknown as SegmentProgress;
}

/** False when the condition is lost. */
async function unlessLost(sent: Promise<unknown>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

const hashes = {
  personalData: { retain: 'of customers it has keys of profiles, which are hashes' },
  found: { not: 'a customer’s key may stand in any job' },
  kept: { for: '`retention.jobDays` after the job began' },
} as const;

export const jobKinds: readonly StoredKind[] = [
  {
    kind: 'job',
    table: 'jobs',
    key: { partition: /^job#[\w-]+$/, sort: /^job$/ },
    what: 'A job: what was asked for, by which key, and how it ended. A broadcast to some names them by the keys of their profiles.',
    ...hashes,
  },
  {
    kind: 'job-listing',
    table: 'jobs',
    key: { partition: /^jobs(#[a-z-]+)?$/, sort: /^\d{4}-[^#]+Z#[\w-]+$/ },
    what: 'That there is a job, for the list',
    personalData: 'none',
    kept: hashes.kept,
  },
  {
    kind: 'job-progress',
    table: 'jobs',
    key: { partition: /^job#[\w-]+$/, sort: /^segment#\d+$/ },
    what: 'How far a part of a job has come: counts, and the key of the profile where it goes on',
    ...hashes,
  },
  {
    kind: 'job-findings',
    table: 'jobs',
    key: { partition: /^job#[\w-]+$/, sort: /^kept#\d+#\d+$/ },
    what: 'What a job has found: keys of profiles, names of files, lines of a file with what is wrong there',
    ...hashes,
  },
];
