import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootEnvironment, type Environment, HOUR, journeyOf, MINUTE, message } from './environment.ts';

let env: Environment;
const emailOf = (user: string) => `${user}@mail.example`;
const form = { 'content-type': 'application/x-www-form-urlencoded' };

const ok = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const answer = await env.call(method, `/v1/${path}`, body, headers);
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
};

beforeAll(async () => {
  env = await bootEnvironment();
  const fresh = { 'if-none-match': '*' };
  const mail = (id: string, text: string) => ({
    ...{ schemaVersion: 1, id, variables: {} },
    variants: [{ channel: 'email', content: { subject: id, text, html: `<p>${text}</p>` } }],
  });
  const ways = '{{ preferences_url }} {{ unsubscribe_url }} {{ postal_address }}';
  await ok('PUT', 'templates/offer', mail('offer', ways), fresh);
  await ok('PUT', 'templates/question', mail('question', '{{ confirm_url }} {{ postal_address }}'), fresh);
  const topic = { name: 'Tips', kind: 'marketing', public: true, consent: { email: 'opt-in' } };
  await ok('PUT', 'topics/tips', { id: 'tips', ...topic }, fresh);
  const again = { again: 'after-exit', whileInside: 'ignore' };
  const onEvent = (event: string) => ({ entry: [{ on: 'event', event }], reentry: again });
  await env.publish(journeyOf('offers', { only: message('offer') }, onEvent('Offered')));
  const confirmed = { on: 'becomes-true', if: 'consent email/tips is granted', next: 'tip' };
  const steps = {
    ask: { ...message('question', 'answer'), vars: { confirm_topic: 'tips' } },
    answer: { type: 'wait-for', any: [confirmed], within: 'P2D', timeout: 'end' },
    tip: { ...message('offer'), topic: 'tips' },
  };
  await env.publish(journeyOf('double-opt-in', steps, { ...onEvent('Consent Requested'), topic: 'account' }));
});
afterAll(() => env?.stop());

const start = async (user: string, ...events: string[]) => {
  const identify = { type: 'identify', userId: user, traits: { email: emailOf(user) } };
  await env.post(identify, ...events.map((event) => ({ event, userId: user })));
  await env.cloud.settle();
};
const mails = (user: string) => env.cloud.messages({ to: emailOf(user) });
const linkIn = (user: string, page: string) => {
  const found = new RegExp(`https?://\\S+/${page}/[\\w.-]+`).exec(mails(user).at(-1)!.text);
  return found![0];
};
const recorded = async (user: string) =>
  (await ok('GET', `profiles/${user}/messages`)).data
    .map(({ state, reason }: Record<string, string | null>) => `${state} ${reason}`)
    .sort();
const history = async (user: string) =>
  (await ok('GET', `profiles/${user}/consents/history`)).data.map(
    ({ topic, state, source }: Record<string, string>) => `${topic} ${state} ${source}`,
  );

async function importRows(kind: string, text: string): Promise<void> {
  const { id: upload, url } = await ok('POST', 'uploads');
  expect((await fetch(url, { method: 'PUT', body: text })).status).toBe(200);
  const { id } = await ok('POST', 'imports', { kind, upload });
  await env.cloud.advance(MINUTE);
  expect(await ok('GET', `jobs/${id}`)).toMatchObject({ state: 'done', result: { accepted: 1 } });
}

