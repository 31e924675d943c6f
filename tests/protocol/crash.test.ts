import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { armTimers } from '../../shared/app/arm-timers.ts';
import { type Delivery, evaluate } from '../../shared/app/evaluate.ts';
import { Leases } from '../../shared/app/leases.ts';
import type {
  Cohort,
  CounterStore,
  MessageRecord,
  QueuedMessage,
  StoredProfile,
  WakeRequest,
} from '../../shared/app/ports.ts';
import { readTimeline } from '../../shared/app/profiles/profile-history.ts';
import { sendMessage } from '../../shared/app/send.ts';
import { wakeCohort } from '../../shared/app/wake-cohort.ts';
import { consentStore } from '../../shared/data/consent-store.ts';
import { counterStore } from '../../shared/data/counter-store.ts';
import { journal } from '../../shared/data/journal.ts';
import { journalPast } from '../../shared/data/journal-past.ts';
import { mailbox } from '../../shared/data/mailbox.ts';
import { messageQueues } from '../../shared/data/message-queues.ts';
import { carriedEntries, messageReader, messageStore } from '../../shared/data/message-store.ts';
import { profileHistory } from '../../shared/data/profile-history.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { readBody } from '../../shared/data/queue-body.ts';
import { statsStore } from '../../shared/data/stats-store.ts';
import { suppressionStore } from '../../shared/data/suppression-store.ts';
import { timers } from '../../shared/data/timers.ts';
import { decide, isPaused, neededVersions } from '../../shared/domain/decide.ts';
import type { Mail } from '../../shared/domain/mail-record.ts';
import { asksOfDelivery } from '../../shared/domain/messaging/asked-deliveries.ts';
import { digest, profileKey } from '../../shared/kernel/ids.ts';
import { MINUTE_MS, parseInstant, SECOND_MS } from '../../shared/kernel/time.ts';
import { timing } from '../../shared/resources.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';
import { type QueueEmulator, startQueues } from '../emulators/queues.ts';
import { catalogs } from './scenario.ts';

/** Where the process dies: at this call, with or without its having been done. */
interface Crash {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/**
 * One customer from the event to the message, on emulators: evaluate, arm-timers, wake-cohort and send as they are,
 * each killed once at one call and invoked again with the same input, as queues and state machines do.
 */
class Machine {
  calls = 0;
  readonly names: string[] = [];
  now = Date.UTC(2026, 10, 22, 9);
  handed = 0;
  readonly #crash: Crash | undefined;
  #die: (() => void) | undefined;

  constructor(crash?: Crash) {
    this.#crash = crash;
  }

