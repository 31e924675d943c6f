import { afterAll, beforeAll, expect, it } from 'vitest';
import { bootEnvironment, DAY, type Environment, MINUTE } from './environment.ts';

/** A broadcast of one template to half of the customers, disturbed in every way that an operator or AWS may. */
let env: Environment;
beforeAll(async () => {
  env = await bootEnvironment();
});
afterAll(() => env?.stop());

const CUSTOMERS = 32;
const users = Array.from({ length: CUSTOMERS }, (_, index) => `user-${index}`);
const isGold = (index: number) => index % 2 === 0;
const sentTo = (user: string) => env.cloud.messages({ to: `${user}@mail.example` }).length;
const sent = () => users.reduce((sum, user) => sum + sentTo(user), 0);

async function api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await env.call(method, `/v1/${path}`, body, headers);
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
}

it('G2, G10: stopped, resumed and killed in between, it reaches everybody who is meant exactly once', async () => {
  await env.post(
    ...users.map((user, index) => ({
      type: 'identify',
      userId: user,
      traits: { email: `${user}@mail.example`, tier: isGold(index) ? 'gold' : 'none' },
    })),
  );
  await env.cloud.settle();
  const start = { id: 'spring', template: 'first', topic: 'news', where: 'profile.tier = "gold"', perMinute: 4 };
  const at = new Date(env.cloud.now() + 10 * MINUTE).toISOString();
  const key = { 'idempotency-key': 'spring' };
  expect(await api('POST', 'broadcasts', { ...start, at }, key)).toMatchObject({ id: 'spring', state: 'queued' });
  await api('POST', 'broadcasts', { ...start, at }, { 'idempotency-key': 'asked-again' });
  // Somebody is merged away before it begins, and a consent is withdrawn.
  await env.post({ type: 'alias', userId: 'user-2', previousId: 'user-0' });
  await api('PUT', 'profiles/user-4/consents', {
    consents: [{ channel: 'email', topic: 'news', state: 'withdrawn', source: 'form' }],
  });
  await env.cloud.advance(9 * MINUTE);
  expect(sent()).toBe(0);

  // Twice a call has told a page and dies before it can write its progress.
  let deaths = 0;
  env.cloud.onCall(({ functionName, action }) => {
    const isProgress = functionName.endsWith('scan-profiles') && action === 'dynamodb:PutItem';
    return isProgress && deaths++ < 2 ? 'crash-before' : 'pass';
  });
  await env.cloud.advance(1.5 * MINUTE);
  expect(deaths).toBeGreaterThanOrEqual(2);
  expect(await api('PATCH', 'broadcasts/spring', { state: 'stopped' })).toMatchObject({ state: 'stopped' });
  await env.cloud.advance(MINUTE);
  const inBetween = sent();
  expect(inBetween).toBeGreaterThan(0);
  expect(inBetween).toBeLessThan(CUSTOMERS / 2 - 2);
  await env.cloud.advance(5 * MINUTE);
  expect(sent(), 'while it is stopped').toBe(inBetween);

  expect(await api('PATCH', 'broadcasts/spring', { state: 'running', perMinute: 16 })).toMatchObject({ perMinute: 16 });
  await env.cloud.advance(6 * MINUTE);
  const merged = ['user-0', 'user-2'].reduce((sum, user) => sum + sentTo(user), 0);
  expect(merged, 'two ids of one person').toBe(1);
  for (const [index, user] of users.entries()) {
    if (index === 0 || index === 2) continue;
    expect([user, sentTo(user)]).toEqual([user, isGold(index) && index !== 4 ? 1 : 0]);
  }
  const done = await api('GET', 'broadcasts/spring');
  // The alias has left a signpost beside the customers.
  expect(done).toMatchObject({
    state: 'done',
    progress: { scanned: CUSTOMERS + 1, told: CUSTOMERS / 2 - 1, noMatch: CUSTOMERS / 2, entered: CUSTOMERS / 2 - 1 },
  });
  expect((await env.reasons('user-4')).map(({ code }) => code)).toContain('message.blocked');
  expect((await api('GET', 'broadcasts')).data).toMatchObject([{ id: 'spring', state: 'done' }]);

  // Two ids of one person on a list, and one that nobody has.
  const list = ['user-0', 'user-2', 'user-6', 'nobody'].map((id) => ({ id }));
  await api('POST', 'broadcasts', { template: 'second', topic: 'news', list }, { 'idempotency-key': 'list' });
  await env.cloud.advance(MINUTE);
  const again = env.cloud.messages({}).filter(({ subject }) => subject === 'The second message');
  expect(again).toHaveLength(2);
  expect(again.filter(({ to }) => to === 'user-6@mail.example')).toHaveLength(1);
});

it('G2: what comes round every day lets members in each day, once, and is skipped while its journey is paused', async () => {
  await env.call(
    'PUT',
    '/v1/segments/gold',
    { schemaVersion: 1, id: 'gold', name: 'Gold', where: 'profile.tier = "gold"' },
    { 'if-none-match': '*' },
  );
  await env.publish({
    schemaVersion: 1,
    id: 'daily',
    name: 'Daily',
    topic: 'news',
    entry: [{ on: 'schedule', segment: 'gold', zone: 'Europe/Berlin', at: '14:00', every: 'day' }],
    reentry: { again: 'after-exit', whileInside: 'ignore' },
    start: 'out',
    steps: { out: { type: 'exit', reason: 'seen' } },
  });
  const entries = async (user: string) =>
    (await env.reasons(user)).filter(({ code, journey }) => code === 'entry.entered' && journey === 'daily').length;
  await env.cloud.advance(DAY);
  expect(await Promise.all(['user-6', 'user-2', 'user-7'].map(entries))).toEqual([1, 1, 0]);
  await api('POST', 'journeys/daily/pause', {});
  await env.cloud.advance(DAY);
  await api('POST', 'journeys/daily/resume', {});
  await env.cloud.advance(DAY);
  expect(await Promise.all(['user-6', 'user-7'].map(entries))).toEqual([2, 0]);
  const rounds = (await api('GET', 'broadcasts')).data.filter((one: { journey: string }) => one.journey === 'daily');
  const shown = rounds.map(({ state, reason }: { state: string; reason?: string }) => reason ?? state);
  expect(shown).toEqual(['queued', 'done', 'journey.paused', 'done']);
});
