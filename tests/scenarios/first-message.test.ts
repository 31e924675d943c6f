import { Analytics } from '@segment/analytics-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CapturedMessage } from '../../local/cloud.ts';
import { type Answer, bootEnvironment, type Environment, journeyOf, MINUTE, message, NOON } from './environment.ts';

type Callback = NonNullable<Parameters<Analytics['track']>[1]>;

const ada = 'ada@mail.example';

/** The tests of this file follow one customer from the first event to the unsubscribe, in order. */
describe('the first message, posted by a client of the Segment Spec', () => {
  let env: Environment;
  let identifyId = '';
  let trackId = '';
  const mails = () => env.cloud.messages({ to: ada });
  const timeline = async (): Promise<{ kind: string; record?: { was?: string } }[]> =>
    (await env.call('GET', '/v1/profiles/ada/timeline?limit=200')).body.data;
  const messageOf = (mail: CapturedMessage): Promise<Answer> => env.call('GET', `/v1/messages/${mail.messageId}`);
  /** What the recipient does, in the inbox of the local cloud. */
  const play = async (mail: CapturedMessage, type: string, more: object = {}) => {
    const answer = await fetch(`${env.cloud.inbox}/messages/${mail.id}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type, ...more }),
    });
    expect(answer.status).toBe(200);
    await env.cloud.settle();
  };

  beforeAll(async () => {
    env = await bootEnvironment();
    const greeting = {
      schemaVersion: 1,
      id: 'greeting',
      variables: {
        'profile.firstName': { type: 'string', example: 'Grace' },
        'event.plan': { type: 'string', example: 'free' },
      },
      variants: [
        {
          channel: 'email',
          content: {
            subject: 'Welcome, {{ profile.firstName }}: {{ event.plan }} & more',
            html: '<h1>Hello {{ profile.firstName }}</h1><p><a href="https://shop.example/start">Start</a> {{ postal_address }} <a href="{{ unsubscribe_url }}">Unsubscribe</a></p>',
          },
        },
      ],
    };
    const saved = await env.call('PUT', '/v1/templates/greeting', greeting, { 'if-none-match': '*' });
    expect(saved.status).toBe(201);
    const entry = [{ on: 'event', event: 'Signed Up' }];
    await env.publish(journeyOf('welcome', { greet: message('greeting') }, { entry }));
    const later = { entry: [{ on: 'event', event: 'Came Back' }], reentry: { again: 'PT1M', whileInside: 'ignore' } };
    await env.publish(journeyOf('return', { again: message('second') }, later));
  });
  afterAll(() => env?.stop());

  it('G1: what the client posted becomes exactly one message: subject, bodies, headers, tags, configuration set', async () => {
    const client = new Analytics({ writeKey: env.ingestKey, host: env.cloud.api, maxRetries: 0 });
    const messageIdOf = (post: (done: Callback) => void) =>
      new Promise<string>((resolve, reject) => {
        post((error, context) => (error ? reject(error) : resolve(context!.event.messageId!)));
      });
    const accepted = [
      messageIdOf((done) => client.identify({ userId: 'ada', traits: { email: ada, firstName: 'Ada <b>&' } }, done)),
      messageIdOf((done) => client.track({ userId: 'ada', event: 'Signed Up', properties: { plan: 'pro' } }, done)),
    ];
    await client.flush();
    [identifyId, trackId] = (await Promise.all(accepted)) as [string, string];
    await env.cloud.settle();

    expect(mails()).toHaveLength(1);
    const [mail] = mails() as [CapturedMessage];
    expect(mail).toMatchObject({
      from: expect.stringContaining('<hello@mail.shop.example>'),
      subject: 'Welcome, Ada <b>&: pro & more',
      tags: {
        godwit_message: expect.stringMatching(/^u[\w-]{22}-[\w-]{22}$/),
        godwit_journey: 'welcome',
        godwit_step: 'greet',
        'ses:configuration-set': expect.stringMatching(/marketing$/),
      },
    });
    expect(mail.html).toContain('<h1>Hello Ada &lt;b&gt;&amp;</h1>');
    expect(mail.html).toContain('Harbour Road');
    expect(mail.text).toMatch(/Hello Ada <b>&/i);
    expect(mail.text).toContain('https://shop.example/start');
    const link = /^<(http[^>]+\/u\/[\w.-]+)>$/.exec(mail.headers['List-Unsubscribe'] ?? '')?.[1];
    expect(link, 'List-Unsubscribe').toBeDefined();
    expect(mail.headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click');
    expect(mail.html).toContain(link);
  });

  it('G1, G7: delivery, open and click come back, and show at the message and in the timeline', async () => {
    const [mail] = mails() as [CapturedMessage];
    expect((await messageOf(mail)).body).toMatchObject({
      state: 'sent',
      journey: 'welcome',
      version: 1,
      step: 'greet',
      providerId: mail.providerMessageId,
      receipts: { delivered: new Date(NOON + 30_000).toISOString() },
    });
    await env.cloud.advance(MINUTE);
    await play(mail, 'open');
    await env.cloud.advance(MINUTE);
    await play(mail, 'click', { link: 'https://shop.example/start' });
    const { receipts } = (await messageOf(mail)).body;
    expect(Object.keys(receipts).sort()).toEqual(['clicked', 'delivered', 'opened']);
    expect(Date.parse(receipts.clicked) - Date.parse(receipts.opened)).toBe(MINUTE);
    const was = (await timeline()).filter(({ kind }) => kind === 'receipt').map(({ record }) => record?.was);
    expect(was.sort()).toEqual(['clicked', 'delivered', 'opened']);
  });

  it('G7: an event is found by the messageId that the client made', async () => {
    const fate = async (id: string, whose = '?userId=ada') =>
      (await env.call('GET', `/v1/events/${encodeURIComponent(id)}${whose}`)).body;
    expect(await fate(identifyId)).toMatchObject({ state: 'applied', rejected: [] });
    const entered = await fate(trackId);
    expect(entered.state).toBe('applied');
    expect(entered.decision.reasons.map(({ code }: { code: string }) => code)).toContain('entry.entered');
    expect(await fate(trackId, '?userId=grace')).toMatchObject({ state: 'not-found', decision: null });
    expect(await fate(trackId, '')).toMatchObject({ state: 'not-found' });
  });

  it('G13: what is refused, and what kinds of events there are, can be asked for, without any value', async () => {
    await env.post(
      { userId: 'ada', event: 'x'.repeat(300), messageId: 'too-long' },
      { userId: 'ada', event: 'Looked', properties: { price: 9.5, secret: 'hunter2' } },
    );
    await env.cloud.settle();
    const refused = await env.call('GET', '/v1/rejected-events');
    expect(refused.body.data).toEqual([
      expect.objectContaining({ eventId: 'too-long', pointer: '/batch/0/event', actual: expect.anything() }),
    ]);
    expect((await env.call('GET', '/v1/events/too-long')).body).toMatchObject({ state: 'rejected' });
    const types = await env.call('GET', '/v1/event-types');
    expect(types.body).toMatchObject({ complete: true });
    const looked = types.body.data.find(({ name }: { name: string }) => name === 'Looked');
    expect(looked).toMatchObject({ kind: 'track', properties: { price: ['number'], secret: ['string'] } });
    expect(JSON.stringify([refused.body, types.body])).not.toMatch(/hunter2|xxx/);
  });

  it('G10: a GET of the unsubscribe link, as scanners do, changes nothing; its POST unsubscribes', async () => {
    const [mail] = mails() as [CapturedMessage];
    const link = /<(.+)>/.exec(mail.headers['List-Unsubscribe']!)![1]!;
    const asked = await fetch(link);
    expect(asked.status).toBe(200);
    expect(await asked.text()).toContain('<form method="post">');
    await env.cloud.settle();
    await env.post({ userId: 'ada', event: 'Came Back' });
    await env.cloud.settle();
    expect(mails(), 'after the GET').toHaveLength(2);

    const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
    expect((await fetch(link, { method: 'POST', body })).status).toBe(200);
    await env.cloud.settle();
    const consents = await env.call('GET', '/v1/profiles/ada/consents');
    expect(consents.body.data).toEqual([
      expect.objectContaining({ topic: 'news', state: 'withdrawn', source: 'one-click', evidence: mail.messageId }),
    ]);
    await env.cloud.advance(2 * MINUTE);
    await env.post({ userId: 'ada', event: 'Came Back' });
    await env.cloud.settle();
    expect(mails(), 'after the POST').toHaveLength(2);
    expect(await env.reasons('ada')).toContainEqual(
      expect.objectContaining({ code: 'consent.withdrawn', journey: 'return', step: 'again' }),
    );

    const forged = await fetch(
      link.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      { method: 'POST', body },
    );
    expect(forged.status).toBe(404);
  });

  it('G10: who left the newsletter still gets what they asked for', async () => {
    const request = { template: 'third', profile: { id: 'ada' } };
    const headers = { 'idempotency-key': 'receipt-1' };
    const answer = await env.call('POST', '/v1/messages', request, headers);
    expect(answer.status).toBe(202);
    await env.cloud.settle();
    expect(mails()).toHaveLength(3);
    const receipt = mails()[2]!;
    expect(receipt).toMatchObject({
      subject: 'The third message',
      messageId: answer.body.id,
      tags: { 'ses:configuration-set': expect.stringMatching(/transactional$/) },
    });
    expect(receipt.headers).not.toHaveProperty('List-Unsubscribe');
    expect((await env.call('GET', answer.headers.get('location')!)).body).toMatchObject({
      state: 'sent',
      journey: null,
    });

    const again = await env.call('POST', '/v1/messages', request, headers);
    expect(again.body).toEqual(answer.body);
    await env.cloud.settle();
    expect(mails(), 'a repetition under the same key').toHaveLength(3);
  });
});