describe('G10: a "no" stops what is queued already', () => {
  it.each([
    {
      way: 'one-click',
      say: (user: string) => fetch(linkIn(user, 'u'), { method: 'POST', body: 'List-Unsubscribe=One-Click' }),
      reason: 'consent.withdrawn',
    },
    {
      way: 'link',
      say: (user: string) => fetch(linkIn(user, 'u'), { method: 'POST', headers: form, body: 'confirm=1' }),
      reason: 'consent.withdrawn',
    },
    {
      way: 'preference-page',
      say: (user: string) =>
        fetch(linkIn(user, 'preferences'), { method: 'POST', headers: form, body: 'form=1&all=1' }),
      reason: 'consent.withdrawn',
    },
    {
      way: 'support',
      say: (user: string) => {
        const consents = [{ channel: 'email', topic: 'news', state: 'withdrawn', source: 'support' }];
        return ok('PUT', `profiles/${user}/consents`, { consents });
      },
      reason: 'consent.withdrawn',
    },
    {
      way: 'import',
      say: (user: string) =>
        importRows('profiles', `${JSON.stringify({ userId: user, consents: { 'email/news': 'withdrawn' } })}\n`),
      reason: 'consent.withdrawn',
    },
    {
      way: 'hashed',
      say: (user: string) => {
        const hex = createHash('sha256').update(emailOf(user)).digest('hex');
        return importRows('suppressions', `sha256,reason\n${hex},unsubscribe\n`);
      },
      reason: 'suppressed.unsubscribe',
    },
  ])('by $way', async ({ way, say, reason }) => {
    const user = `no-by-${way}`;
    await start(user, 'Offered');
    expect(mails(user)).toHaveLength(1);
    // The first hashed list of an environment counts within a minute: until then the provider takes nothing.
    env.cloud.ses.behave('throttle', way === 'hashed' ? 5 : 1);
    await start(user, 'Offered');
    expect(await recorded(user)).toEqual(['retry email.throttled', 'sent null']);
    await say(user);
    await env.cloud.advance(2 * HOUR);
    expect(mails(user)).toHaveLength(1);
    expect(await recorded(user)).toEqual([`not-sent ${reason}`, 'sent null']);
    if (way === 'hashed') return;
    expect(await history(user)).toContain(`news withdrawn ${way}`);
  });

  it('holds from the very answer of the page, while the profile has not heard of it', async () => {
    env.cloud.ses.behave('accept');
    await start('at-once', 'Offered');
    const page = linkIn('at-once', 'preferences');
    expect(await (await fetch(page)).text()).toContain('a•••@m•••.example');
    env.cloud.ses.behave('throttle', 1);
    await start('at-once', 'Offered');
    env.cloud.onCall(({ functionName }) =>
      functionName.endsWith('-evaluate') ? { code: 'Broken', status: 400 } : 'pass',
    );
    const saved = await fetch(page, { method: 'POST', headers: form, body: 'form=1&all=1' });
    expect(await saved.text()).toContain('You are unsubscribed from everything.');
    await env.cloud.advance(20 * MINUTE);
    env.cloud.onCall(undefined);
    expect(await recorded('at-once')).toEqual(['not-sent suppressed.unsubscribe', 'sent null']);
    await env.cloud.advance(2 * HOUR);
    expect(await history('at-once')).toEqual(['news withdrawn preference-page']);
  });
});

describe('double opt-in', () => {
  const ask = async (user: string) => {
    await start(user);
    const pending = { channel: 'email', topic: 'tips', state: 'pending', source: 'form', textVersion: 'v3' };
    await ok('PUT', `profiles/${user}/consents`, { consents: [pending] });
    await start(user, 'Consent Requested');
  };

  it('a scanner that follows the link grants nothing, the button does, and what was asked for comes', async () => {
    await ask('ada');
    const link = linkIn('ada', 'confirm');
    const page = await fetch(link, { headers: { 'accept-language': 'fr' } });
    expect(await page.text()).toContain('Oui, confirmer');
    await env.cloud.settle();
    expect(mails('ada')).toHaveLength(1);
    await env.cloud.advance(MINUTE);
    expect((await fetch(link, { method: 'POST', headers: form, body: 'confirm=1' })).status).toBe(200);
    await env.cloud.settle();
    expect(mails('ada').map(({ subject }) => subject)).toEqual(['question', 'offer']);
    expect(await history('ada')).toEqual(['tips granted confirm-link', 'tips pending form']);
    expect((await ok('GET', 'profiles/ada/consents')).data).toMatchObject([{ state: 'granted', textVersion: 'v3' }]);
  });

  it('a link is worth nothing after a "no"', async () => {
    await ask('cleo');
    const no = [{ channel: 'email', topic: 'tips', state: 'withdrawn', source: 'support' }];
    await env.cloud.advance(MINUTE);
    await ok('PUT', 'profiles/cleo/consents', { consents: no });
    await env.cloud.settle();
    expect((await fetch(linkIn('cleo', 'confirm'), { method: 'POST' })).status).toBe(410);
    await env.cloud.settle();
    expect(await history('cleo')).toEqual(['tips withdrawn support', 'tips pending form']);
  });
});
