import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootEnvironment, type Environment, HOUR, journeyOf, MINUTE, message, wait } from './environment.ts';

describe('people in flight while a journey changes', () => {
  let env: Environment;
  beforeAll(async () => {
    env = await bootEnvironment();
  });
  afterAll(() => env?.stop());

  const waitThen = (id: string, template: string, duration = 'PT2H') =>
    journeyOf(
      id,
      { hold: wait(duration, 'mail'), mail: message(template) },
      { topic: 'account', entry: [{ on: 'event', event: id }] },
    );
  const enter = async (journey: string, user: string) => {
    await env.post(
      { type: 'identify', userId: user, traits: { email: `${user}@mail.example` } },
      { event: journey, userId: user },
    );
    await env.cloud.settle();
  };
  const subjects = (user: string) => env.cloud.messages({ to: `${user}@mail.example` }).map(({ subject }) => subject);
  const act = async (path: string, body: object = {}) => {
    const answer = await env.call('POST', `/v1/journeys/${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body;
  };
  const version = async (user: string) => (await env.call('GET', `/v1/profiles/${user}/runs`)).body.data[0]?.version;

  it('G8: who waits in the old version stays on it, who enters later has the new one', async () => {
    await env.publish(waitThen('changing', 'first'));
    await enter('changing', 'early');
    await env.cloud.advance(HOUR);
    await env.publish(waitThen('changing', 'second'));
    await enter('changing', 'late');
    expect([await version('early'), await version('late')]).toEqual([1, 2]);
    await env.cloud.advance(3 * HOUR);
    expect([subjects('early'), subjects('late')]).toEqual([['The first message'], ['The second message']]);
  });

  it('G8: publishing says how many are inside which version, and a dry run takes no real version’s place', async () => {
    await env.publish(waitThen('crowded', 'first'));
    for (const user of ['crowd-1', 'crowd-2']) await enter('crowded', user);
    const found = await env.call('GET', '/v1/journeys/crowded');
    const draft = await env.call('PUT', '/v1/journeys/crowded', waitThen('crowded', 'second'), {
      'if-match': found.headers.get('etag')!,
    });
    const draftEtag = draft.body.etag;
    const dry = await env.call('POST', '/v1/journeys/crowded/publish', { draftEtag, dryRun: true });
    expect(dry).toMatchObject({ status: 409, body: { code: 'journey.live' } });
    const real = await act('crowded/publish', { draftEtag });
    expect(real).toMatchObject({ version: 2, inFlight: [{ version: 1, inside: 2 }] });
  });

  it('G3, G8: published with a plan, each does what it says, and nobody gets a message twice', async () => {
    const topic = { topic: 'account', entry: [{ on: 'event', event: 'planned' }] };
    const steps = {
      first: wait('PT1H', 'mail'),
      mail: message('first', 'second'),
      second: wait('PT5H', 'third'),
      third: wait('PT5H', 'last'),
      last: message('second'),
    };
    await env.publish(journeyOf('planned', steps, topic));
    const users = ['at-third', 'at-second', 'at-first'] as const;
    for (const [index, user] of users.entries()) {
      await enter('planned', user);
      await env.cloud.advance([6 * HOUR, HOUR, 20 * MINUTE][index]!);
    }
    const found = await env.call('GET', '/v1/journeys/planned');
    const changed = {
      first: wait('PT2H', 'mail'),
      mail: message('first', 'new'),
      new: wait('PT1H', 'last'),
      last: message('second'),
    };
    const draft = await env.call('PUT', '/v1/journeys/planned', journeyOf('planned', changed, topic), {
      'if-match': found.headers.get('etag')!,
    });
    const moves = { default: 'same-step', steps: { second: { to: 'new' }, third: { leave: 'too-late' } } };
    const plan = await env.call('POST', '/v1/journeys/planned/plans', { draftEtag: draft.body.etag, moves });
    expect(plan.body.from[0]).toMatchObject({
      version: 1,
      inside: 3,
      steps: [
        { step: 'first', inside: 1, choice: { to: 'first' } },
        { step: 'mail', inside: 0 },
        { step: 'second', inside: 1, choice: { to: 'new' } },
        { step: 'third', inside: 1, choice: { leave: 'too-late' } },
        { step: 'last', inside: 0 },
        { step: 'new', change: 'added' },
      ],
    });
    await act('planned/publish', { draftEtag: draft.body.etag, planId: plan.body.id });
    await env.cloud.settle();
    expect(await Promise.all(users.map(version))).toEqual([undefined, 2, 2]);
    expect(await env.reasons('at-third')).toContainEqual(expect.objectContaining({ code: 'exit.too-late' }));
    expect(await env.reasons('at-second')).toContainEqual(
      expect.objectContaining({ code: 'run.moved', saw: { plan: plan.body.id, to: { version: 2, step: 'new' } } }),
    );
    const got = () => users.map((user) => subjects(user));
    await env.cloud.advance(HOUR + MINUTE);
    expect(got()).toEqual([['The first message'], ['The first message', 'The second message'], []]);
    // Two hours from when the wait began, not from the plan.
    await env.cloud.advance(40 * MINUTE);
    expect(subjects('at-first')).toEqual(['The first message']);
    await env.cloud.advance(12 * HOUR);
    const both = ['The first message', 'The second message'];
    expect(got()).toEqual([['The first message'], both, both]);
  });

  it('G6, G9: paused, nothing goes out; resumed, waits that ended meanwhile go on at once', async () => {
    await env.publish(waitThen('resting', 'first'));
    await enter('resting', 'sleeper');
    expect(await act('resting/pause')).toMatchObject({ state: 'paused', effectiveWithinSeconds: 30 });
    await env.cloud.advance(15_000);
    await enter('resting', 'newcomer');
    await env.cloud.advance(3 * HOUR);
    expect(subjects('sleeper')).toEqual([]);
    expect(await env.reasons('newcomer')).toContainEqual(expect.objectContaining({ code: 'journey.paused' }));
    await act('resting/resume');
    await env.cloud.advance(MINUTE);
    expect(subjects('sleeper')).toEqual(['The first message']);
    expect(subjects('newcomer')).toEqual([]);
    // Asked once more, it only looks once more.
    await act('resting/resume');
    await env.cloud.advance(HOUR);
    expect(subjects('sleeper')).toHaveLength(1);
  });

  it('G9: resumed again within minutes, who became due in between is found too', async () => {
    await env.publish(waitThen('napping', 'first'));
    await enter('napping', 'one');
    await env.cloud.advance(MINUTE);
    await enter('napping', 'two');
    await act('napping/pause');
    await env.cloud.advance(2 * HOUR - 30_000);
    await act('napping/resume');
    await env.cloud.settle();
    await act('napping/pause');
    await env.cloud.advance(2 * MINUTE);
    await act('napping/resume');
    await env.cloud.advance(MINUTE);
    expect([subjects('one'), subjects('two')]).toEqual([['The first message'], ['The first message']]);
  });

  it('G9: drained, nobody enters and those inside go on; stopped, they leave', async () => {
    for (const [id, mode] of [
      ['draining', 'drain'],
      ['stopping', 'now'],
    ] as const) {
      await env.publish(waitThen(id, 'first'));
      await enter(id, `in-${id}`);
      await act(`${id}/stop`, { mode });
      await env.cloud.advance(15_000);
      await enter(id, `after-${id}`);
    }
    await env.cloud.advance(3 * HOUR);
    expect([subjects('in-draining'), subjects('in-stopping')]).toEqual([['The first message'], []]);
    expect([subjects('after-draining'), subjects('after-stopping')]).toEqual([[], []]);
    expect(await env.reasons('in-stopping')).toContainEqual(expect.objectContaining({ code: 'exit.stopped' }));
  });

  it.each(['journey:switched', 'channel:email', 'all'])(
    'G9: the kill switch %s drops what comes to be sent',
    async (target) => {
      const user = `off-${target.replace(':', '-')}`;
      await env.publish(waitThen('switched', 'first', 'PT1M'));
      await env.call('PUT', `/v1/kill-switches/${target}`, { on: true, note: 'a test' });
      await env.cloud.advance(31_000);
      await enter('switched', user);
      await env.cloud.advance(10 * MINUTE);
      await env.call('PUT', `/v1/kill-switches/${target}`, { on: false });
      await env.cloud.advance(10 * MINUTE);
      expect(subjects(user)).toEqual([]);
      const { data } = (await env.call('GET', `/v1/profiles/${user}/messages`)).body;
      expect(data).toEqual([expect.objectContaining({ state: 'not-sent', reason: 'kill-switch.on' })]);
      const stopped = await act('switched/pause');
      expect(stopped.alreadyHandedOver).toBe(0);
      await act('switched/resume');
      await env.cloud.advance(31_000);
    },
  );
});
