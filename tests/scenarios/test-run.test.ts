import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootEnvironment, type Environment, HOUR, journeyOf, message, wait } from './environment.ts';

const AUTHOR = 'author@team.example';

describe('a test run', () => {
  let env: Environment;
  beforeAll(async () => {
    env = await bootEnvironment();
    const policy = { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [{ max: 2, per: 'day' }] };
    await call('PUT', 'policy', { ...policy, testRecipients: ['@team.example'] }, { 'if-none-match': '*' });
    await call('PUT', 'endpoints/crm', { id: 'crm', url: 'https://crm.example.com/hook' }, { 'if-none-match': '*' });
  });
  afterAll(() => env?.stop());

  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await env.call(method, `/v1/${path}`, body, headers);
    expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    return answer;
  }

  it('shows ten days of a draft in minutes: real mail to its author, and nothing happens to the customer', async () => {
    await env.post({ type: 'identify', userId: 'ada', traits: { email: 'ada@mail.example', plan: 'free' } });
    await env.cloud.settle();
    const before = (await env.profile('ada')).body;
    const steps = {
      hello: message('first', 'day'),
      day: wait('P1D', 'hook'),
      hook: { type: 'webhook', endpoint: 'crm', saveAs: 'crm', next: 'note', failed: 'end' },
      note: { type: 'update', set: { plan: 'gold' }, next: 'again' },
      again: { ...message('second', 'order'), failed: 'end' },
      order: {
        type: 'wait-for',
        any: [{ on: 'event', event: 'Ordered', next: 'thanks' }],
        within: 'P9D',
        timeout: 'end',
      },
      thanks: message('third', 'read'),
      read: {
        type: 'wait-for',
        any: [{ on: 'message', step: 'thanks', was: 'clicked', next: 'out' }],
        within: 'P9D',
        timeout: 'end',
      },
      out: { type: 'exit', reason: 'read' },
    };
    const draft = journeyOf('rehearsed', steps, { topic: 'news', entry: [{ on: 'event', event: 'Signed Up' }] });
    await call('PUT', 'journeys/rehearsed', draft, { 'if-none-match': '*' });

    const path = 'journeys/rehearsed/test-runs';
    const elsewhere = { profile: 'ada', sendTo: 'ada@mail.example', speed: 1_440 };
    const refused = await env.call('POST', `/v1/${path}`, elsewhere);
    expect(refused).toMatchObject({ status: 422, body: { code: 'test-run.recipient-not-allowed' } });

    // A day a minute.
    const event = { event: 'Signed Up' };
    const started = await call('POST', path, { profile: 'ada', sendTo: AUTHOR, speed: 1_440, event });
    expect(started.body).toMatchObject({ journey: 'rehearsed', version: 'draft' });
    await env.cloud.advance(5_000);
    const look = async () => (await call('GET', `${path}/${started.body.id}`)).body;
    expect(await look()).toMatchObject({ state: 'running', inside: [{ step: 'day', stand: 'wait' }] });
    await env.cloud.advance(90_000);
    expect(await look()).toMatchObject({ inside: [{ step: 'order', stand: 'wait-for' }] });
    await call('POST', `${path}/${started.body.id}/events`, { event: 'Ordered' });
    await env.cloud.advance(10_000);
    env.cloud.provider('email').play(env.cloud.messages({})[2]!, { type: 'click', link: 'https://shop.example/' });
    await env.cloud.advance(10_000);

    const ended = await look();
    expect(ended).toMatchObject({ state: 'ended', inside: [], version: 'draft', sendTo: AUTHOR });
    expect(ended.messages.map(({ step, state }: { step: string; state: string }) => [step, state])).toEqual([
      ['hello', 'sent'],
      ['again', 'sent'],
      ['thanks', 'sent'],
    ]);
    const at = (code: string) => Date.parse(ended.way.find((one: { code: string }) => one.code === code)?.at);
    expect(at('test.as-if') - at('entry.entered'), 'the wait is a day to the minute').toBe(24 * HOUR);
    expect(ended.way).toContainEqual(expect.objectContaining({ code: 'exit.read', version: 'draft' }));

    const sent = env.cloud.messages({});
    expect(sent.map(({ to }) => to)).toEqual([AUTHOR, AUTHOR, AUTHOR]);
    expect(sent.map(({ subject }) => subject)).toEqual([
      '[test] The first message',
      '[test] The second message',
      '[test] The third message',
    ]);
    expect((await env.profile('ada')).body).toEqual(before);
    expect((await call('GET', 'journeys/rehearsed/counts')).body.data).toEqual([]);
    await env.cloud.advance(26 * HOUR);
    expect((await look()).state, 'the daily sweep leaves it alone').toBe('ended');
  });

  it('of one message reaches its author, whatever the customer agreed to, and only there', async () => {
    const before = env.cloud.messages({}).length;
    await call('PUT', 'profiles/ada/consents', {
      consents: [{ channel: 'email', topic: 'news', state: 'withdrawn', source: 'test' }],
    });
    await env.cloud.settle();
    const path = 'templates/first/test-sends';
    const elsewhere = await env.call('POST', `/v1/${path}`, { to: 'ada@mail.example', channel: 'email' });
    expect(elsewhere).toMatchObject({ status: 422, body: { code: 'test-run.recipient-not-allowed' } });
    const { body } = await call('POST', path, { to: AUTHOR, channel: 'email', topic: 'news', profile: { id: 'ada' } });
    await env.cloud.settle();
    expect((await call('GET', `messages/${body.id}`)).body).toMatchObject({ state: 'sent', journey: null });
    const sent = env.cloud.messages({}).slice(before);
    expect(sent.map(({ to, subject }) => [to, subject])).toEqual([[AUTHOR, '[test] The first message']]);
    expect((await call('GET', 'profiles/ada/messages')).body.data).toEqual([]);
  });

  it('is followed to its end by the command line', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'godwit-test-run-'));
    try {
      writeFileSync(join(folder, 'godwit.yaml'), `environments: { local: { api: '${env.cloud.api}' } }\n`);
      const steps = { hello: message('first', 'week'), week: wait('P7D', 'again'), again: message('second') };
      await env.publish(journeyOf('quick', steps));
      const godwit = join(import.meta.dirname, '../../cli/godwit.mjs');
      const traits = '{"email": "nobody@mail.example"}';
      const words = ['test-run', 'quick', '--to', AUTHOR, '--traits', traits, '--speed', '100000', '--json'];
      const child = spawn(process.execPath, [godwit, ...words], {
        cwd: folder,
        env: { PATH: process.env['PATH'], HOME: folder, GODWIT_API_KEY: env.adminKey },
      });
      let [stdout, stderr, code] = ['', '', undefined as number | null | undefined];
      child.stdout.on('data', (chunk) => (stdout += chunk));
      child.stderr.on('data', (chunk) => (stderr += chunk));
      child.on('close', (exit) => (code = exit));
      while (code === undefined) {
        await env.cloud.advance(5_000);
        await sleep(200);
      }
      expect(code, stderr).toBe(0);
      const { state, version, messages } = JSON.parse(stdout);
      expect({ state, version }).toEqual({ state: 'ended', version: 1 });
      expect(messages.map(({ state: sent }: { state: string }) => sent)).toEqual(['sent', 'sent']);
      for (const said of ['entry.entered', 'message.decided', 'exit.finished']) expect(stderr).toContain(said);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is stopped by the kill switch', async () => {
    await call('PUT', 'kill-switches/journey:rehearsed', { on: true });
    const sentBefore = env.cloud.messages({}).length;
    const started = await call('POST', 'journeys/rehearsed/test-runs', {
      traits: { email: 'nobody@mail.example' },
      sendTo: AUTHOR,
      speed: 100_000,
    });
    await env.cloud.advance(60_000);
    const { messages } = (await call('GET', `journeys/rehearsed/test-runs/${started.body.id}`)).body;
    expect(messages[0]).toMatchObject({ state: 'not-sent', reason: 'kill-switch.on' });
    expect(env.cloud.messages({})).toHaveLength(sentBefore);
  });
});
