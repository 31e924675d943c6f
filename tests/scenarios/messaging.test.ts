import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CapturedMessage, Fault, ObservedCall } from '../../local/cloud.ts';
import { timing } from '../../shared/resources.ts';
import { bootEnvironment, DAY, type Environment, HOUR, journeyOf, MINUTE, message } from './environment.ts';

const again = { reentry: { again: 'after-exit', whileInside: 'ignore' } };
const onEvent = (event: string) => ({ entry: [{ on: 'event', event }] });
const emailOf = (user: string) => `${user}@mail.example`;

/** A journey of each kind, started by an event of its name. */
async function publishJourneys(env: Environment): Promise<void> {
  await env.publish(journeyOf('marketing', { only: message('first') }, { ...again, ...onEvent('Marketing') }));
  await env.publish(
    journeyOf('service', { only: message('second') }, { ...again, ...onEvent('Service'), topic: 'account' }),
  );
}

function actorsOf(env: Environment) {
  const start = async (user: string, ...events: string[]) => {
    await env.post(
      { type: 'identify', userId: user, traits: { email: emailOf(user) } },
      ...events.map((event) => ({ event, userId: user })),
    );
    await env.cloud.settle();
  };
  const mails = (user: string) => env.cloud.messages({ to: emailOf(user) }).map(({ subject }) => subject);
  /** Oldest first: journey, state and reason of each recorded message. */
  const recorded = async (user: string) =>
    (await env.call('GET', `/v1/profiles/${user}/messages`)).body.data
      .toReversed()
      .map(({ journey, state, reason }: Record<string, string | null>) => [journey, state, reason].join(' '));
  return { start, mails, recorded };
}