  /** Every call of every client goes through here. What is killed never hears an answer. */
  async call<T>(name: string, run: () => Promise<T>): Promise<T> {
    this.calls += 1;
    this.names.push(name);
    if (this.calls !== this.#crash?.at) return run();
    if (this.#crash.when === 'after') await run();
    this.#die?.();
    return new Promise(() => undefined);
  }

  /** Until it comes back: at most one death. */
  async invoke<T>(body: (invocation: string) => Promise<T>): Promise<T> {
    for (let times = 1; ; times++) {
      const death = new Promise<'dead'>((resolve) => {
        this.#die = () => resolve('dead');
      });
      const outcome = await Promise.race([
        body(`invocation-${this.calls}-${times}`).then((value) => ({ value })),
        death,
      ]);
      if (outcome !== 'dead') return outcome.value;
    }
  }
}

describe('every call, cut off once', () => {
  let dynamo: DynamoEmulator;
  let queues: QueueEmulator;
  let plain: SQSClient;
  let urls: { mailbox: string; messages: string; wakes: string; soon: string };
  let tables: {
    profiles: string;
    journal: string;
    messages: string;
    stats: string;
    limits: string;
    suppressions: string;
    consents: string;
  };
  beforeAll(async () => {
    [dynamo, queues] = await Promise.all([startDynoxide(), startQueues()]);
    plain = new SQSClient({ endpoint: queues.endpoint });
    const create = async (QueueName: string) => (await plain.send(new CreateQueueCommand({ QueueName }))).QueueUrl!;
    urls = {
      mailbox: queues.createFifo('mailbox.fifo'),
      messages: await create('messages'),
      wakes: await create('wakes'),
      soon: await create('soon'),
    };
    const { client } = dynamo;
    tables = {
      profiles: await createTable(client, 'profiles'),
      journal: await createTable(client, 'journal'),
      messages: await createTable(client, 'messages'),
      stats: await createTable(client, 'stats'),
      limits: await createTable(client, 'limits'),
      suppressions: await createTable(client, 'suppressions'),
      consents: await createTable(client, 'consents'),
    };
  });
  afterAll(async () => {
    await Promise.all([dynamo.stop(), queues.stop()]);
  });

  /** What lies in a queue, taken out: it is invoked until it succeeds. */
  async function take<T extends { readonly schema: 1 }>(QueueUrl: string): Promise<{ id: string; body: T }[]> {
    const answer = await plain.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { ReceiptHandle } of answer.Messages ?? [])
      await plain.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return (answer.Messages ?? []).map(({ MessageId, Body }) => ({ id: MessageId!, body: readBody<T>(Body!) }));
  }

  async function journey(user: string, crash?: Crash) {
    const machine = new Machine(crash);
    const hook = (client: { middlewareStack: DynamoDBClient['middlewareStack'] | SQSClient['middlewareStack'] }) => {
      const stack = client.middlewareStack as DynamoDBClient['middlewareStack'];
      stack.add((next, context) => (args) => machine.call(context.commandName ?? '', () => next(args)), {
        step: 'initialize',
      });
    };
    const db = new DynamoDBClient({ endpoint: dynamo.endpoint });
    const sqs = new SQSClient({ endpoint: queues.endpoint });
    hook(db);
    hook(sqs);
    const clock = () => machine.now;
    const counted = { clock, metrics: { count: () => undefined } };
    const profiles = profileStore(db, tables.profiles);
    const counters = counterStore(db, tables.limits);
    // Each is alone in the world: others before have used the limit up.
    const ownCounters: CounterStore = {
      advance: (counter, ...rest) => counters.advance({ ...counter, journey: user }, ...rest),
    };
    const post = mailbox(sqs, [urls.mailbox]);
    const ports = {
      ...counted,
      profiles,
      journal: journal(db, tables.journal, 90),
      carried: carriedEntries(db, tables.messages, { journal: 90, messages: 90 }),
      past: journalPast(db, tables, 90, clock),
      stats: statsStore(db, tables.stats),
      // What a container had leased is gone with it.
      get permits() {
        return new Leases(ownCounters, clock);
      },
      suppressions: suppressionStore(db, tables.suppressions),
      consents: consentStore(db, tables.consents),
      mailbox: post,
      messageQueues: messageQueues(sqs, { email: urls.messages }),
      timers: timers(sqs, { wakes: urls.wakes, soon: urls.soon }, clock),
      catalogs: { current: async () => catalogs[0]! },
      rules: { decide, neededVersions, isPaused, asksOfDelivery },
    };
    const key = profileKey('user', user);
    const executions: { readonly name: string; readonly cohort: Cohort }[] = [];
    const sent = new Set<string>();
    const steps = async () => {
      const mail = await take<Mail>(urls.mailbox);
      if (mail.length > 0) {
        const deliveries = mail.map(({ id, body }): Delivery => ({ id, receives: 1, mail: body }));
        expect(await machine.invoke(() => evaluate(deliveries, ports))).toEqual([]);
        return true;
      }
      const wakes = await take<WakeRequest & { schema: 1 }>(urls.wakes);
      if (wakes.length > 0) {
        const waits = wakes.map(({ id, body: { key, due } }) => ({ id, key, due }));
        const start = async (name: string, cohort: Cohort) =>
          machine.call('StartExecution', async () => void executions.push({ name, cohort }));
        expect(await machine.invoke((id) => armTimers(waits, id, { clock, machine: { start } }))).toEqual([]);
        return true;
      }
      const execution = executions.shift();
      if (execution !== undefined) {
        machine.now = Math.max(machine.now, parseInstant(execution.cohort.due)!);
        await machine.invoke(() => wakeCohort(execution.name, execution.cohort, { clock, mailbox: post }));
        return true;
      }
      const messages = await take<QueuedMessage>(urls.messages);
      for (const { id, body } of messages) {
        sent.add(body.request.id);
        const call = () =>
          machine.call('provider', async () => {
            machine.handed += 1;
            return { handed: 'p1' };
          });
        const hand = async () => ({ renderedAt: machine.now, call });
        const send = { ...counted, profiles, mailbox: post, messages: messageStore(db, tables.messages, 90), hand };
        while ((await machine.invoke((by) => sendMessage({ copy: id, ...body, receives: 1, by }, send))) !== 'ack') {
          machine.now += timing.claimGraceSeconds * SECOND_MS;
        }
      }
      return messages.length > 0;
    };

    const events = ['identify', 'track'].map(
      (kind, index) =>
        ({
          t: 'event',
          event: {
            id: `e${index}`,
            sent: '2026-11-22T09:00:00Z',
            at: machine.now,
            kind: kind as 'identify' | 'track',
            name: kind === 'track' ? 'Started' : 'Identified',
            userId: user,
            data: kind === 'track' ? {} : { email: 'u@example.com' },
            context: {},
          },
        }) as const,
    );
    const mail: Mail = { schema: 1, key, received: machine.now, hop: 0, records: events };
    await mailbox(plain, [urls.mailbox]).send([{ id: digest(user), mail }]);
    while (await steps());

    const stored = (await profileStore(dynamo.client, tables.profiles).read(key))!;
    expect(sent.size).toBe(1);
    const [messageId] = sent;
    const later = () => machine.now + 5 * MINUTE_MS;
    const record = await messageReader(dynamo.client, tables.messages, later).read(key, messageId!);
    const history = profileHistory(dynamo.client, tables, clock);
    const timeline = (await readTimeline(history, stored, { limit: 100 })).data;
    const decided = timeline.filter(({ why }) => why.some(({ code }) => code === 'message.decided'));
    return { machine, stored, record, decided: decided.map(({ t }) => t) };
  }

  const state = ({ version, profile }: StoredProfile) => ({
    version,
    steps: Object.values(profile.runs).map(({ step, stand, due }) => ({ step, stand, due })),
    traits: profile.traits,
    entered: Object.values(profile.entered).map(({ times }) => times),
  });

  it('G1-G4, G7: leaves the same profile behind, and exactly one message', async () => {
    const whole = await journey('whole');
    expect(whole.record?.st).toBe('sent');
    expect(whole.machine.handed).toBe(1);
    const { names } = whole.machine;
    expect(new Set(names)).toContain('StartExecution');
    expect(names.length).toBeGreaterThan(15);
    const [claim, provider] = [names.lastIndexOf('provider') - 1, names.lastIndexOf('provider')];
    const ends: (MessageRecord['st'] | undefined)[] = [];
    for (let at = 1; at <= names.length; at++) {
      for (const when of ['before', 'after'] as const) {
        const { machine, stored, record, decided } = await journey(`${at}-${when}`, { at, when });
        const where = `${when} ${names[at - 1]} (call ${at})`;
        expect(state(stored), where).toEqual(state(whole.stored));
        expect(decided, where).toEqual(['wake']);
        // Between its claim and its acknowledgement a sender cannot know: not sent again, and said so (G3).
        const call = at - 1;
        const isOpen = call >= claim && call <= provider && !(call === claim && when === 'before');
        expect(record?.st, where).toBe(isOpen ? 'unknown' : 'sent');
        const isBeforeCall = isOpen && (call < provider || (call === provider && when === 'before'));
        expect(machine.handed, where).toBe(isBeforeCall ? 0 : 1);
        ends.push(record?.st);
      }
    }
    expect(new Set(ends)).toEqual(new Set(['sent', 'unknown']));
  });
});
