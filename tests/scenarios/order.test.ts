import { SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, ObservedCall } from '../../local/cloud.ts';
import type { CustomerEvent } from '../../shared/domain/customer-event.ts';
import type { MailRecord } from '../../shared/domain/mail-record.ts';
import { bootEnvironment, DAY, type Environment, HOUR, journeyOf, MINUTE, message } from './environment.ts';
import { deadMailbox, eventRecord, mailboxQueue, mailOf, sendMail, userKey } from './mailbox.ts';

describe('one writer per profile, in the order of its mailbox', () => {
  let env: Environment;
  const log: string[] = [];
  let customers = 0;

  beforeAll(async () => {
    env = await bootEnvironment({ log: (line) => log.push(line) });
    // What was applied, in which order, and how often: a trait of the profile says it.
    await env.publish(
      journeyOf(
        'ledger',
        { add: { type: 'update', increment: { count: 1 }, append: { log: { ref: 'entry.n' } }, next: 'end' } },
        {
          entry: [{ on: 'event', event: 'Counted', maxAge: 'P30D' }],
          reentry: { again: 'after-exit', whileInside: 'ignore' },
        },
      ),
    );
    await env.publish(journeyOf('welcome', { mail: message('first') }, { topic: 'account' }));
  });
  afterEach(() => env.cloud.onCall(undefined));
  afterAll(() => env?.stop());

  const newcomer = () => `order-${++customers}`;
  const counted = (userId: string, n: number | string, more: object = {}) => ({
    event: 'Counted',
    userId,
    properties: { n },
    ...more,
  });
  const ledger = async (user: string): Promise<{ count: number; log: unknown[] }> => {
    const { traits } = (await env.profile(user)).body;
    return { count: traits?.count?.value ?? 0, log: traits?.log?.value ?? [] };
  };
  const fate = async (user: string, messageId: string) =>
    (await env.call('GET', `/v1/events/${messageId}?userId=${user}`)).body.state;
  const parkings = () =>
    log
      .filter((line) => line.includes('"RecordsParked"'))
      .reduce((sum, line) => sum + metric(line, 'RecordsParked'), 0);
  const queueIsEmpty = () => expect(mailboxQueue(env).counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });

  it('G4: two events of one customer at once from two connections are applied one by one', async () => {
    const user = newcomer();
    const writers: string[] = [];
    env.cloud.onCall(({ functionName, requestId }) => {
      if (functionName.includes('evaluate') && writers.at(-1) !== requestId) writers.push(requestId!);
      return 'pass';
    });
    for (let round = 0; round < 20; round++) {
      await Promise.all([env.post(counted(user, 2 * round)), env.post(counted(user, 2 * round + 1))]);
    }
    await env.cloud.settle();
    expect(new Set(writers).size, 'an invocation ends before the next one begins').toBe(writers.length);
    expect(writers.length).toBeGreaterThan(1);
    const { count, log: applied } = await ledger(user);
    expect(count).toBe(40);
    expect(applied.toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 40 }, (_, n) => n));
    // Of one connection, the order in which it was posted.
    const rounds = applied.map((n) => Math.floor(Number(n) / 2));
    expect(rounds).toEqual(rounds.toSorted((a, b) => a - b));
  });

  it.each(['crash-before', 'crash-after', 'throttle', 'lose-answer', { holdBack: 1 }] as Fault[])(
    'G1, G4: %j at any call of evaluate keeps the order of what was posted',
    async (fault) => {
      for (let nth = 1; nth <= 12; nth += 3) {
        const user = newcomer();
        let calls = 0;
        env.cloud.onCall(({ functionName }) => (functionName.includes('evaluate') && ++calls === nth ? fault : 'pass'));
        for (let n = 0; n < 6; n++) await env.post(counted(user, n));
        await env.cloud.advance(10 * MINUTE);
        env.cloud.onCall(undefined);
        expect(await ledger(user), `call ${nth}`).toEqual({ count: 6, log: [0, 1, 2, 3, 4, 5] });
        queueIsEmpty();
      }
    },
  );

  describe('a record that cannot be decided', () => {
    /** As a client of a release that never was might write it: an event without its data. */
    const broken = (user: string): MailRecord => {
      const record = eventRecord(env, { id: `broken-${user}`, name: 'Counted', userId: user });
      const { data: _, ...event } = (record as { event: CustomerEvent }).event;
      return { t: 'event', event: event as CustomerEvent };
    };

    it('G1: is parked with its input and counted, and the profile goes on', async () => {
      const user = newcomer();
      const before = parkings();
      await env.post(counted(user, 1));
      await sendMail(env, mailOf(env, userKey(user), broken(user)));
      await env.post(counted(user, 2, { messageId: `after-${user}` }));
      await env.cloud.settle();
      expect(await ledger(user), 'what is behind it waits').toEqual({ count: 1, log: [1] });
      expect(await fate(user, `broken-${user}`)).toBe('not-found');
      await env.cloud.advance(HOUR);
      expect(await ledger(user)).toEqual({ count: 2, log: [1, 2] });
      expect(await fate(user, `after-${user}`)).toBe('applied');
      expect(await fate(user, `broken-${user}`)).toBe('parked');
      const timeline = (await env.call('GET', `/v1/profiles/${user}/timeline`)).body.data;
      const parked = timeline.filter(({ state }: { state: string }) => state === 'parked');
      expect(parked).toEqual([
        expect.objectContaining({
          kind: 'event',
          reasons: [{ code: 'record.undecidable', saw: { error: 'TypeError' } }],
          record: expect.objectContaining({ t: 'event', event: expect.objectContaining({ id: `broken-${user}` }) }),
        }),
      ]);
      expect(parkings() - before).toBe(1);
      queueIsEmpty();
    });

    it('G1, G2: is retried from what was parked, and takes effect once', async () => {
      const user = newcomer();
      await env.post(counted(user, 1));
      await sendMail(env, mailOf(env, userKey(user), broken(user)));
      await env.cloud.advance(HOUR);
      await env.post(counted(user, 2));
      const timeline = (await env.call('GET', `/v1/profiles/${user}/timeline`)).body.data;
      const { record } = timeline.find(({ state }: { state: string }) => state === 'parked');
      const mended = { ...record, event: { ...record.event, data: { n: 'mended' } } };
      for (let again = 0; again < 3; again++) await sendMail(env, mailOf(env, userKey(user), mended));
      await env.cloud.settle();
      expect(await ledger(user), 'in the place of its arrival').toEqual({ count: 3, log: [1, 2, 'mended'] });
      expect(await fate(user, `broken-${user}`)).toBe('applied');
      await sendMail(env, mailOf(env, userKey(user), mended));
      await env.cloud.settle();
      expect((await ledger(user)).count).toBe(3);
    });

    it('G1: of one mail, only the bad record is parked', async () => {
      const user = newcomer();
      const good = (n: number) => eventRecord(env, { id: `g${n}-${user}`, name: 'Counted', userId: user, data: { n } });
      await sendMail(env, mailOf(env, userKey(user), good(1), broken(user), good(2)));
      await env.cloud.advance(HOUR);
      expect(await ledger(user)).toEqual({ count: 2, log: [1, 2] });
      queueIsEmpty();
    });

    it('G1: a body that nobody can read holds up its own customer only, and in the end lies in the dead letters', async () => {
      const [user, other] = [newcomer(), newcomer()];
      await sendMail(env, '{"schema":1,"key":', userKey(user));
      await env.post(counted(user, 1), counted(other, 1));
      await env.cloud.advance(HOUR);
      expect(await ledger(other)).toEqual({ count: 1, log: [1] });
      expect((await env.profile(user)).status).toBe(404);
      await env.cloud.advance(50 * HOUR);
      expect(await ledger(user)).toEqual({ count: 1, log: [1] });
      expect(
        deadMailbox(env)
          .messages()
          .map(({ body }) => body),
      ).toEqual(['{"schema":1,"key":']);
      deadMailbox(env).purge();
    });
  });

  describe('dead letters', () => {
    async function redrive() {
      const client = new SQSClient(env.cloud.operator);
      await client.send(
        new StartMessageMoveTaskCommand({
          SourceArn: deadMailbox(env).settings.arn,
          DestinationArn: mailboxQueue(env).settings.arn,
        }),
      );
      client.destroy();
      await env.cloud.settle();
    }
    const old = (user: string, n: string) =>
      eventRecord(env, { id: `${n}-${user}`, name: 'Counted', userId: user, data: { n } });

    it('G1, G4: redriven after newer mail takes its place on arrival, and older values do not overwrite newer ones', async () => {
      const user = newcomer();
      const key = userKey(user);
      const identify = eventRecord(env, { id: `i-${user}`, kind: 'identify', userId: user, data: { plan: 'old' } });
      const dead = [mailOf(env, key, old(user, 'dead')), mailOf(env, key, identify)];
      for (const mail of dead) await sendMail(env, mail, key, deadMailbox(env));
      await env.cloud.advance(DAY);
      await env.post(counted(user, 'newer'), { type: 'identify', userId: user, traits: { plan: 'new' } });
      await env.cloud.settle();
      await redrive();
      expect(await ledger(user)).toEqual({ count: 2, log: ['newer', 'dead'] });
      expect((await env.profile(user)).body.traits.plan.value).toBe('new');
      expect(await fate(user, `dead-${user}`)).toBe('applied');
      // Redriven by hand once more, as a plain copy.
      for (const mail of dead) await sendMail(env, mail);
      await env.cloud.settle();
      expect((await ledger(user)).count).toBe(2);
      expect(deadMailbox(env).counts().visible).toBe(0);
    });

    it('G2: redriven although it was applied before, it does nothing', async () => {
      const user = newcomer();
      const mail = mailOf(env, userKey(user), old(user, 'once'));
      await sendMail(env, mail);
      await env.post(counted(user, 'newer'));
      await env.cloud.settle();
      await sendMail(env, mail, mail.key, deadMailbox(env));
      await env.cloud.advance(10 * DAY);
      await redrive();
      expect(await ledger(user)).toEqual({ count: 2, log: ['once', 'newer'] });
    });
  });

  describe('an outage of DynamoDB', () => {
    const isOfEvaluate = ({ functionName, service }: ObservedCall) =>
      functionName.includes('evaluate') && service === 'dynamodb';
    it.each([
      { cut: 'every call', hits: isOfEvaluate },
      // Read, decided, and then lost: such a try must not count against the record.
      {
        cut: 'writes of profiles',
        hits: (call: ObservedCall) =>
          isOfEvaluate(call) && call.action === 'dynamodb:PutItem' && call.resource.includes('Profiles'),
      },
      {
        cut: 'the journal',
        hits: (call: ObservedCall) => isOfEvaluate(call) && call.resource.includes('Journal'),
      },
    ])('G1, G3, G4: $cut cut for half an hour loses nothing, parks nobody and keeps the order', async ({ hits }) => {
      const users = [newcomer(), newcomer(), newcomer()];
      const before = parkings();
      let refused = 0;
      env.cloud.onCall((call) => {
        if (!hits(call)) return 'pass';
        refused++;
        return { code: 'InternalServerError', status: 400 };
      });
      for (let n = 0; n < 3; n++) {
        await env.post(...users.map((user) => counted(user, n)));
        await env.cloud.advance(MINUTE);
      }
      await env.post(
        ...users.flatMap((userId) => [
          { type: 'identify', userId, traits: { email: `${userId}@mail.example` } },
          { event: 'Started', userId },
        ]),
      );
      await env.cloud.advance(30 * MINUTE);
      expect(refused, 'of several deliveries').toBeGreaterThan(20);
      env.cloud.onCall(undefined);
      await env.cloud.advance(10 * MINUTE);
      for (const user of users) {
        expect(await ledger(user)).toEqual({ count: 3, log: [0, 1, 2] });
        expect(env.cloud.messages({ to: `${user}@mail.example` })).toHaveLength(1);
      }
      expect(parkings() - before).toBe(0);
      queueIsEmpty();
      expect(deadMailbox(env).counts().visible).toBe(0);
    });

    it('G1: throttled at the door of ingest, the answer is 503 and nothing is half accepted', async () => {
      const user = newcomer();
      env.cloud.onCall(({ functionName, action }) =>
        functionName.includes('ingest') && action === 'sqs:SendMessage' ? 'throttle' : 'pass',
      );
      await expect(env.post(counted(user, 1))).rejects.toThrow('503');
      env.cloud.onCall(undefined);
      await env.cloud.settle();
      expect((await env.profile(user)).status).toBe(404);
      await env.post(counted(user, 1));
      await env.cloud.settle();
      expect((await ledger(user)).count).toBe(1);
    });
  });
});

/** Of a CloudWatch embedded-metric log line. */
function metric(line: string, name: string): number {
  const document = JSON.parse(line.slice(line.indexOf('{'))) as Record<string, number | number[]>;
  const value = document[name] ?? 0;
  return Array.isArray(value) ? value.reduce((sum, one) => sum + one, 0) : value;
}