describe('G10: who must not be written to is not written to, with a recorded reason', () => {
  let env: Environment;
  let to: ReturnType<typeof actorsOf>;
  beforeAll(async () => {
    env = await bootEnvironment();
    to = actorsOf(env);
    await publishJourneys(env);
  });
  afterAll(() => env?.stop());

  const play = async (mail: CapturedMessage | undefined, type: string, more: object = {}) => {
    env.cloud.provider('email').play(mail!, { type, ...more });
    await env.cloud.settle();
  };

  it.each([
    { what: 'a permanent bounce', type: 'bounce', more: {}, code: 'suppressed.bounce', reason: 'bounce' },
    { what: 'a complaint', type: 'complaint', more: {}, code: 'suppressed.complaint', reason: 'complaint' },
  ])('$what stops everything to the address, for everybody who has it', async ({ type, more, code, reason }) => {
    const user = `${type}-one`;
    await to.start(user, 'Marketing');
    await play(env.cloud.messages({ to: emailOf(user) })[0], type, more);
    const held = await env.call('GET', `/v1/suppressions/email/${encodeURIComponent(emailOf(user).toUpperCase())}`);
    expect(held.body.data).toEqual([expect.objectContaining({ topic: null, reason })]);

    await to.start(user, 'Marketing', 'Service');
    expect(to.mails(user)).toHaveLength(1);
    const reasons = await env.reasons(user);
    for (const journey of ['marketing', 'service'])
      expect(reasons).toContainEqual(expect.objectContaining({ code, journey, step: 'only' }));

    // The actor of another customer knows nothing of it: hand-over does.
    const other = `${type}-two`;
    await env.post(
      { type: 'identify', userId: other, traits: { email: emailOf(user) } },
      { event: 'Marketing', userId: other },
      { event: 'Service', userId: other },
    );
    await env.cloud.settle();
    expect(await to.recorded(other)).toEqual([`marketing not-sent ${code}`, `service not-sent ${code}`]);
    expect(to.mails(user)).toHaveLength(1);
  });

  it('what became of a message is known to predicates, with machines told from people', async () => {
    const look = {
      b: { type: 'branch', cases: [{ if: 'clicked journey marketing topic news today', next: 'yes' }], else: 'no' },
    };
    const exits = { yes: { type: 'exit', reason: 'yes' }, no: { type: 'exit', reason: 'no' } };
    await env.publish(journeyOf('look', { ...look, ...exits }, { ...again, ...onEvent('Look') }));
    await to.start('reader', 'Marketing');
    const [mail] = env.cloud.messages({ to: emailOf('reader') });
    const answer = async () => {
      await to.start('reader', 'Look');
      return (await env.reasons('reader')).map(({ code }) => code).find((code) => /^exit[.](?:yes|no)$/.test(code));
    };
    await play(mail, 'click', { link: 'https://shop.example/start' });
    expect(await answer(), 'no person clicks in the instant of the delivery').toBe('exit.no');
    await env.cloud.advance(MINUTE);
    await play(mail, 'click', { link: 'https://shop.example/start' });
    expect(await answer()).toBe('exit.yes');
  });

  it('a bounce that may pass stops nothing', async () => {
    await to.start('full', 'Marketing');
    await play(env.cloud.messages({ to: emailOf('full') })[0], 'bounce', { bounceType: 'Transient' });
    await to.start('full', 'Marketing');
    expect(to.mails('full')).toHaveLength(2);
  });

  it('a suppression by the API stops marketing until it is taken away, and never what the customer asked for', async () => {
    const path = `/v1/suppressions/email/${encodeURIComponent(emailOf('quiet'))}`;
    expect((await env.call('PUT', path, {})).status).toBe(200);
    await to.start('quiet', 'Marketing', 'Service');
    expect(to.mails('quiet')).toEqual(['The second message']);
    expect(await to.recorded('quiet')).toContain('marketing not-sent suppressed.manual');
    expect((await env.call('DELETE', path)).status).toBe(204);
    expect((await env.call('DELETE', path)).status).toBe(404);
    await to.start('quiet', 'Marketing');
    expect(to.mails('quiet')).toEqual(['The second message', 'The first message']);
  });

  it('a suppression for one topic stops that topic only', async () => {
    const path = `/v1/suppressions/email/${encodeURIComponent(emailOf('picky'))}?topic=news`;
    await env.call('PUT', path, {});
    await to.start('picky', 'Marketing', 'Service');
    expect(to.mails('picky')).toEqual(['The second message']);
    expect((await env.call('DELETE', path)).status).toBe(204);
  });

  it('a consent that is withdrawn between decision and hand-over is heard', async () => {
    env.cloud.ses.behave('throttle', 1);
    await to.start('late', 'Marketing');
    expect(await to.recorded('late')).toEqual(['marketing retry email.throttled']);
    const consents = [{ channel: 'email', topic: 'news', state: 'withdrawn', source: 'support' }];
    expect((await env.call('PUT', '/v1/profiles/late/consents', { consents })).status).toBe(202);
    await env.cloud.advance(HOUR);
    expect(to.mails('late')).toEqual([]);
    expect(await to.recorded('late')).toEqual(['marketing not-sent consent.withdrawn']);
  });

  it.each([
    { state: undefined, sent: 0, code: 'consent.missing' },
    { state: 'pending', sent: 0, code: 'consent.pending' },
    { state: 'granted', sent: 1, code: 'message.decided' },
    { state: 'withdrawn', sent: 0, code: 'consent.withdrawn' },
  ])('a topic that needs a yes: $state → $code', async ({ state, sent, code }) => {
    const topic = { id: 'partners', kind: 'marketing', consent: { email: 'opt-in' } };
    if ((await env.call('GET', '/v1/topics/partners')).status === 404) {
      await env.call('PUT', '/v1/topics/partners', topic, { 'if-none-match': '*' });
      await env.publish(
        journeyOf('partners', { only: message('first') }, { ...onEvent('Partner'), topic: 'partners' }),
      );
    }
    const user = `opt-in-${state}`;
    await to.start(user);
    if (state !== undefined) {
      const consents = [{ channel: 'email', topic: 'partners', state, source: 'form' }];
      await env.call('PUT', `/v1/profiles/${user}/consents`, { consents });
    }
    await to.start(user, 'Partner');
    expect(to.mails(user)).toHaveLength(sent);
    expect(await env.reasons(user)).toContainEqual(
      expect.objectContaining({ code, journey: 'partners', step: 'only' }),
    );
  });
});

