import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../cli/run.ts';
import { processTerminal } from '../../cli/terminal.ts';
import { profileStore } from '../../shared/data/profile-store.ts';
import { emptyProfile } from '../../shared/domain/profiles/profile.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import { type Api, startApi } from './api.ts';
import { journey, marketingTemplate } from './documents.ts';

const PEOPLE = 12;
let api: Api;
let server: Server;
let folder: string;
beforeAll(async () => {
  api = await startApi();
  const profiles = profileStore(api.dynamo.client, 'profiles');
  for (let index = 0; index < PEOPLE; index += 1) {
    const user = `person-${index}`;
    const trait = (value: string) => ({ value, at: 0, source: 'identify' }) as const;
    const traits = { email: trait(`${user}@mail.example`), firstName: trait('Ann') };
    const profile = { ...emptyProfile, ids: { user }, createdAt: 1, traits };
    await profiles.commit({ key: profileKey('user', user), version: 1, at: 1, epoch: 0, profile });
  }
  await api.create('/v1/topics/offers', { id: 'offers', kind: 'marketing', consent: { email: 'opt-out' } });
  await api.create('/v1/templates/hello', marketingTemplate('hello'));
  await api.create('/v1/journeys/idea', journey('idea'));
  server = await serve();
  folder = mkdtempSync(join(tmpdir(), 'godwit-live-'));
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(folder, 'godwit.yaml'), `environments:\n  test:\n    api: http://127.0.0.1:${port}\n`);
});
afterAll(async () => {
  server.close();
  rmSync(folder, { recursive: true });
  await api.stop();
});

/** The API at an address; whatever it has started is carried out before somebody looks at it. */
async function serve(): Promise<Server> {
  const listening = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url!, 'http://localhost');
    if (url.pathname.startsWith('/v1/jobs/')) await carryOut();
    const answer = await api.request({
      method: request.method!,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: { 'idempotency-key': String(request.headers['idempotency-key'] ?? '') },
      ...(body !== '' && { body }),
    });
    response.writeHead(answer.status, answer.headers).end(answer.text);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return listening;
}

async function carryOut(): Promise<void> {
  const { handler } = await import('../../functions/scan-profiles/handler.ts');
  const context = { getRemainingTimeInMillis: () => 900_000 } as Context;
  for (const { input } of api.executions.splice(0)) {
    await handler({ do: 'scan', job: input.job, run: 0, segment: 0 }, context);
    await handler({ do: 'finish', job: input.job, run: 0, round: 0 }, context);
  }
}

const signUps = { events: [{ name: 'Signed Up', day: 1 }] };
const simulate = (id: string, body: object, key = id) =>
  api.post(`/v1/journeys/${id}/simulations`, body, { 'idempotency-key': key });

it('simulates the draft with the profiles that are stored, and sends and changes nothing', async () => {
  const before = await api.dynamo.client.send(new ScanCommand({ TableName: 'profiles' }));
  const started = await simulate('idea', { days: 10, population: signUps });
  expect(started).toMatchObject({ status: 202, json: { kind: 'simulate', state: 'queued' } });
  expect(started.json.params).toMatchObject({ journey: 'idea', version: 1, sample: 1_000, days: 10 });
  expect(started.json.params.document).toBeUndefined();
  expect((await simulate('idea', { days: 10, population: signUps })).json.id).toBe(started.json.id);
  await carryOut();
  const { json } = await api.request({ path: started.headers['location']! });
  expect(json).toMatchObject({ state: 'done', progress: { customers: PEOPLE, endless: 0 } });
  expect(json.result).toMatchObject({ customers: PEOPLE, isCut: false, sharedLimitsIgnored: [] });
  expect(json.result.journeys.idea).toMatchObject({ entered: PEOPLE, exits: { finished: PEOPLE } });
  expect(json.result.messages.sent).toBe(PEOPLE);
  expect(JSON.stringify(json)).not.toMatch(/person-|mail\.example/);
  expect(api.takeMail()).toEqual([]);
  const after = await api.dynamo.client.send(new ScanCommand({ TableName: 'profiles' }));
  expect(after.Items).toEqual(before.Items);
});

it.each([
  ['idea', {}, 400, '/days'],
  ['idea', { days: 367 }, 400, '/days'],
  ['idea', { days: 1, sample: 10_001 }, 400, '/sample'],
  ['idea', { days: 1, population: { customers: 5, events: [] } }, 400, '/population/customers'],
  [
    'idea',
    { days: 1, population: { events: [{ name: 'a', after: { event: 'b', between: ['PT1H', 'PT2H'] } }] } },
    400,
    '/population/events/0/after/event',
  ],
  ['idea', { days: 1, behaviour: { messages: [{ opens: 2 }] } }, 400, '/behaviour/messages/0/opens'],
  ['idea', { days: 1, version: 'live' }, 404, undefined],
  ['nothing', { days: 1 }, 404, undefined],
])('refuses %s %j', async (id, body, status, pointer) => {
  const answer = await simulate(id, body, `refused-${JSON.stringify(body).length}`);
  expect([answer.status, answer.json.errors?.[0]?.pointer]).toEqual([status, pointer]);
});

it('refuses what could not be published, in the words of lint', async () => {
  await api.create('/v1/journeys/wrong', journey('wrong', { start: 'nowhere' }));
  const answer = await simulate('wrong', { days: 1 });
  expect(answer.status).toBe(422);
  expect(answer.json.errors[0].pointer).toBe('/start');
});

it('godwit simulate --population live shows the tables of any simulation, and a page', async () => {
  const scenario = join(folder, 'soon.yaml');
  writeFileSync(
    scenario,
    'from: 2026-11-23T07:00:00Z\ndays: 3\npopulation: { customers: 9000, events: [{ name: Signed Up, day: 1 }] }\n',
  );
  const world = { cwd: folder, env: { GODWIT_API_KEY: api.admin }, terminal: { ...processTerminal(), note: () => {} } };
  const live = ['--population', 'live', '--journey', 'idea', '--sample', '5'];
  const { exit, stdout, stderr } = await run(['simulate', scenario, ...live, '--html', 'page.html'], world);
  expect([exit, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^idea with people of test$/m);
  expect(stdout).toMatch(/^5 customers, /m);
  expect(stdout).toMatch(/^idea: 5 entered, /m);
  expect(stdout).toMatch(/^5 messages; /m);
  const page = readFileSync(join(folder, 'page.html'), 'utf8');
  expect(page).toContain('A sample of the customers of test, as they were when it began (5)');
  expect(page).not.toMatch(/person-|Some customers/);
  const wrong = await run(['simulate', '--population', 'live'], world);
  expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining('which journey?')]);
  expect((await run(['simulate', scenario, '--sample', '5'], world)).exit).toBe(2);
});
