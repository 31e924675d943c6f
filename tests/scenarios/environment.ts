import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { bootCloud, type CloudOptions, type LocalCloud } from '../../local/cloud.ts';
import { tables } from '../../shared/resources.ts';
import { expectKnownKinds } from '../emulators/dynamo.ts';
import { requireNobodyShown } from './marks.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a test reads from an answer is what it asserts
  readonly body: any;
}

export interface Environment {
  readonly cloud: LocalCloud;
  readonly adminKey: string;
  readonly ingestKey: string;
  /** The management API, as an administrator unless headers say otherwise. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Posts events as a server-side client does; throws unless they are accepted. */
  post(...events: Record<string, unknown>[]): Promise<void>;
  publish(journey: Record<string, unknown>): Promise<void>;
  /** Journal reasons of a customer, newest first. */
  reasons(userId: string): Promise<{ code: string; journey?: string; step?: string }[]>;
  profile(userId: string): Promise<Answer>;
  /** Throws when a customer's address was logged, or stands in a label or an execution. */
  stop(): Promise<void>;
}

/** A Monday, noon in Berlin: no quiet hours, no daylight saving change near. */
export const NOON = Date.parse('2026-11-23T11:00:00Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface EnvironmentOptions extends Partial<CloudOptions> {
  /** What runs by itself every night does. Without it no nightly repair can hide what should not need one. */
  readonly nightly?: true;
}

/** The synthesised stacks on the local cloud, with a clock that only moves when it is told to. */
export async function bootEnvironment({ nightly, ...options }: EnvironmentOptions = {}): Promise<Environment> {
  const log = process.env['GODWIT_TEST_LOG'] ? (line: string) => console.log(line) : undefined;
  const cloud = await bootCloud({
    assembly: inject('assembly'),
    startTime: NOON,
    frozen: true,
    seed: 1,
    ...(log && { log }),
    ...options,
    overrides: { ...(nightly === undefined && { schedules: 'off' }), ...options.overrides },
  });
  const key = async (request: object) => ((await cloud.invoke('issue-key', request)) as { secret: string }).secret;
  const adminKey = await key({ name: 'tests', kind: 'api', scopes: ['*'] });
  const ingestKey = await key({ name: 'shop', kind: 'ingest' });
  let posted = 0;

  const call: Environment['call'] = async (method, path, body, headers = {}) => {
    const raw = typeof body === 'string';
    const response = await fetch(cloud.api + path, {
      method,
      headers: {
        authorization: `Bearer ${adminKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };
  const mustCall: Environment['call'] = async (...args) => {
    const answer = await call(...args);
    if (answer.status >= 300)
      throw new Error(`${args[0]} ${args[1]} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  };
  const put = async (path: string, document: unknown): Promise<Answer> => {
    const found = await call('GET', path);
    const etag = found.headers.get('etag');
    return mustCall(
      'PUT',
      path,
      document,
      found.status === 404 || etag === null ? { 'if-none-match': '*' } : { 'if-match': etag },
    );
  };

  const isNew = { 'if-none-match': '*' };
  for (const topic of topics) await mustCall('PUT', `/v1/topics/${topic.id}`, topic, isNew);
  for (const template of templates) await mustCall('PUT', `/v1/templates/${template.id}`, template, isNew);

  return {
    cloud,
    adminKey,
    ingestKey,
    call,
    async post(...events) {
      const batch = events.map((event) => ({
        messageId: `m${++posted}`,
        timestamp: new Date(cloud.now()).toISOString(),
        type: 'track',
        ...event,
      }));
      const body = { batch, sentAt: new Date(cloud.now()).toISOString() };
      const answer = await call('POST', '/v1/batch', body, { authorization: `Basic ${btoa(`${ingestKey}:`)}` });
      if (answer.status !== 200)
        throw new Error(`the batch was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    },
    async publish(journey) {
      const drafted = await put(`/v1/journeys/${journey['id']}`, journey);
      await mustCall('POST', `/v1/journeys/${journey['id']}/publish`, { draftEtag: drafted.body.etag });
      // Containers look for a new catalog every few seconds.
      await cloud.advance(15_000);
    },
    async reasons(userId) {
      const answer = await mustCall('GET', `/v1/profiles/${encodeURIComponent(userId)}/timeline?limit=200`);
      return answer.body.data.flatMap((entry: { reasons: object[] }) => entry.reasons);
    },
    profile: (userId) => call('GET', `/v1/profiles/${encodeURIComponent(userId)}`),
    async stop() {
      try {
        requireNobodyShown(cloud);
        await expectKnownKinds(new DynamoDBClient(cloud.operator), tablesOf(cloud));
      } finally {
        await cloud.stop();
      }
    },
  };
}

const topics = [
  { id: 'news', kind: 'marketing', consent: { email: 'opt-out' } },
  { id: 'account', kind: 'transactional', consent: { email: 'opt-out' } },
];

const marketing = { html: '<p>{{ postal_address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>' };
const templates = ['first', 'second', 'third'].map((id) => ({
  schemaVersion: 1,
  id,
  variables: {},
  variants: [{ channel: 'email', content: { subject: `The ${id} message`, html: `<h1>${id}</h1>${marketing.html}` } }],
}));

/** One message, or several with waits between them. */
export function journeyOf(id: string, steps: Record<string, unknown>, more: Record<string, unknown> = {}) {
  return {
    schemaVersion: 1,
    id,
    name: id,
    topic: 'news',
    entry: [{ on: 'event', event: 'Started' }],
    reentry: { again: 'never', whileInside: 'ignore' },
    start: Object.keys(steps)[0],
    steps,
    ...more,
  };
}

export const message = (template: string, next = 'end') => ({ type: 'message', template, channels: ['email'], next });
export const wait = (duration: string, next = 'end') => ({ type: 'wait', for: duration, next });

/** By their names in the deployment; the logical id begins with what the table is. */
function tablesOf({ assembly }: LocalCloud): [name: string, table: keyof typeof tables][] {
  const deployed = assembly.ofType('AWS::DynamoDB::Table');
  return (Object.keys(tables) as (keyof typeof tables)[]).map((table) => [
    deployed.find(({ logicalId }) => logicalId.toLowerCase().startsWith(`table${table}`))!.name,
    table,
  ]);
}