describe('G3, G7: whatever the provider does, a message goes out once at most and its outcome is recorded', () => {
  let env: Environment;
  let to: ReturnType<typeof actorsOf>;
  beforeAll(async () => {
    env = await bootEnvironment();
    to = actorsOf(env);
    await publishJourneys(env);
    const steps = {
      only: { ...message('first', 'went'), failed: 'broke', onUnknown: 'resend' },
      went: { type: 'exit', reason: 'went' },
      broke: { type: 'exit', reason: 'broke' },
    };
    await env.publish(journeyOf('insistent', steps, onEvent('Insist')));
  });
  afterAll(() => {
    env?.cloud.onCall(undefined);
    return env?.stop();
  });

  const exits = async (user: string) =>
    (await env.reasons(user)).map(({ code }) => code).filter((code) => code.startsWith('exit.'));

  it('a throttled message comes later, once', async () => {
    env.cloud.ses.behave('throttle', 3);
    await to.start('throttled', 'Marketing');
    expect(to.mails('throttled')).toEqual([]);
    expect(await to.recorded('throttled')).toEqual(['marketing retry email.throttled']);
    await env.cloud.advance(DAY);
    expect(to.mails('throttled')).toHaveLength(1);
    expect(await to.recorded('throttled')).toEqual(['marketing sent ']);
  });

  it('while the account is paused messages wait, and then all of them go', async () => {
    env.cloud.ses.behave('paused');
    for (const user of ['paused-1', 'paused-2']) await to.start(user, 'Marketing');
    await env.cloud.advance(HOUR);
    expect(await to.recorded('paused-1')).toEqual(['marketing retry email.sending-paused']);
    env.cloud.ses.behave('accept');
    await env.cloud.advance(2 * HOUR);
    for (const user of ['paused-1', 'paused-2']) expect(to.mails(user)).toHaveLength(1);
  });

  it.each([
    { behaviour: 'error-500', arrived: 0, why: 'email.server-error' },
    { behaviour: 'time-out-after-accepting', arrived: 1, why: 'email.no-answer' },
  ] as const)('$behaviour: nobody knows, so it is counted as unknown and not sent again', async (row) => {
    const { behaviour, arrived, why } = row;
    env.cloud.ses.behave(behaviour, 1);
    await to.start(behaviour, 'Marketing');
    await env.cloud.advance(3 * DAY);
    expect(to.mails(behaviour)).toHaveLength(arrived);
    expect(await to.recorded(behaviour)).toEqual([`marketing unknown ${why}`]);
    expect(await env.reasons(behaviour)).toContainEqual(expect.objectContaining({ code: 'message.unknown' }));
  });

  it('a step may ask for at least once instead', async () => {
    env.cloud.ses.behave('error-500', 2);
    await to.start('insistent', 'Insist');
    await env.cloud.advance(HOUR);
    expect(to.mails('insistent')).toHaveLength(1);
    expect(await exits('insistent')).toEqual(['exit.went']);
  });

  it('what the provider refuses for good is not tried again, and the run leaves by its failed port', async () => {
    env.cloud.ses.behave('reject', 1);
    await to.start('refused', 'Insist');
    await env.cloud.advance(DAY);
    expect(to.mails('refused')).toEqual([]);
    expect(await to.recorded('refused')).toEqual(['insistent failed email.rejected']);
    expect(await exits('refused')).toEqual(['exit.broke']);
  });

  it('a message that is throttled until its receives are used up ends as failed.exhausted', async () => {
    env.cloud.ses.behave('throttle');
    await to.start('exhausted', 'Insist');
    await env.cloud.advance(4 * DAY);
    env.cloud.ses.behave('accept');
    await env.cloud.advance(DAY);
    expect(to.mails('exhausted')).toEqual([]);
    expect(await to.recorded('exhausted')).toEqual(['insistent failed failed.exhausted']);
    expect(await exits('exhausted')).toEqual(['exit.broke']);
    expect(env.cloud.queue('MessagesEmailDead').counts()).toMatchObject({ visible: 0 });
  });

  /** Kills the sender at its first calls of this action, and lets them fail from then on, which is faster. */
  const breakSendAt = (action: string, times: number) => {
    let left = times;
    return (call: ObservedCall): Fault => {
      if (!call.functionName.endsWith('send-email') || call.action !== action) return 'pass';
      return left-- > 0 ? 'crash-before' : { code: 'ValidationException', status: 400 };
    };
  };

  it('a message that kills its sender before the claim is settled from the dead-letter queue: failed', async () => {
    env.cloud.onCall(breakSendAt('dynamodb:PutItem', 3));
    await to.start('killer', 'Insist');
    await env.cloud.advance(HOUR);
    expect(await to.recorded('killer'), 'still in its queue').toEqual([]);
    // As if it had come again for two days.
    for (const message of env.cloud.queue('MessagesEmailQueue').messages()) message.receiveCount = timing.maxReceives;
    await env.cloud.advance(HOUR);
    env.cloud.onCall(undefined);
    await env.cloud.advance(HOUR);
    expect(to.mails('killer')).toEqual([]);
    expect(await to.recorded('killer')).toEqual(['insistent failed failed.exhausted']);
    expect(await exits('killer')).toEqual(['exit.broke']);
  });

  it('one whose sender dies behind the call is sent: its provider tells so', async () => {
    let hasDied = false;
    env.cloud.onCall((call) => {
      const isIt = !hasDied && call.action === 'ses:SendEmail';
      hasDied ||= isIt;
      return isIt ? 'crash-after' : 'pass';
    });
    await to.start('told', 'Marketing');
    await env.cloud.advance(HOUR);
    env.cloud.onCall(undefined);
    expect(to.mails('told')).toHaveLength(1);
    expect(await to.recorded('told')).toEqual(['marketing sent ']);
  });

  it('one that kills its sender in the middle, and whoever looks at the claim, is settled as unknown', async () => {
    let hasDied = false;
    const laterSenders = breakSendAt('dynamodb:PutItem', 2);
    env.cloud.onCall((call) => {
      if (hasDied) return laterSenders(call);
      hasDied = call.action === 'ses:SendEmail';
      return hasDied ? 'crash-before' : 'pass';
    });
    await to.start('ghost', 'Marketing');
    await env.cloud.advance(4 * HOUR);
    env.cloud.onCall(undefined);
    await env.cloud.advance(HOUR);
    expect(to.mails('ghost'), 'nobody can tell, so it is not tried again').toEqual([]);
    expect(await to.recorded('ghost')).toEqual(['marketing unknown sender.died']);
    expect(await env.reasons('ghost')).toContainEqual(
      expect.objectContaining({ code: 'message.unknown', saw: { reason: 'sender.died' } }),
    );
  });

  it.each([
    { name: 'a loop without end', html: '{% for i in (1..profile.n) %}x{% endfor %}', code: 'template.limit' },
    { name: 'a filter that cannot work', html: '{{ 1 | divided_by: profile.zero }}', code: 'template.failed' },
    { name: 'a required variable that nobody gave', html: '{{ profile.nickname }}', code: 'template.variable-missing' },
  ])('$name fails at hand-over, says where, and takes the failed port', async ({ html, code }) => {
    const id = code.replace('.', '-');
    const template = {
      schemaVersion: 1,
      id,
      variables: {
        'profile.n': { type: 'number', example: 3 },
        'profile.zero': { type: 'number', example: 1, required: true },
        'profile.nickname': { type: 'string', example: 'Ada', required: true },
      },
      variants: [
        {
          channel: 'email',
          content: { subject: id, html: `<p>\n${html} {{ postal_address }} {{ unsubscribe_url }}</p>` },
        },
      ],
    };
    const saved = await env.call('PUT', `/v1/templates/${id}`, template, { 'if-none-match': '*' });
    expect(saved.body).toMatchObject({ version: 1 });
    const steps = {
      only: { ...message(id, 'went'), failed: 'broke' },
      went: { type: 'exit', reason: 'went' },
      broke: { type: 'exit', reason: 'broke' },
    };
    await env.publish(journeyOf(id, steps, onEvent(id)));
    await env.post(
      { type: 'identify', userId: id, traits: { email: emailOf(id), n: 3_000_000, zero: 0 } },
      { event: id, userId: id },
    );
    await env.cloud.advance(MINUTE);
    expect(to.mails(id)).toEqual([]);
    const { data } = (await env.call('GET', `/v1/profiles/${id}/messages`)).body;
    expect(data).toEqual([
      expect.objectContaining({
        state: 'failed',
        reason: code,
        detail: expect.objectContaining({ template: `${id}@1` }),
      }),
    ]);
    expect(JSON.stringify(data)).not.toContain(emailOf(id));
    expect(await exits(id)).toEqual(['exit.broke']);
  });
});

