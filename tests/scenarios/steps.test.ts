import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootEnvironment, DAY, type Environment, HOUR, journeyOf, MINUTE, message, wait } from './environment.ts';

const on = (event: string) => ({ on: 'event', event });
const onEvent = (event: string) => ({ entry: [on(event)] });
const exit = (reason: string) => ({ type: 'exit', reason });

/** Steps that reach beyond their journey, on the synthesised stacks. */
describe('steps that reach beyond their journey', () => {
  let env: Environment;
  const start = async (user: string, event: string, properties: object = {}) => {
    const traits = { email: `${user}@mail.example` };
    await env.post({ type: 'identify', userId: user, traits }, { event, userId: user, properties });
    await env.cloud.settle();
  };
  const mails = (user: string) => env.cloud.messages({ to: `${user}@mail.example` }).map(({ subject }) => subject);
  /** Oldest first. */
  const exits = async (user: string) =>
    (await env.reasons(user))
      .filter(({ code }) => code.startsWith('exit.'))
      .map(({ journey, code }) => `${journey} ${code}`)
      .toReversed();
  const endpoint = async (id: string) => {
    const document = { id, url: `https://${id}.example.com/hook` };
    const answer = await env.call('PUT', `/v1/endpoints/${id}`, document, { 'if-none-match': '*' });
    expect(answer.status).toBe(201);
  };
  const tasksOf = (queue: string) =>
    env.cloud.messages({ to: `${queue}.example.com/hook` }).map(({ text }) => JSON.parse(text));

  beforeAll(async () => {
    env = await bootEnvironment();
    for (const id of ['crm', 'calls', 'broken']) await endpoint(id);
  });
  afterAll(() => env?.stop());

  it('emit: another journey begins with the event, which can be looked up', async () => {
    const told = { type: 'emit', event: 'Trial Ended', properties: { plan: { ref: 'entry.plan' } }, next: 'end' };
    await env.publish(journeyOf('trial', { soon: wait('PT5M', 'told'), told }, onEvent('Trial Began')));
    const entry = [{ ...on('Trial Ended'), where: 'event.plan = "pro"' }];
    await env.publish(journeyOf('ended', { mail: message('first') }, { entry }));
    await start('ann', 'Trial Began', { plan: 'pro' });
    await start('bob', 'Trial Began', { plan: 'free' });
    await env.cloud.advance(6 * MINUTE);
    expect([mails('ann'), mails('bob')]).toEqual([['The first message'], []]);
    const emitted = (await env.reasons('ann')).find(({ code }) => code === 'step.emit') as {
      saw?: { eventId: string };
    };
    const found = await env.call('GET', `/v1/events/${emitted.saw!.eventId}?userId=ann`);
    expect(found.body).toMatchObject({ state: 'applied' });
  });

  it('enroll: the same customer enters a journey that has no entry for it', async () => {
    await env.publish(journeyOf('target', { mail: message('second') }, onEvent('Nobody Tracks This')));
    const steps = { in: { type: 'enroll', journey: 'target', next: 'mail' }, mail: message('third') };
    await env.publish(journeyOf('source', steps, onEvent('Enrolled')));
    await start('cleo', 'Enrolled');
    expect(mails('cleo').sort()).toEqual(['The second message', 'The third message']);
  });

  it('limits: few enter, messages go one after the other, and what is spent is spent', async () => {
    const limits = { entriesTotal: 4, messagesPerMinute: 2, budget: { max: 0.0003, currency: 'USD', per: 'total' } };
    await env.publish(journeyOf('few', { mail: message('third') }, { ...onEvent('Came'), limits }));
    const users = ['f1', 'f2', 'f3', 'f4', 'f5'];
    for (const user of users) await start(user, 'Came');
    const sent = () => users.flatMap(mails).length;
    expect(sent()).toBe(1);
    await env.cloud.advance(MINUTE / 2);
    expect(sent()).toBe(2);
    await env.cloud.advance(2 * MINUTE);
    expect(sent(), 'the fourth is too dear').toBe(3);
    const codes = (await Promise.all(users.map((user) => env.reasons(user)))).flat().map(({ code }) => code);
    expect(codes.filter((code) => code === 'limits.entries-total')).toHaveLength(1);
    expect(codes.filter((code) => code === 'limits.budget')).toHaveLength(1);
    expect(env.cloud.denied).toEqual([]);
  });

  describe('G2: what a run tells its own profile counts once', () => {
    const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } };
    const count = (trait: string) => ({ count: { type: 'update', increment: { [trait]: 1 }, next: 'end' } });
    beforeAll(async () => {
      const steps = {
        say: { type: 'emit', event: 'Counted', next: 'in' },
        in: { type: 'enroll', journey: 'tally-enrolled', next: 'end' },
      };
      await env.publish(journeyOf('tally-events', count('events'), { ...again, ...onEvent('Counted') }));
      await env.publish(journeyOf('tally-enrolled', count('enrolled'), { ...again, ...onEvent('Nobody Tracks This') }));
      await env.publish(journeyOf('teller', steps, onEvent('Told')));
    });
    afterAll(() => env.cloud.onCall(undefined));

    // The commit and certificates; the mail to itself. Not for an hour: then the event would be too old to begin anything.
    it.each(
      ['dynamodb:PutItem', 'sqs:SendMessage'].flatMap((action) =>
        (['crash-before', 'crash-after'] as const).map((fault) => ({ action, fault })),
      ),
    )('though evaluate dies at its $action ($fault)', async ({ action, fault }) => {
      const user = `${fault}-${action.slice(-7).toLowerCase()}`;
      await env.post({ type: 'identify', userId: user, traits: { plan: 'pro' } });
      await env.cloud.settle();
      let calls = 0;
      env.cloud.onCall((call) => {
        if (!call.functionName.endsWith('-evaluate') || call.action !== action) return 'pass';
        calls += 1;
        return calls === 1 || calls === 3 ? fault : 'pass';
      });
      await env.post({ event: 'Told', userId: user });
      await env.cloud.advance(30 * MINUTE);
      env.cloud.onCall(undefined);
      expect(calls, 'it died, and came again').toBeGreaterThan(1);
      const { traits } = (await env.profile(user)).body;
      expect({ events: traits.events?.value, enrolled: traits.enrolled?.value }).toEqual({ events: 1, enrolled: 1 });
    });
  });

  it('entry on journey: who leaves for the reason enters, who leaves for another does not', async () => {
    const steps = {
      w: { type: 'wait-for', any: [{ ...on('Tired'), next: 'tired' }], within: 'PT1H', timeout: 'end' },
      tired: exit('tired'),
    };
    await env.publish(journeyOf('before', steps, onEvent('Followed')));
    const entry = [{ on: 'journey', journey: 'before', reason: 'finished' }];
    await env.publish(journeyOf('after', { mail: message('first') }, { entry }));
    await start('dan', 'Followed');
    await start('eve', 'Followed');
    await start('eve', 'Tired');
    await env.cloud.advance(2 * HOUR);
    expect([mails('dan'), mails('eve')]).toEqual([['The first message'], []]);
  });

  it.each([
    { score: 9, reason: 'high' },
    { score: 1, reason: 'low' },
  ])('webhook: a branch reads the answer $score later', async ({ score, reason }) => {
    const steps = {
      ask: { type: 'webhook', endpoint: 'crm', saveAs: 'crm', next: 'later', failed: 'low' },
      later: wait('PT1H', 'check'),
      check: { type: 'branch', cases: [{ if: 'steps.crm.score > 5', next: 'high' }], else: 'low' },
      high: exit('high'),
      low: exit('low'),
    };
    if ((await env.call('GET', '/v1/journeys/scored')).status === 404) {
      await env.publish(journeyOf('scored', steps, onEvent('Scored')));
    }
    env.cloud.webhooks.answerWith('crm.example.com', 200, { score, unused: 'x' });
    await start(`scored-${reason}`, 'Scored');
    env.cloud.webhooks.answerWith('crm.example.com', 200, { score: 0 });
    await env.cloud.advance(2 * HOUR);
    expect(await exits(`scored-${reason}`)).toEqual([`scored exit.${reason}`]);
  });

  describe('task', () => {
    const task = (queue: string) => ({
      call: {
        type: 'task',
        queue,
        title: { liquid: 'Call about {{ entry.cart }}' },
        due: 'P2D',
        outcomes: { called: 'called', refused: 'refused' },
        timeout: 'late',
      },
      called: exit('called'),
      refused: exit('refused'),
      late: exit('late'),
    });
    const post = (url: string, body: unknown, method = 'POST') =>
      fetch(url, {
        method,
        ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
    const taskFor = (user: string) => tasksOf('calls').find(({ profile }) => profile.userId === user);
    beforeAll(async () => {
      await env.publish(journeyOf('calling', task('calls'), onEvent('Call Me')));
      await env.publish(journeyOf('uncalled', task('broken'), onEvent('Call Nobody')));
    });

    it('the queue gets it with a link, by which the first outcome moves the run', async () => {
      await start('fay', 'Call Me', { cart: 'c1' });
      const brought = taskFor('fay');
      expect(brought).toEqual({
        task: expect.stringMatching(/^u[\w-]{22}-[\w-]{22}$/),
        title: 'Call about c1',
        due: new Date(Math.ceil(env.cloud.now() / MINUTE) * MINUTE + 2 * DAY).toISOString(),
        journey: 'calling',
        step: 'call',
        outcomes: ['called', 'refused'],
        profile: { userId: 'fay' },
        outcomeUrl: expect.stringMatching(/\/v1\/tasks\/[\w.-]+\/outcome$/),
      });
      const { outcomeUrl } = brought;
      expect((await post(outcomeUrl, undefined, 'GET')).status, 'a GET decides nothing').toBe(405);
      const wrong = await post(outcomeUrl, { outcome: 'slept' });
      expect(wrong.status).toBe(422);
      expect(await wrong.json()).toMatchObject({
        code: 'task.outcome-unknown',
        errors: [{ pointer: '/outcome', limit: 'called, refused' }],
      });
      const forged = outcomeUrl.replace(/.(?=\/outcome$)/, (last: string) => (last === 'A' ? 'B' : 'A'));
      expect((await post(forged, { outcome: 'called' })).status).toBe(404);
      await env.cloud.settle();
      expect(await exits('fay')).toEqual([]);

      const told = await post(outcomeUrl, { outcome: 'called' });
      expect([told.status, await told.json()]).toEqual([202, { task: brought.task, outcome: 'called' }]);
      await env.cloud.settle();
      expect(await exits('fay')).toEqual(['calling exit.called']);
      for (const outcome of ['called', 'refused']) {
        await env.cloud.advance(10 * MINUTE);
        expect((await post(outcomeUrl, { outcome })).status).toBe(202);
        await env.cloud.settle();
      }
      expect(await exits('fay')).toEqual(['calling exit.called']);
    });

    it('without an outcome the run leaves by timeout when it is due, and an outcome after that is recorded', async () => {
      await start('gus', 'Call Me', { cart: 'c2' });
      await env.cloud.advance(2 * DAY - HOUR);
      expect(await exits('gus')).toEqual([]);
      await env.cloud.advance(2 * HOUR);
      expect(await exits('gus')).toEqual(['calling exit.late']);
      await post(taskFor('gus').outcomeUrl, { outcome: 'called' });
      await env.cloud.settle();
      expect(await env.reasons('gus')).toContainEqual(
        expect.objectContaining({ code: 'task.over', journey: 'calling', step: 'call' }),
      );
    });

    it('G7: a task that its queue refuses leaves by timeout at once, and says why', async () => {
      env.cloud.webhooks.answerWith('broken.example.com', 400);
      await start('hal', 'Call Nobody');
      expect(await exits('hal')).toEqual(['uncalled exit.late']);
      expect(await env.reasons('hal')).toContainEqual(
        expect.objectContaining({ code: 'task.not-delivered', saw: { reason: 'webhook.status-400' } }),
      );
    });
  });
});
