import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bootEnvironment, DAY, type Environment, HOUR, journeyOf, MINUTE, message, wait } from './environment.ts';
import { TableCopies } from './table-copies.ts';

let env: Environment;
beforeAll(async () => {
  env = await bootEnvironment();
  const steps = {
    one: message('first', 'an-hour'),
    'an-hour': wait('PT1H', 'two'),
    two: message('second', 'a-day'),
    'a-day': wait('PT24H', 'three'),
    three: message('third'),
  };
  await env.publish(journeyOf('course', steps, { topic: 'account' }));
});
afterAll(() => env?.stop());

let customers = 0;
let user: string;
beforeEach(() => {
  user = `customer-${++customers}`;
});
const start = async (who: string, at = env.cloud.now()) => {
  const timestamp = new Date(at).toISOString();
  const traits = { email: `${who}@mail.example` };
  await env.post({ type: 'identify', userId: who, traits, timestamp, messageId: `known-${who}` });
  await env.post({ event: 'Started', userId: who, timestamp, messageId: `start-${who}` });
  await env.cloud.settle();
};
const sentTo = (who: string) => env.cloud.messages({ to: `${who}@mail.example` }).map(({ subject }) => subject);
const sweep = async (id: string) => {
  await env.cloud.invoke('scan-profiles', { do: 'start', kind: 'sweep', id });
  await env.cloud.advance(5 * MINUTE);
};
const [first, second, third] = ['first', 'second', 'third'].map((id) => `The ${id} message`) as [
  string,
  string,
  string,
];

describe('G6: a wake that is lost', () => {
  it.each([
    { lost: 'in the queue', begin: () => dropWakes(() => start(user)) },
    { lost: 'with its execution', begin: () => start(user).then(stopExecutions) },
  ])('$lost: the sweep of the next day wakes whom it was about', async ({ begin }) => {
    await begin();
    await env.cloud.advance(3 * HOUR);
    expect(sentTo(user), 'nobody has woken it').toEqual([first]);
    await sweep(`sweep-${user}`);
    expect(sentTo(user)).toEqual([first, second]);
    await env.cloud.advance(DAY + 5 * MINUTE);
    expect(sentTo(user), 'and it goes on by itself').toEqual([first, second, third]);
  });
});

async function dropWakes(during: () => Promise<void>): Promise<void> {
  const queue = env.cloud.queue('WakesQueue');
  const { send } = queue;
  queue.send = (sent) => {
    const answer = send.call(queue, sent);
    queue.purge();
    return answer;
  };
  await during();
  queue.send = send;
}

/** As somebody does by hand, or an account that is cleaned up. */
async function stopExecutions(): Promise<void> {
  await env.cloud.advance(5 * MINUTE);
  expect(env.cloud.executions().some(({ status }) => status === 'RUNNING')).toBe(true);
  const client = new SFNClient(env.cloud.operator);
  for (const { arn, status } of env.cloud.executions()) {
    if (status === 'RUNNING') await client.send(new StopExecutionCommand({ executionArn: arn }));
  }
  client.destroy();
}

