import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bootCloud, type LocalCloud } from '../../local/cloud.ts';
import { ApiClient } from '../../local/demo/api-client.ts';
import { synthesize } from '../../local/synthesize.ts';
import { order, tenComputedTraits } from '../commerce-catalog.ts';
import { less } from '../cost/measured.ts';
import { referenceJourney } from '../reference-journey.ts';
import { countedMetrics, type Metered, meter } from './metered.ts';
import { storedBytes } from './stored-bytes.ts';
import { TENS } from './tens.ts';

const root = join(import.meta.dirname, '..', '..');
const DAY = 86_400_000;
const MINUTE = 60_000;
export const CUSTOMERS = 100;
const OPENED = 50;
const PROBES = 12;
/** For three days the daily repair looks after effects, and the last of them is over on the fourth. */
const REPAIR_DAYS = 4;

export interface Part {
  readonly id: string;
  readonly what: string;
  /** What of it there were. */
  readonly per: number;
  readonly metered: Metered;
}

export interface Measured {
  readonly parts: readonly Part[];
  readonly customMetrics: readonly string[];
  /** Of the table of profiles in the end, identities included, by customer. */
  readonly profileBytes: number;
}

/** What a month is made of, each part alone: one customer after another, so that no batch holds more than one record. */
export async function measure(): Promise<Measured> {
  mkdirSync(join(root, '.godwit'), { recursive: true });
  const assembly = await synthesize(join(root, '.godwit', 'cdk.out.bill'));
  const cloud = await bootCloud({ assembly, frozen: true, seed: 1, startTime: Date.parse('2026-11-23T11:00:00Z') });
  try {
    return await measureOn(cloud);
  } finally {
    await cloud.stop();
  }
}

