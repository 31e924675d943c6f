import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { bootEnvironment, type Environment, HOUR, journeyOf, MINUTE, message } from './environment.ts';
import { deadMailbox, mailboxQueue } from './mailbox.ts';
import { type Commits, watchCommits } from './watch-commits.ts';

/**
 * More comes than consumers take: it gets slow, and nothing is lost. Consumers are given so much of the virtual clock for
 * each batch; what the machine can do is not in it. `GODWIT_BOT_EVENTS=100000 npm test -- backpressure` has a larger bot.
 */
const SECOND = 1_000;
/** So that a few hundred are a crowd. */
const ROOM = 40;
/** Of each function, on any machine. */
const WORKERS = 2;
let env: Environment;
let commits: Commits;

beforeAll(async () => {
  env = await bootEnvironment({ env: { MAILBOX_ROOM: String(ROOM) }, overrides: { maxWorkers: WORKERS } });
  const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } };
  const on = (event: string) => ({ ...again, entry: [{ on: 'event', event }] });
  await env.publish(
    journeyOf('count', { add: { type: 'update', increment: { visits: 1 }, next: 'end' } }, on('Visited')),
  );
  await env.publish(journeyOf('letter', { only: message('first') }, { ...on('Asked'), topic: 'account' }));
  const greeted = { add: { type: 'update', increment: { greeted: 1 }, next: 'end' } };
  await env.publish(journeyOf('sale', greeted, { entry: [{ on: 'api' }] }));
  commits = watchCommits(env);
});
afterEach(() => {
  env.cloud.limit('evaluate', undefined);
  env.cloud.onCall(undefined);
});
afterAll(() => env?.stop());

const call = (batch: readonly object[]) =>
  env.call('POST', '/v1/batch', { batch, sentAt: at() }, { authorization: `Basic ${btoa(`${env.ingestKey}:`)}` });
const at = () => new Date(env.cloud.now()).toISOString();
let made = 0;
const event = (who: object, name: string) => ({
  ...{ type: 'track', event: name, messageId: `e${++made}`, timestamp: at() },
  ...who,
});
const waiting = () => mailboxQueue(env).messages();
/** What the metric ApproximateAgeOfOldestMessage says. */
const ageSeconds = () => {
  const oldest = Math.min(...waiting().map(({ enqueuedAt }) => enqueuedAt));
  return Number.isFinite(oldest) ? (env.cloud.now() - oldest) / SECOND : 0;
};
/** Whether the alarm that was synthesised would, by what the metric said minute by minute. */
function rings(name: string, ages: readonly number[]): boolean {
  const { properties } = env.cloud.assembly
    .ofType('AWS::CloudWatch::Alarm')
    .find((one) => String(one.properties['AlarmName']).endsWith(name))!;
  const [{ MetricStat: of }] = properties['Metrics'] as [{ MetricStat: object }];
  expect(of).toMatchObject({ Metric: { MetricName: 'ApproximateAgeOfOldestMessage' }, Period: 60, Stat: 'Maximum' });
  const inARow = Number(properties['EvaluationPeriods']);
  return ages.some((_, from) => {
    const some = ages.slice(from, from + inARow);
    return some.length === inARow && some.every((age) => age >= Number(properties['Threshold']));
  });
}
const nothingGivenUp = () => expect(deadMailbox(env).messages()).toEqual([]);

