import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, ObservedCall } from '../../local/cloud.ts';
import { bootEnvironment, type Environment, journeyOf, MINUTE } from './environment.ts';
import { mailboxQueue, mailOf, userKey } from './mailbox.ts';
import { marks, marksIn, marksInTables, shownBy } from './marks.ts';

/**
 * One customer with a mark in every field, on every channel, on good days and bad ones. Afterwards everything that AWS
 * keeps in the clear is searched for the marks: logs, metrics (log lines in the embedded format), labels of messages,
 * names and histories of executions, problem documents, and tables that are not meant for people. Names of fields are
 * told wherever something is wrong with them: they are the team's and no customer's.
 */
let env: Environment;
const refusals: { readonly of: string; readonly text: string }[] = [];
const { userId, anonymousId, email, phone } = marks;

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await env.call(method, `/v1/${path}`, body, headers);
  if (answer.status >= 400) refusals.push({ of: `${method} ${path}`, text: JSON.stringify(answer.body) });
  return answer;
}
const must = async (...given: Parameters<typeof call>) => {
  const answer = await call(...given);
  expect(answer.status, `${given[0]} ${given[1]}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer;
};
const segment = (path: string, body: unknown) =>
  call(`POST`, path, body, { authorization: `Basic ${btoa(`${env.ingestKey}:`)}` });

const context = {
  ...{ ip: marks.ip, userAgent: marks.userAgent, page: { url: marks.page, path: '/mkqa10page' } },
  ...{
    device: { token: marks.token, id: marks.context },
    app: { name: marks.context },
    campaign: { name: marks.context },
  },
};
const event = (name: string, more: object = {}) => ({
  ...{ event: name, userId, anonymousId, messageId: `${marks.eventId}-${name}`, context },
  ...{ properties: { note: marks.property, zero: 0 }, ...more },
});

/** AWS quotes in errors what it was sent; here it does so at the first call of each function. */
function quoteOnce(): (seen: ObservedCall) => Fault {
  const message = `Value at 'item' failed to satisfy constraint: ${Object.values(marks).join(' ')}`;
  const done = new Set<string>();
  return ({ functionName }) => {
    if (done.has(functionName)) return 'pass';
    done.add(functionName);
    return { code: 'ValidationException', status: 400, message };
  };
}

async function prepare(): Promise<void> {
  const fresh = { 'if-none-match': '*' };
  await must('PUT', 'endpoints/crm', { id: 'crm', url: 'https://crm.example.com/hook' }, fresh);
  const words = '{{ profile.firstName }} {{ entry.note }}';
  const variants = [
    { channel: 'email', content: { subject: words, text: words } },
    { channel: 'sms', content: { text: words } },
    { channel: 'push', content: { title: words, body: words } },
    { channel: 'in-app', content: { title: words, body: words } },
  ];
  const variables = {
    'profile.firstName': { type: 'string', example: 'Ada' },
    'entry.note': { type: 'string', example: 'x' },
    'entry.zero': { type: 'number', example: 1, required: true },
  };
  await must('PUT', 'templates/hello', { schemaVersion: 1, id: 'hello', variables, variants }, fresh);
  const broken = [{ channel: 'email', content: { subject: 'x', text: `${words} {{ 1 | divided_by: entry.zero }}` } }];
  await must('PUT', 'templates/broken', { schemaVersion: 1, id: 'broken', variables, variants: broken }, fresh);
  const step = (channel: string, next: string) => ({
    ...{ type: 'message', template: 'hello', topic: 'account', channels: [channel], next, failed: next },
  });
  await env.publish(
    journeyOf(
      'all',
      {
        email: step('email', 'sms'),
        sms: step('sms', 'push'),
        push: step('push', 'app'),
        app: step('in-app', 'hook'),
        hook: { type: 'webhook', endpoint: 'crm', next: 'broken', failed: 'broken' },
        broken: { ...step('email', 'pause'), template: 'broken' },
        pause: { type: 'wait', for: 'PT20M', next: 'again' },
        again: step('email', 'end'),
      },
      {
        entry: [{ on: 'event', event: 'Began' }],
        reentry: { again: 'after-exit', whileInside: 'ignore' },
        topic: 'account',
      },
    ),
  );
}

async function goodDay(): Promise<void> {
  const traits = { firstName: marks.firstName, email, phone, secret: { deep: [marks.trait] } };
  await env.post(
    { type: 'identify', userId, anonymousId, traits, context, messageId: `${marks.eventId}-identify` },
    event('Began'),
  );
  await env.post({ type: 'group', userId, groupId: marks.groupId, traits: { name: marks.trait } });
  await env.post({ type: 'page', userId, name: marks.context, properties: { url: marks.page } });
  await env.cloud.advance(5 * MINUTE);
  expect(
    env.cloud
      .messages()
      .map(({ channel }) => channel)
      .sort(),
  ).toEqual(['email', 'in-app', 'push', 'sms', 'webhook']);
  const [mail] = env.cloud.messages({ channel: 'email' });
  expect(mail!.subject).toBe(`${marks.firstName} ${marks.property}`);
  env.cloud.provider('email').play(mail!, { type: 'bounce', bounceType: 'Transient' });
  env.cloud.provider('email').play(mail!, { type: 'click', link: marks.page });
  await must('PATCH', `profiles/${userId}`, { traits: { secret: marks.trait } });
  const consents = [{ channel: 'email', topic: 'news', state: 'granted', source: 'form', evidence: marks.note }];
  await must('PUT', `profiles/${userId}/consents`, { consents });
  await must('PUT', `suppressions/sms/${encodeURIComponent(phone)}`, {});
  const request = {
    template: 'hello',
    topic: 'account',
    profile: { id: userId },
    properties: { note: marks.property },
  };
  await call('POST', 'messages', request, { 'idempotency-key': marks.note });
  await call('POST', 'messages', { template: 'hello', to: email }, { 'idempotency-key': `${marks.note}2` });
  await must('POST', `profiles/${userId}/inbox-tokens`, {});
  await must('GET', `profiles?idType=email&id=${encodeURIComponent(email)}`).catch(() => undefined);
  await must('POST', 'exports', { kind: 'profiles' });
  await env.cloud.advance(30 * MINUTE);
}

async function badDay(): Promise<void> {
  // What cannot be read, what cannot be decided, what cannot be accepted.
  const group = userKey('mkbroken');
  mailboxQueue(env).send({
    body: `{"schema": 1, "key": "${email}`,
    groupId: userKey('unreadable'),
    deduplicationId: 'one',
  });
  mailboxQueue(env).send({
    body: JSON.stringify(mailOf(env, group, { t: 'event', event: { name: marks.property, data: null } } as never)),
    groupId: group,
    deduplicationId: 'two',
  });
  env.cloud.queue('MessagesEmailQueue').send({ body: `not JSON, ${marks.firstName}` });
  env.cloud.queue('ReceiptsQueue').send({ body: `{"Type": "Notification", "Message": "${email}` });
  await segment('batch', `{"batch": [{"userId": "${email}"`);
  await segment('batch', {
    batch: [{ type: 'track', userId, event: marks.property.repeat(40) }, { type: marks.trait }, marks.note],
  });
  await segment('track', {
    event: 'x',
    userId: `${marks.userId}${'x'.repeat(5_000)}`,
    properties: { strange: 1 },
  });
  await segment('identify', { userId, traits: { ['__proto__']: 1, ['bad\u0000']: marks.trait } });
  for (const [method, path, body] of [
    ['PATCH', `profiles/${userId}`, { traits: marks.trait }],
    ['PATCH', `profiles/${userId}`, { traits: { ['bad\u0001']: marks.trait } }],
    ['PATCH', `profiles/${userId}`, `{"traits": "${marks.trait}`],
    [
      'PUT',
      `profiles/${userId}/consents`,
      { consents: [{ channel: marks.note, topic: marks.note, state: marks.note }] },
    ],
    ['PUT', `suppressions/email/${encodeURIComponent(`${email} x`)}`, {}],
    ['DELETE', `suppressions/email/${encodeURIComponent(email)}`],
    ['GET', `profiles/nobody-${userId}/timeline`],
    ['GET', `profiles/${userId}?idType=${marks.note}`],
    ['GET', `events/${marks.eventId}?when=${marks.note}`],
    ['DELETE', `profiles/nobody-${userId}`],
    ['POST', 'messages', { template: 'hello', to: `${email} ` }],
    ['POST', 'messages', { template: 'none', profile: { id: userId }, properties: marks.property }],
    [
      'POST',
      'journeys/all/enrollments',
      { customers: [{ id: userId, properties: marks.property, unknown: marks.note }] },
    ],
    ['POST', 'templates/hello/previews', { channel: 'email', profile: { id: `nobody-${userId}` } }],
    ['GET', `profiles/${userId}/${marks.note}`],
    ['POST', `profiles/${userId}/merges`, { into: marks.note }],
    ['PUT', `segments/vip/members`, { ids: [userId] }],
  ] as const) {
    await call(method, path, body, { 'idempotency-key': `${marks.note}-${path.length}` });
  }
  const { body: to } = await must('POST', 'uploads');
  const rows = `userId,event,timestamp,properties.x\n${userId},"${marks.property},never\n${email},Bought,${marks.note},${marks.trait}\n`;
  await fetch(to.url, { method: 'PUT', body: rows });
  await must('POST', 'imports', { kind: 'events', upload: to.id });
  await env.cloud.advance(10 * MINUTE);

  // Providers and AWS quote whom they refuse.
  env.cloud.onCall(({ action }) =>
    action === 'ses:SendEmail'
      ? { code: 'MessageRejected', status: 400, message: `Email address is not verified: ${email}` }
      : 'pass',
  );
  await env.post(event('Began', { messageId: `${marks.eventId}-2` }));
  await env.cloud.advance(30 * MINUTE);
  env.cloud.webhooks.answerWith('crm.example.com', 400);
  env.cloud.onCall(quoteOnce());
  await env.post(event('Began', { messageId: `${marks.eventId}-3` })).catch(() => undefined);
  await call('GET', `profiles/${userId}`);
  await env.post(event('Began', { messageId: `${marks.eventId}-4` }));
  await call('POST', 'exports', { kind: 'profiles' });
  await env.cloud.advance(45 * MINUTE);
  env.cloud.onCall(undefined);
}