describe('G3: tables that are brought back to an earlier time', () => {
  it('profiles and journal alone: claims that stayed keep what was sent from going again, and runs go on', async () => {
    await start(user);
    const copies = await TableCopies.of(env, 'profiles', 'journal');
    await env.cloud.advance(3 * HOUR);
    const late = `${user}-late`;
    const startedAt = env.cloud.now();
    await start(late);
    expect([sentTo(user), sentTo(late)]).toEqual([[first, second], [first]]);

    await copies.restore('profiles', 'journal');
    await sweep(`restored-${user}`);
    expect(sentTo(user), 'the second was sent, and is not again').toEqual([first, second]);
    // Events of the time that is lost can come again, from their client or from the old journal.
    await start(late, startedAt);
    expect(sentTo(late), 'the same run has the same messages').toEqual([first]);
    await env.cloud.advance(2 * DAY);
    expect(sentTo(user)).toEqual([first, second, third]);
    expect(sentTo(late)).toEqual([first, second, third]);
  });

  it('claims as well: without more they would go twice', async () => {
    await start(user);
    const copies = await TableCopies.of(env, 'profiles', 'journal', 'messages');
    await env.cloud.advance(3 * HOUR);
    await copies.restore('profiles', 'journal', 'messages');
    await sweep(`doubled-${user}`);
    expect(sentTo(user), 'this is what the kill switch of the next test is for').toEqual([first, second, second]);
  });

  it('claims as well, behind a kill switch that stays as long as the time that is lost: nothing goes twice', async () => {
    await start(user);
    const copies = await TableCopies.of(env, 'profiles', 'journal', 'messages');
    const lost = 3 * HOUR;
    await env.cloud.advance(lost);
    await env.call('PUT', '/v1/kill-switches/all', { on: true, note: 'restore' });
    await env.cloud.advance(MINUTE);
    await copies.restore('profiles', 'journal', 'messages');
    await sweep(`quarantined-${user}`);
    await env.cloud.advance(lost);
    await env.call('PUT', '/v1/kill-switches/all', { on: false });
    await env.cloud.advance(2 * DAY);
    expect(sentTo(user), 'what was due meanwhile counts as not sent').toEqual([first, second, third]);
    const { data } = (await env.call('GET', `/v1/profiles/${user}/messages`)).body;
    expect(data.map(({ state, reason }: { state: string; reason: string | null }) => [state, reason])).toContainEqual([
      'not-sent',
      'kill-switch.on',
    ]);
  });
});

describe('the canary', () => {
  const fly = async () => {
    await env.cloud.advance(5 * MINUTE);
    const flight = await env.cloud.invoke('canary', {});
    await env.cloud.settle();
    return flight;
  };

  it('is seen, and is silent when evaluate fails', async () => {
    expect(await env.cloud.invoke('canary', {})).toEqual({ seen: null, status: 200 });
    expect(await fly()).toEqual({ seen: true, status: 200 });
    env.cloud.onCall(({ functionName }) =>
      functionName.endsWith('evaluate') ? { code: 'Broken', status: 400 } : 'pass',
    );
    expect(await fly(), 'the one before was decided in time').toEqual({ seen: true, status: 200 });
    expect(await fly()).toEqual({ seen: false, stuck: 'event', status: 200 });
    env.cloud.onCall(undefined);
    expect(await fly(), 'mended').toEqual({ seen: true, status: 200 });
    expect((await env.call('GET', '/v1/profiles/godwit-canary')).status, 'it is there, and nobody').toBe(200);
  });

  it('goes the way of messages as well, and ends in front of the provider', async () => {
    const { data } = (await env.call('GET', '/v1/profiles/godwit-canary/messages')).body;
    expect(data[0]).toMatchObject({
      channel: 'in-app',
      state: 'not-sent',
      reason: 'canary.arrived',
      detail: { template: 'godwit-canary@1', title: 'Canary' },
    });
    expect((await env.call('GET', '/v1/topics')).body.data.map(({ id }: { id: string }) => id)).not.toContain(
      'godwit-canary',
    );
    env.cloud.onCall(({ functionName }) =>
      functionName.endsWith('send-in-app') ? { code: 'Broken', status: 400 } : 'pass',
    );
    expect(await fly(), 'the one before').toEqual({ seen: true, status: 200 });
    expect(await fly()).toEqual({ seen: false, stuck: 'message', status: 200 });
    env.cloud.onCall(undefined);
    await env.call('PUT', '/v1/kill-switches/all', { on: true });
    await env.cloud.advance(MINUTE);
    await fly();
    expect(await fly(), 'who stops everything on purpose is not woken for it').toEqual({ seen: true, status: 200 });
    await env.call('PUT', '/v1/kill-switches/all', { on: false });
  });

  it('fails when the door does not let it in', async () => {
    const keys = (await env.call('GET', '/v1/keys')).body.data;
    const own = keys.find(({ name }: { name: string }) => name === 'canary');
    expect(own).toMatchObject({ kind: 'ingest', scopes: [] });
    env.cloud.onCall(({ functionName, action }) =>
      functionName.endsWith('ingest') && action === 'sqs:SendMessage' ? { code: 'Broken', status: 500 } : 'pass',
    );
    await expect(fly()).rejects.toThrow('the door answered 503');
    env.cloud.onCall(undefined);
  });
});
