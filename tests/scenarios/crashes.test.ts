import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, ObservedCall } from '../../local/cloud.ts';
import { bootEnvironment, DAY, type Environment, HOUR, journeyOf, message, wait } from './environment.ts';

/**
 * The journey of these tests touches every function of the way: a short wait (delay queue), a long one (execution),
 * three messages. Every AWS
 * call of every function is hit in turn, for a customer of its own, until there is none left to hit.
 */
describe('a function that dies at any AWS call', () => {
  let env: Environment;
  let customers = 0;

  beforeAll(async () => {
    env = await bootEnvironment();
    await env.publish(
      journeyOf(
        'crash',
        {
          one: message('first', 'soon'),
          soon: wait('PT2M', 'two'),
          two: message('second', 'later'),
          later: wait('PT2H', 'three'),
          three: message('third'),
        },
        { topic: 'account' },
      ),
    );
  });
  afterAll(() => env?.stop());

  /** Sends one customer through the journey; returns who it was. */
  async function walk(hook?: (call: ObservedCall, nth: number) => Fault) {
    const user = `crash-${++customers}`;
    const counts = new Map<string, number>();
    env.cloud.onCall((call) => {
      const name = functionOf(call);
      if (name === undefined) return 'pass';
      const nth = (counts.get(name) ?? 0) + 1;
      counts.set(name, nth);
      return hook?.(call, nth) ?? 'pass';
    });
    await env.post(
      { type: 'identify', userId: user, traits: { email: `${user}@mail.example` } },
      { event: 'Started', userId: user },
    );
    await env.cloud.advance(12 * HOUR + DAY);
    env.cloud.onCall(undefined);
    return user;
  }

  /** So few that a run with fewer has not taken the way that this test is about. */
  const leastCalls = { evaluate: 25, send: 9, 'arm-timers': 1, 'wake-soon': 1, 'wake-cohort': 1 };
  const watched = Object.keys(leastCalls) as (keyof typeof leastCalls)[];
  const functionOf = (call: ObservedCall) => watched.find((name) => call.functionName.includes(name));

  /**
   * What must be the same however often a function died: the profile's end state, and three messages, one each. A
   * sender that died between its claim and the provider's answer cannot tell whether the message went out: that one is
   * recorded as `unknown`, and never sent a second time (G3).
   */
  async function expectWhole(user: string, senderDied = false) {
    const recorded = await env.call('GET', `/v1/profiles/${user}/messages`);
    const unknown = recorded.body.data.filter((one: { state: string }) => one.state === 'unknown').length;
    expect(recorded.body.data, 'recorded messages').toHaveLength(3);
    expect(unknown).toBeLessThanOrEqual(senderDied ? 1 : 0);
    const subjects = env.cloud.messages({ to: `${user}@mail.example` }).map(({ subject }) => subject);
    expect(new Set(subjects).size, `no message twice: ${subjects}`).toBe(subjects.length);
    expect(subjects.length, `messages that arrived: ${subjects}`).toBeGreaterThanOrEqual(3 - unknown);
    const runs = await env.call('GET', `/v1/profiles/${user}/runs`);
    expect(runs.body.data).toEqual([]);
    const codes = (await env.reasons(user)).map(({ code }) => code);
    for (const once of ['entry.entered', 'exit.finished'])
      expect(codes.filter((code) => code === once)).toEqual([once]);
  }

  /**
   * Dying before a call leaves the same world behind as dying after the one before it; so each place between two calls
   * is tried once, and the one before the first. (tests/protocol tries both, on the stores.)
   */
  it('G1, G2, G3: same final state and exactly one of each message, whichever call it was', async () => {
    await expectWhole(await walk());
    const called = Object.fromEntries(watched.map((name) => [name, 0]));
    // In the n-th walk every function dies after its n-th call, each once; in the first, before its first one.
    for (let nth = 0; ; nth++) {
      const hit = new Map<string, string>();
      const user = await walk((call, n) => {
        const name = functionOf(call)!;
        if (n !== Math.max(nth, 1) || hit.has(name)) return 'pass';
        hit.set(name, call.action);
        called[name] = nth;
        return nth === 0 ? 'crash-before' : 'crash-after';
      });
      if (hit.size === 0) break;
      await expectWhole(user, hit.has('send')).catch((error: Error) => {
        throw new Error(`died at call ${nth} (${JSON.stringify([...hit])}): ${error.message}`);
      });
    }
    for (const name of watched) expect(called[name], `calls of ${name}`).toBeGreaterThanOrEqual(leastCalls[name]);
  }, 600_000);
});