it('G1, G2: a flood of ten times the consumers is answered, decided late, once each, and raises the alarm', async () => {
  env.cloud.limit('evaluate', { atOnce: 1, batchMs: 16 * SECOND });
  const people = 144;
  let accepted = 0;
  const post = async (round: number) => {
    const batch = Array.from({ length: 24 }, (_, n) =>
      event({ userId: `flood-${(round * 24 + n) % people}` }, 'Visited'),
    );
    const answer = await call(batch);
    if (answer.status === 200) accepted += batch.length;
    return { batch, answer };
  };
  for (let round = 0; round < 12; round++) {
    // Once the queue refuses more: the client is told so, and sends the same again.
    const isRefused = round === 5;
    if (isRefused) {
      env.cloud.onCall(({ functionName, action }) =>
        functionName.endsWith('ingest') && action === 'sqs:SendMessage' ? 'throttle' : 'pass',
      );
    }
    const { batch, answer } = await post(round);
    expect(answer.status).toBe(isRefused ? 503 : 200);
    if (isRefused) {
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      env.cloud.onCall(undefined);
      expect((await call(batch)).status).toBe(200);
      accepted += batch.length;
    }
    await env.cloud.advance(4 * SECOND);
  }
  expect(accepted).toBe(288);
  expect(waiting().length).toBeGreaterThan(0.85 * accepted);

  const ages: number[] = [];
  for (let minute = 0; minute < 6; minute++) {
    await env.cloud.advance(MINUTE);
    ages.push(ageSeconds());
  }
  expect(rings('mailbox-0-age', ages), `ages in seconds: ${ages.join(', ')}`).toBe(true);

  // Then there is no room for the function at all, for ten minutes.
  env.cloud.limit('evaluate', { throttled: true });
  await env.cloud.advance(10 * MINUTE);
  const received = waiting().filter(({ receiveCount }) => receiveCount > 0);
  expect(received.length, 'in vain').toBeGreaterThanOrEqual(20);
  env.cloud.limit('evaluate', { atOnce: 1, batchMs: 16 * SECOND });
  await env.cloud.advance(20 * MINUTE);
  expect(waiting()).toEqual([]);

  const visits = Array.from({ length: people }, (_, n) => commits.trait(`flood-${n}`, 'visits'));
  expect(visits).toEqual(visits.map(() => accepted / people));
  nothingGivenUp();
  expect((await env.call('GET', '/v1/dead-letters/parked')).body.data).toEqual([]);
});

interface Neighbours {
  readonly longestSeconds: number;
  readonly refused: number;
}

/** Ten neighbours a second, each with one event in the batches of the bot. */
async function neighbours(name: string, bot: readonly object[]): Promise<Neighbours> {
  const rounds = Math.max(6, Math.ceil(bot.length / 500));
  const posted = new Map<string, number>();
  env.cloud.limit('evaluate', { atOnce: WORKERS, batchMs: SECOND });
  for (let round = 0; round < rounds; round++) {
    const others = Array.from({ length: 10 }, (_, n) => `${name}-${round}-${n}`);
    const theirs = others.map((userId) => event({ userId }, 'Visited'));
    const [first, ...rest] = [...bot.slice(round * 500, (round + 1) * 500), ...theirs];
    expect((await call([...rest, first!])).status).toBe(200);
    for (const userId of others) posted.set(userId, env.cloud.now());
    await env.cloud.advance(SECOND);
  }
  await env.cloud.advance(MINUTE);
  const waits = [...posted].map(([userId, from]) => (commits.firstAt(userId) ?? Number.POSITIVE_INFINITY) - from);
  const refused = env.cloud
    .traces()
    .filter(({ kind, of }) => kind === 'log' && of.endsWith('ingest'))
    .flatMap(({ text }) => (text.includes('"EventsRejected"') ? [JSON.parse(text)] : []))
    .filter(({ writeKey }) => writeKey !== undefined)
    .reduce((sum, line) => sum + line.EventsRejected, 0);
  return { longestSeconds: Math.max(...waits) / SECOND, refused };
}

