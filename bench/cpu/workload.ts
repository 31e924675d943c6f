import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bootCloud, type LocalCloud } from '../../local/cloud.ts';
import { ApiClient } from '../../local/demo/api-client.ts';
import { synthesize } from '../../local/synthesize.ts';

const root = join(import.meta.dirname, '..', '..');

/** The local cloud, with one journey that answers each event with a message, and who posts events to it. */
export interface Workload {
  readonly cloud: LocalCloud;
  /** One request with these events; returns when it was answered. */
  post(events: readonly object[]): Promise<void>;
  /** An event that is answered with a message to `addressOf` the same. */
  order(userId: string): object;
  addressOf(userId: string): string;
}

const welcome = {
  schemaVersion: 1,
  id: 'welcome',
  name: 'One message for each order',
  topic: 'account',
  entry: [{ on: 'event', event: 'Ordered' }],
  reentry: { again: 'after-exit', whileInside: 'ignore' },
  start: 'thanks',
  steps: { thanks: { type: 'message', template: 'thanks', channels: ['email'], next: 'end' } },
};

const thanks = {
  schemaVersion: 1,
  id: 'thanks',
  variables: { 'profile.firstName': { type: 'string', example: 'Ada' } },
  variants: [
    {
      channel: 'email',
      content: {
        subject: 'Thank you, {{ profile.firstName }}',
        html: '<p>Hello {{ profile.firstName }}, we have your order.</p>',
      },
    },
  ],
};

export function synthesizeBench(): Promise<string> {
  mkdirSync(join(root, '.godwit'), { recursive: true });
  return synthesize(join(root, '.godwit', 'cdk.out.bench'));
}

export async function startWorkload(assembly: string): Promise<Workload> {
  const cloud = await bootCloud({ assembly, seed: 1, overrides: { schedules: 'off' } });
  const key = async (request: object) => ((await cloud.invoke('issue-key', request)) as { secret: string }).secret;
  const api = new ApiClient(cloud.api, await key({ name: 'bench', kind: 'api', scopes: ['*'] }));
  const writeKey = await key({ name: 'bench', kind: 'ingest' });
  await api.put('/v1/topics/account', { id: 'account', kind: 'transactional', consent: { email: 'opt-out' } });
  await api.put('/v1/templates/thanks', thanks);
  const draftEtag = (await api.put('/v1/journeys/welcome', welcome)).replaceAll('"', '');
  await api.post('/v1/journeys/welcome/publish', { draftEtag });
  return {
    cloud,
    post: poster(cloud, writeKey),
    order: (userId) => ({ type: 'track', userId, event: 'Ordered', properties: { total: 7 } }),
    addressOf: (userId) => `${userId}@mail.example`,
  };
}

function poster({ api, now }: LocalCloud, writeKey: string): Workload['post'] {
  let posted = 0;
  const authorization = `Basic ${btoa(`${writeKey}:`)}`;
  return async (events) => {
    const timestamp = new Date(now()).toISOString();
    const batch = events.map((event) => ({ messageId: `bench-${++posted}`, timestamp, ...event }));
    const response = await fetch(`${api}/v1/batch`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ batch, sentAt: timestamp }),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  };
}

/** Does `work` for each of them, so many at once. */
export async function inParallel<T>(all: readonly T[], atOnce: number, work: (one: T) => Promise<void>): Promise<void> {
  const rest = [...all].reverse();
  const lane = async () => {
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