async function measureOn(cloud: LocalCloud): Promise<Measured> {
  const key = async (request: object) => ((await cloud.invoke('issue-key', request)) as { secret: string }).secret;
  const api = new ApiClient(cloud.api, await key({ name: 'bench', kind: 'api', scopes: ['*'] }));
  const writeKey = await key({ name: 'bench', kind: 'ingest' });
  await prepare(api);
  // The first sweep does not know how large the tables are.
  await cloud.advance(DAY);

  const parts: Part[] = [];
  const add = (id: string, what: string, per: number, metered: Metered) => {
    parts.push({ id, what, per, metered });
    process.stderr.write(`${what}\n`);
    return metered;
  };
  /** One request after another comes to an end, so that which records share a batch is no matter of chance. */
  const each = async (make: (userId: string) => object, together = 1) => {
    for (let from = 0; from < CUSTOMERS; from += together) {
      const events = Array.from({ length: together }, (_, i) => make(`customer-${from + i}`));
      await post(cloud, writeKey, events);
      await cloud.settle();
    }
  };
  const days = (count: number) => meter(cloud, () => cloud.advance(count * DAY));
  const count = (id: string, what: string, work: () => Promise<void>, per = CUSTOMERS) =>
    meter(cloud, work).then((metered) => add(id, what, per, metered));

  const idle = add('idle-day', 'a day of an environment without customers', 1, await days(1));
  await count('new-profile', 'a new profile, with name and e-mail address', () =>
    each((userId) => ({ type: 'identify', userId, traits: { firstName: 'Ada', email: `${userId}@mail.example` } })),
  );
  const look = (userId: string) => ({ type: 'track', userId, event: 'Looked Around', properties: { page: 7 } });
  const gets = (plan: string) => (userId: string) => ({ type: 'identify', userId, traits: { plan } });
  const orders = (number: number) => (userId: string) => {
    return { type: 'track', userId, event: 'Order Completed', properties: order(number) };
  };
  // A profile that has been there for a while is larger, and a write of it dearer. Nor are these the first orders, which
  // enter values that later ones only change.
  for (const before of [0, 1, 2, 3]) await each(orders(before));
  await count('inert-event', 'an event that changes nothing', () => each(look));
  await count('trait-event', 'an event that moves a trait', () => each(gets('silver')));
  await count('computed-event', 'an event that feeds ten computed traits', () => each(orders(4)));
  await count(`inert-event${TENS}`, 'the first of them, of ten customers in one request', () => each(look, 10));
  await count(`trait-event${TENS}`, 'the second, so', () => each(gets('gold'), 10));
  await count(`computed-event${TENS}`, 'the third, so', () => each(orders(5), 10));
  const young = await days(REPAIR_DAYS);
  const quiet = await days(1);
  add('quiet-day', 'what the daily jobs do for a profile in a day', CUSTOMERS, less(quiet, idle, 1));
  const looked = less(young, quiet, REPAIR_DAYS);
  add('new-profile-after', 'what the daily repair looks after of a new profile', CUSTOMERS, looked);

  const journey = await meter(cloud, async () => {
    await each((userId) => ({ type: 'track', userId, event: 'Started' }));
    await cloud.advance((11 + REPAIR_DAYS) * DAY);
  });
  add(
    'journey',
    'a customer through the reference journey, its event included',
    CUSTOMERS,
    less(journey, quiet, 11 + REPAIR_DAYS),
  );

  const broadcast = (id: string, where: string) => async () => {
    const request = { id, template: 'news', topic: 'offers', where };
    await api.post('/v1/broadcasts', request, { 'idempotency-key': id });
    for (let minute = 0; minute < 5; minute += 1) await cloud.advance(MINUTE);
    await cloud.advance(REPAIR_DAYS * DAY);
  };
  // It makes a journey of one message, which the next one finds there.
  await broadcast('first', 'profile.plan = "none"')();
  const toNobody = await meter(cloud, broadcast('nobody', 'profile.plan = "none"'));
  add('broadcast-itself', 'a broadcast that meets nobody', 1, less(toNobody, quiet, REPAIR_DAYS));
  const sentBefore = cloud.messages().length;
  const toAll = await meter(cloud, broadcast('all', 'profile.plan = "gold"'));
  const sent = cloud.messages().slice(sentBefore);
  if (sent.length !== CUSTOMERS) throw new Error(`${sent.length} messages of ${CUSTOMERS} went out`);
  add('broadcast', 'a message of a broadcast', CUSTOMERS, less(toAll, toNobody, 1));
  await count(
    'opened',
    'a message that somebody opens, or clicks in',
    async () => {
      for (const message of sent.slice(0, OPENED)) {
        cloud.provider('email').play(message, { type: 'open' });
        await cloud.settle();
      }
    },
    OPENED,
  );
  const probe = async () => {
    for (let i = 0; i < PROBES; i += 1) {
      await cloud.invoke('canary', {});
      await cloud.advance(5 * MINUTE);
    }
  };
  await probe();
  await count('canary', 'a probe of the canary', probe, PROBES);
  const { profiles = 0 } = await storedBytes(cloud);
  return { parts, customMetrics: countedMetrics(cloud), profileBytes: profiles / CUSTOMERS };
}

async function prepare(api: ApiClient): Promise<void> {
  await api.put('/v1/topics/account', { id: 'account', kind: 'transactional', consent: { email: 'opt-out' } });
  await api.put('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } });
  const mail = (id: string, html: string) => ({
    ...{ schemaVersion: 1, id, variables: {} },
    variants: [{ channel: 'email', content: { subject: 'Hello', html } }],
  });
  await api.put('/v1/templates/hello', mail('hello', '<p>Hello</p>'));
  const footer = '{{ postal_address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a>';
  await api.put('/v1/templates/news', mail('news', `<p>News</p><p>${footer}</p>`));
  for (const one of tenComputedTraits) await api.put(`/v1/computed-traits/${one.id}`, one);
  const etag = await api.put('/v1/journeys/reference', referenceJourney);
  await api.post('/v1/journeys/reference/publish', { draftEtag: etag.replaceAll('"', '') });
}

let posted = 0;

async function post(cloud: LocalCloud, writeKey: string, events: readonly object[]): Promise<void> {
  const timestamp = new Date(cloud.now()).toISOString();
  const batch = events.map((event) => ({ messageId: `bill-${++posted}`, timestamp, ...event }));
  const response = await fetch(`${cloud.api}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch, sentAt: timestamp }),
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
}
