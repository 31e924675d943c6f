import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootEnvironment, DAY, type Environment, HOUR, journeyOf, MINUTE, message, wait } from './environment.ts';

const day = (at: number) => new Date(at).toISOString().slice(0, 10);

let env: Environment;
const boot = (options?: Parameters<typeof bootEnvironment>[0]) => {
  beforeAll(async () => {
    env = await bootEnvironment(options);
  });
  afterAll(() => env?.stop());
};

const sentTo = (user: string) => env.cloud.messages({ to: `${user}@mail.example` });

describe('G6: waits on the synthesised stacks, without the daily sweep', () => {
  boot();

  it.each([
    // First, because from here to a year on there is no 29 February.
    { duration: 'P1Y', ms: 365 * DAY, way: 'two hops' },
    { duration: 'PT2M', ms: 2 * MINUTE, way: 'the delay queue' },
    { duration: 'PT15M', ms: 15 * MINUTE, way: 'the delay queue, at its limit' },
    { duration: 'PT20M', ms: 20 * MINUTE, way: 'an execution' },
    { duration: 'PT7200H', ms: 300 * DAY, way: 'an execution, at the limit of one hop' },
  ])('a wait of $duration ends on time, never early, by way of $way', async ({ duration, ms }) => {
    const id = `wait-${duration.toLowerCase()}`;
    await env.publish(
      journeyOf(
        id,
        { first: wait(duration, 'mail'), mail: message('first') },
        { entry: [{ on: 'event', event: id }], sending: { quietHours: 'none' }, topic: 'account' },
      ),
    );
    const user = `user-${id}`;
    await env.post(
      { type: 'identify', userId: user, traits: { email: `${user}@mail.example` } },
      { event: id, userId: user },
    );
    await env.cloud.settle();
    const decidedAt = env.cloud.now();
    await env.cloud.advance(ms - 1);
    expect(sentTo(user), 'before its time').toHaveLength(0);
    await env.cloud.advance(MINUTE + 1);
    expect(sentTo(user), 'within a minute of its time').toHaveLength(1);
    expect(Date.parse(sentTo(user)[0]!.at)).toBeGreaterThanOrEqual(decidedAt + ms);
  });

  it('P2Y is refused with limit and value', async () => {
    const answer = await env.call('PUT', '/v1/journeys/too-long', journeyOf('too-long', { first: wait('P2Y') }), {
      'if-none-match': '*',
    });
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toContainEqual(
      expect.objectContaining({ pointer: '/steps/first/for', limit: expect.stringContaining('P1Y') }),
    );
  });
});

describe('G6: what the daily sweep tells', () => {
  boot({ nightly: true });

  it('a day that a trait names, while it is far off, holds no execution, and comes at its minute and once', async () => {
    await env.publish(
      journeyOf(
        'birthday',
        { mail: message('first') },
        {
          entry: [{ on: 'date', trait: 'profile.born', every: 'year', at: '09:00' }],
          sending: { quietHours: 'none' },
          topic: 'account',
        },
      ),
    );
    const comes = Math.floor(env.cloud.now() / DAY) * DAY + 4 * DAY + 9 * HOUR;
    const born = `--${new Date(comes).toISOString().slice(5, 10)}`;
    const traits = { email: 'ann@mail.example', timezone: 'UTC', born };
    const waiting = () => env.cloud.executions().filter(({ name }) => name.startsWith(day(comes)));
    await env.post({ type: 'identify', userId: 'ann', traits });
    await env.cloud.settle();
    await env.cloud.advance(comes - 2 * DAY - env.cloud.now());
    expect(waiting()).toEqual([]);
    await env.cloud.advance(comes - 1 - env.cloud.now());
    expect(waiting().length).toBeGreaterThan(0);
    expect(sentTo('ann')).toEqual([]);
    await env.cloud.advance(MINUTE);
    expect(sentTo('ann')).toHaveLength(1);
    await env.cloud.advance(2 * DAY);
    expect(sentTo('ann')).toHaveLength(1);
  });

  it('a wake that comes again, or late, does nothing', async () => {
    const executions = env.cloud.executions().length;
    await env.cloud.advance(HOUR);
    expect(env.cloud.executions()).toHaveLength(executions);
  });
});