beforeAll(async () => {
  env = await bootEnvironment({ overrides: { maxWorkers: 1 } });
  await prepare();
  await goodDay();
  await badDay();
});
afterAll(() => env?.stop());

describe('G13: personal data stands in tables, and nowhere else', () => {
  it('what a search finds: a mark in whatever spelling', () => {
    const shown = (text: string) => marksIn(text);
    expect(shown(`x ${email.toUpperCase()}`)).toContain('email');
    expect(shown(encodeURIComponent(phone))).toContain('phone');
    for (const before of ['', 'a', 'ab']) expect(shown(btoa(`${before}${marks.trait}...`))).toContain('trait');
    expect(shown('{"userId":"ada"}')).toEqual([]);
  });

  it.each(['evaluate', 'ingest', 'api', 'send-email', 'receipts', 'scan-profiles', 'arm-timers', 'wake-cohort'])(
    '%s failed, and said so',
    (name) => {
      const lines = env.cloud.traces().filter(({ kind, of }) => kind === 'log' && of.endsWith(name));
      expect(lines.map(({ text }) => text).join('\n')).toMatch(/ERROR|WARN/i);
    },
  );

  it('no log, no metric, no label of a message and no execution names anybody', () => {
    const all = shownBy(env.cloud);
    for (const kind of ['log', 'queue', 'execution'])
      expect(all.some(({ where }) => where.startsWith(kind))).toBe(true);
    const found = new Map<string, string>();
    for (const { where, text } of all) if (marksIn(text).length > 0) found.set(`${where}: ${marksIn(text)}`, text);
    expect(Object.fromEntries(found)).toEqual({});
  });

  it('no problem document repeats a value', () => {
    expect(refusals.length).toBeGreaterThan(15);
    expect(refusals.filter(({ text }) => marksIn(text).length > 0)).toEqual([]);
  });

  it('only tables that are meant for people know them, and what was rejected is kept without values', async () => {
    const found = await marksInTables(env.cloud);
    expect(found['Profiles']).toEqual(expect.arrayContaining(['firstName', 'email', 'phone', 'trait']));
    const meant = ['Profiles', 'Journal', 'Messages', 'Consents', 'Inbox'];
    const others = Object.entries(found).filter(([table]) => !meant.includes(table));
    expect(others.map(([table]) => table)).toEqual(
      expect.arrayContaining(['Access', 'Audit', 'Catalog', 'Intake', 'Jobs', 'Stats']),
    );
    expect(others.filter(([, names]) => names.length > 0)).toEqual([]);
  });
});
