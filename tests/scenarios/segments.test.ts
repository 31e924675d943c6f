import { afterAll, beforeAll, expect, it } from 'vitest';
import { bootEnvironment, DAY, type Environment, HOUR, journeyOf, MINUTE, message } from './environment.ts';

/** Live segments on the synthesised stacks: exact by time alone, by a new definition, by name; and what follows of it. */
let env: Environment;
beforeAll(async () => {
  env = await bootEnvironment();
});
afterAll(() => env?.stop());

const fresh = { 'if-none-match': '*' };
async function api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await env.call(method, `/v1/${path}`, body, headers);
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
}
const save = (id: string, said: object) =>
  api('PUT', `segments/${id}`, { schemaVersion: 1, id, name: id, ...said }, fresh);
const mailsTo = (user: string) => env.cloud.messages({ to: `${user}@mail.example` }).length;
const segmentsOf = async (user: string) =>
  (await api('GET', `profiles/${user}/segments`)).data.map((one: { segment: string; since: string | null }) => [
    one.segment,
    one.since,
  ]);
const finished = async (job: { readonly id: string }) => {
  await env.cloud.advance(MINUTE);
  return api('GET', `jobs/${job.id}`);
};

it('a segment that time alone makes true lets into a journey, and tells an endpoint', async () => {
  await api('PUT', 'endpoints/crm', { id: 'crm', url: 'https://crm.example.com/hook' }, fresh);
  const lapsed = 'did "Order" ever and not (did "Order" in last 7 days)';
  await save('lapsed', { where: lapsed, live: true, notify: 'crm' });
  const entry = [{ on: 'segment', segment: 'lapsed', change: 'entered', existing: 'ignore' }];
  await env.publish(journeyOf('win-back', { mail: message('first') }, { entry }));
  await env.post({ type: 'identify', userId: 'ann', traits: { email: 'ann@mail.example' } });
  await env.post({ event: 'Order', userId: 'ann' });
  const ordered = env.cloud.now();
  await env.cloud.advance(7 * DAY - HOUR);
  expect([mailsTo('ann'), await segmentsOf('ann')]).toEqual([0, []]);
  await env.cloud.advance(HOUR + 2 * MINUTE);
  expect(mailsTo('ann')).toBe(1);
  const since = new Date(ordered + 7 * DAY).toISOString();
  expect(await segmentsOf('ann')).toEqual([['lapsed', since]]);
  const [called] = env.cloud.messages({ to: 'crm.example.com/hook' });
  const told = { segment: 'lapsed', change: 'entered', at: since, profile: { userId: 'ann' } };
  expect(JSON.parse(called!.text)).toEqual(told);
  await env.post({ event: 'Order', userId: 'ann' });
  await env.cloud.settle();
  expect(await segmentsOf('ann')).toEqual([]);
});

it('a new definition finds its members silently; those of a new entry are let in once, if wanted', async () => {
  await save('reachable', { where: 'profile.email exists', live: true });
  await env.post({ type: 'identify', userId: 'bob', traits: { name: 'Bob' } });
  await env.cloud.advance(3 * MINUTE);
  expect((await segmentsOf('ann')).map(([id]: [string]) => id)).toEqual(['reachable']);
  expect(await segmentsOf('bob')).toEqual([]);
  const entry = [{ on: 'segment', segment: 'reachable', change: 'entered', existing: 'enroll' }];
  await env.publish(journeyOf('hello', { mail: message('second') }, { entry }));
  await env.post({ type: 'identify', userId: 'cid', traits: { email: 'cid@mail.example' } });
  await env.cloud.advance(3 * MINUTE);
  expect([mailsTo('ann'), mailsTo('bob'), mailsTo('cid')], 'ann was there, cid has come, bob has not').toEqual([
    2, 0, 1,
  ]);
});

it('lists are changed by name, and members are counted and listed', async () => {
  await save('vip', { list: true });
  const add = [{ id: 'ann' }, { id: 'dan' }];
  expect((await api('POST', 'segments/vip/members', { add })).results).toHaveLength(2);
  await env.cloud.settle();
  expect(await api('GET', 'segments/vip/count')).toEqual({ members: 2, by: 'everybody', sampled: 4 });
  const counted = await finished(await api('GET', 'segments/vip/count?exact=true'));
  expect(counted).toMatchObject({ state: 'done', result: { members: 2, people: 4 } });
  const listed = await finished(await api('GET', 'segments/vip/members'));
  const people: { id: string }[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { data: { id: string }[]; nextCursor: string | null } = await api(
      'GET',
      `jobs/${listed.id}/people${cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`}`,
    );
    people.push(...page.data);
    cursor = page.nextCursor;
  }
  expect(people.map(({ id }) => id).sort()).toEqual(['ann', 'dan']);
  expect(env.cloud.denied).toEqual([]);
});
