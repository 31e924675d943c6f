import { afterAll, beforeAll, expect, it } from 'vitest';
import { exampleOf } from '../docs/examples.ts';
import { bootEnvironment, type Environment, HOUR, journeyOf, MINUTE } from './environment.ts';

/** Messages for apps, and signed webhooks, from the event to whoever fetches or receives; with the code that the docs give them. */
interface App {
  list(): Promise<{ data: { id: string; title: string; readAt: string | null }[]; unread: number }>;
  read(id: string): Promise<void>;
  clicked(id: string): Promise<void>;
}
const { openInbox } = await exampleOf<{ openInbox(baseUrl: string, getToken: () => Promise<string>): App }>(
  'in-app.md',
);
const { verify } = await exampleOf<{
  verify(secret: string, headers: object, body: string, now: number): unknown;
}>('webhooks.md');

let env: Environment;
const fresh = { 'if-none-match': '*' };
const note = {
  schemaVersion: 1,
  id: 'note',
  variables: { 'event.what': { type: 'string', example: 'x' } },
  variants: [
    {
      channel: 'in-app',
      content: { title: '{{ event.what }}', body: '<p>Hi</p>', link: '/cart', expiresAfter: 'PT3H' },
    },
  ],
};
const waitFor = (was: string, next: string) => ({
  type: 'wait-for',
  any: [{ on: 'message', step: 'note', was, next }],
  within: 'PT1H',
  timeout: 'end',
});

beforeAll(async () => {
  env = await bootEnvironment();
  await env.call('PUT', '/v1/topics/app', { id: 'app', kind: 'marketing', consent: { 'in-app': 'opt-out' } }, fresh);
  await env.call('PUT', '/v1/endpoints/crm', { id: 'crm', url: 'https://crm.example.com/hook' }, fresh);
  const saved = await env.call('PUT', '/v1/templates/note', note, fresh);
  expect(saved.status, JSON.stringify(saved.body)).toBe(201);
  const steps = {
    note: { type: 'message', template: 'note', channels: ['in-app'], next: 'shown' },
    shown: waitFor('delivered', 'opened'),
    opened: waitFor('opened', 'clicked'),
    clicked: waitFor('clicked', 'hook'),
    hook: { type: 'webhook', endpoint: 'crm', body: { seen: true }, next: 'end', failed: 'end' },
  };
  const again = { reentry: { again: 'after-exit', whileInside: 'restart' }, topic: 'app' };
  await env.publish(journeyOf('noted', steps, again));
});
afterAll(() => env?.stop());

const start = async (who: object, what: string, more: Record<string, unknown>[] = []) => {
  await env.post(...more, { ...who, event: 'Started', properties: { what } });
  await env.cloud.settle();
};
const appOf = (id: string, idType = 'userId') =>
  openInbox(env.cloud.api, async () => {
    const answer = await env.call('POST', `/v1/profiles/${id}/inbox-tokens?idType=${idType}`, {});
    expect(answer.status).toBe(201);
    return answer.body.token;
  });
const identify = (user: string, more: object = {}) => ({
  ...{ type: 'identify', userId: user, traits: { email: `${user}@mail.example` } },
  ...more,
});
const titles = async (app: App) => (await app.list()).data.map(({ title }) => title);
const hooks = () => env.cloud.messages({ channel: 'webhook' });