it('G1, G13: a bot of one profile meets its limit and harms nobody in its batches, nor behind it', async () => {
  const size = Number(process.env['GODWIT_BOT_EVENTS'] ?? 3_000);
  const control = await neighbours('calm', []);
  const before = control.refused;
  const bot = Array.from({ length: size }, () => event({ anonymousId: 'bot' }, 'Visited'));
  const beside = await neighbours('beside', bot);
  expect(control.longestSeconds).toBeLessThanOrEqual(3);
  expect(beside.longestSeconds, 'one batch more at most').toBeLessThanOrEqual(control.longestSeconds + 1);

  // A bucket of 500 that fills by 500 a minute, in each container of the door.
  const taken = size - (beside.refused - before);
  expect(taken).toBeGreaterThanOrEqual(500);
  expect(taken).toBeLessThanOrEqual(WORKERS * (500 + (500 / 60) * (size / 500 + 1)));
  await call(Array.from({ length: 600 }, () => event({ anonymousId: 'bot' }, 'Visited')));
  const alone = await call([event({ anonymousId: 'bot' }, 'Visited')]);
  expect(alone).toMatchObject({ status: 400, body: { code: 'profile.rate', limit: 500, actual: expect.any(Number) } });
  expect(alone.body.message).toContain('/batch/0');
  expect(alone.body.actual).toBeGreaterThan(500);
  const { body } = await env.call('GET', '/v1/rejected-events?limit=200');
  const keys = (await env.call('GET', '/v1/keys')).body.data;
  const shop = keys.find(({ name }: { name: string }) => name === 'shop').id;
  expect(new Set(body.data.map((one: Record<string, unknown>) => `${one['code']} ${one['writeKey']}`))).toEqual(
    new Set([`profile.rate ${shop}`]),
  );
  await env.cloud.advance(2 * MINUTE);
  nothingGivenUp();
});

it('a broadcast at a hundred times the consumers leaves live events a place near the front', async () => {
  let live = 0;
  const meanwhile = async (seconds: number) => {
    const posted = new Map<string, number>();
    for (let second = 0; second < seconds; second++) {
      const userId = `live-${++live}`;
      posted.set(userId, env.cloud.now());
      expect((await call([event({ userId }, 'Visited')])).status).toBe(200);
      await env.cloud.advance(SECOND);
    }
    await env.cloud.advance(5 * MINUTE);
    const waits = [...posted].map(([userId, from]) => (commits.firstAt(userId) ?? Number.POSITIVE_INFINITY) - from);
    return Math.max(...waits) / SECOND;
  };
  const perSecond = 10;
  env.cloud.limit('evaluate', { atOnce: 1, batchMs: SECOND });
  expect(await meanwhile(10)).toBeLessThanOrEqual(2);

  const started = { id: 'crowd', journey: 'sale', perMinute: 60_000 };
  const answer = await env.call('POST', '/v1/broadcasts', started, { 'idempotency-key': 'crowd' });
  expect(answer.status).toBe(202);
  const longest = await meanwhile(30);
  const done = (await env.call('GET', '/v1/broadcasts/crowd')).body;
  const { told } = done.progress;
  expect(done.state).toBe('done');
  expect(told).toBeGreaterThan(250);
  expect(commits.sum('greeted')).toBe(told);
  // Two rooms, the batch that is in work, and the next poll: not all that were told.
  const bound = (2 * ROOM) / perSecond + 3;
  expect(bound).toBeLessThan(told / perSecond / 2);
  expect(longest).toBeLessThanOrEqual(bound);
  nothingGivenUp();
});

it('G7: messages outlast hours in which their function is throttled, and are sent then', async () => {
  env.cloud.limit('send-email', { throttled: true });
  const users = Array.from({ length: 20 }, (_, n) => `reader-${n}`);
  await env.post(
    ...users.map((userId) => ({ type: 'identify', userId, traits: { email: `${userId}@mail.example` } })),
    ...users.map((userId) => ({ userId, event: 'Asked' })),
  );
  await env.cloud.advance(4 * HOUR);
  const queue = env.cloud.queue('MessagesEmailQueue');
  expect(queue.messages()).toHaveLength(20);
  expect(Math.max(...queue.messages().map(({ receiveCount }) => receiveCount))).toBeGreaterThan(50);
  expect(env.cloud.messages({ channel: 'email' })).toEqual([]);
  env.cloud.limit('send-email', undefined);
  await env.cloud.advance(5 * MINUTE);
  expect(
    env.cloud
      .messages({ channel: 'email' })
      .map(({ to }) => to)
      .sort(),
  ).toEqual(users.map((user) => `${user}@mail.example`).sort());
});