describe('G10: where nothing may leave, nothing does, and what would have gone is recorded', () => {
  /** The environment's settings with another delivery, as a deployment in that mode has them. */
  async function bootWith(delivery: object): Promise<Environment> {
    const probe = await bootEnvironment();
    const [settings] = probe.cloud.assembly
      .ofType('AWS::Lambda::Function')
      .map(({ properties }) => (properties['Environment'] as { Variables?: Record<string, string> })?.Variables)
      .flatMap((variables) => variables?.['GODWIT_SETTINGS'] ?? []);
    await probe.stop();
    return bootEnvironment({ env: { GODWIT_SETTINGS: JSON.stringify({ ...JSON.parse(settings!), delivery }) } });
  }

  it.each([
    { mode: 'sink', allow: [], arrive: [] },
    {
      mode: 'allowlist',
      allow: ['@TEAM.example', 'ada@mail.example'],
      arrive: ['ada@mail.example', 'bob@team.example'],
    },
  ])('$mode', async ({ mode, allow, arrive }) => {
    const env = await bootWith({ mode, allow });
    try {
      await publishJourneys(env);
      const people = ['ada@mail.example', 'bob@team.example', 'eve@sub.team.example', 'mal@mail.example'];
      for (const email of people)
        await env.post({ type: 'identify', userId: email, traits: { email } }, { event: 'Marketing', userId: email });
      await env.cloud.settle();
      expect(
        env.cloud
          .messages()
          .map(({ to }) => to)
          .sort(),
      ).toEqual(arrive);
      for (const email of people.filter((one) => !arrive.includes(one))) {
        const { data } = (await env.call('GET', `/v1/profiles/${encodeURIComponent(email)}/messages`)).body;
        expect(data).toEqual([
          expect.objectContaining({
            state: 'not-sent',
            reason: 'delivery.not-allowed',
            detail: {
              mode,
              template: 'first@1',
              subject: 'The first message',
              bytes: { subject: 17, html: expect.any(Number), text: expect.any(Number) },
            },
          }),
        ]);
        expect(data[0].detail.bytes.html).toBeGreaterThan(50);
      }
    } finally {
      await env.stop();
    }
  });
});