it('what is stored, read and clicked moves the run on; webhooks are signed, with both keys while one is replaced', async () => {
  const makeSecret = async () => {
    const { body } = await env.call('POST', '/v1/endpoints/crm/secrets', { overlap: 'PT1H' });
    await env.cloud.advance(5 * MINUTE);
    return body.secret as string;
  };
  const play = async (what: string) => {
    await start({ userId: 'ada' }, what, [identify('ada')]);
    const app = appOf('ada');
    const { data, unread } = await app.list();
    expect([data[0]!.title, unread]).toEqual([what, 1]);
    const before = hooks().length;
    await app.read(data[0]!.id);
    await env.cloud.settle();
    expect(hooks()).toHaveLength(before);
    await app.clicked(data[0]!.id);
    await app.clicked(data[0]!.id);
    await env.cloud.settle();
    expect(hooks()).toHaveLength(before + 1);
    const { headers, text, messageId } = hooks().at(-1)!;
    expect(headers['webhook-id']).toBe(messageId);
    return (secret: string) => verify(secret, headers, text, env.cloud.now());
  };

  const first = await makeSecret();
  const one = await play('One');
  expect(one(first)).toEqual({ seen: true });

  const second = await makeSecret();
  const two = await play('Two');
  expect(two(first)).toEqual(two(second));
  expect(() => one(second)).toThrow('not signed');

  await env.cloud.advance(HOUR);
  const three = await play('Three');
  expect(three(second)).toEqual({ seen: true });
  expect(() => three(first)).toThrow('not signed');

  const [row] = (await env.call('GET', '/v1/profiles/ada/messages')).body.data.filter(
    ({ channel }: { channel: string }) => channel === 'in-app',
  );
  expect(row.state).toBe('sent');
  expect(Object.keys(row.receipts).sort()).toEqual(['clicked', 'delivered', 'opened']);
  const [shown] = env.cloud.messages({ channel: 'in-app' });
  expect(shown).toMatchObject({
    subject: 'One',
    html: '<p>Hi</p>',
    headers: { link: '/cart' },
    tags: { topic: 'app' },
  });
  expect(shown!.events.map(({ type }) => type)).toEqual(['read', 'clicked']);
});

it('G3: a message whose storing nobody answered is there once, and delivered', async () => {
  let lost = 0;
  env.cloud.onCall(({ functionName, action, resource }) => {
    const isIt = functionName.endsWith('send-in-app') && action === 'dynamodb:PutItem' && /inbox/i.test(resource);
    return isIt && lost++ < 2 ? 'lose-answer' : 'pass';
  });
  await start({ userId: 'bob' }, 'Once', [identify('bob')]);
  await env.cloud.advance(5 * MINUTE);
  env.cloud.onCall(undefined);
  expect(lost).toBe(3);
  expect(await titles(appOf('bob'))).toEqual(['Once']);
  const [row] = (await env.call('GET', '/v1/profiles/bob/messages')).body.data;
  expect(row).toMatchObject({ state: 'sent', receipts: { delivered: expect.anything() } });
});

it('who was a stranger finds what came before, by the token of then', async () => {
  const stranger = { anonymousId: 'device-7' };
  await start(stranger, 'Before', [{ type: 'identify', ...stranger, traits: { email: 'cas@mail.example' } }]);
  const app = appOf('device-7', 'anonymousId');
  expect(await titles(app)).toEqual(['Before']);
  await start({ userId: 'cas' }, 'After', [identify('cas', stranger)]);
  expect((await titles(app)).sort()).toEqual(['After', 'Before']);
  expect((await titles(appOf('cas'))).sort()).toEqual(['After', 'Before']);
});

it('G10: what waits unread is not shown after its topic was withdrawn, and nothing more is stored', async () => {
  await start({ userId: 'dan' }, 'Seen', [identify('dan')]);
  const app = appOf('dan');
  await app.read((await app.list()).data[0]!.id);
  await env.cloud.advance(MINUTE);
  await start({ userId: 'dan' }, 'Unseen');
  const consents = [{ channel: 'in-app', topic: 'app', state: 'withdrawn', source: 'settings' }];
  expect((await env.call('PUT', '/v1/profiles/dan/consents', { consents })).status).toBe(202);
  await env.cloud.settle();
  await start({ userId: 'dan' }, 'Never');
  expect(await titles(app)).toEqual(['Seen']);
  expect((await env.reasons('dan')).map(({ code }) => code)).toContain('consent.withdrawn');
});

it('expires, and a token with it', async () => {
  await start({ userId: 'eve' }, 'Gone', [identify('eve')]);
  const { body } = await env.call('POST', '/v1/profiles/eve/inbox-tokens', {});
  const fetchAgain = () => env.call('GET', '/inbox', undefined, { authorization: `Bearer ${body.token}` });
  expect((await fetchAgain()).body.data).toHaveLength(1);
  await env.cloud.advance(2 * HOUR);
  expect((await fetchAgain()).body.code).toBe('inbox.token-expired');
  await env.cloud.advance(HOUR);
  expect(await titles(appOf('eve'))).toEqual([]);
});
