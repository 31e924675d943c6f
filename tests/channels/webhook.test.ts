import { isIP } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutgoingWebhook } from '../../shared/app/delivery.ts';
import type { CachedSecrets, SecretKeys } from '../../shared/app/secrets.ts';
import { isPublicAddress, PrivateTarget, type Target, targetOf } from '../../shared/channels/webhook/target.ts';
import { signedHeaders, webhook } from '../../shared/channels/webhook/webhook.ts';
import { exampleOf } from '../docs/examples.ts';
import { adapterContract } from './adapter-contract.ts';
import { answer, type Behaviour, type Provider, startProvider } from './provider.ts';

/** What the docs tell a receiver to do. */
const { verify } = await exampleOf<{
  verify(secret: string, headers: object, body: string, now: number): unknown;
}>('webhooks.md');
const now = Date.UTC(2026, 10, 22, 12);
const keys: SecretKeys = { current: 'b', keys: { a: new Uint8Array(32).fill(1), b: new Uint8Array(32).fill(2) } };
const asked: string[] = [];
const secrets: CachedSecrets = {
  keys: async (name) => {
    asked.push(name);
    return keys;
  },
  reload: async () => keys,
};
const deliverer = (port: number) => webhook({ secrets, now: () => now, capture: `http://127.0.0.1:${port}` });
const message = (over: Partial<OutgoingWebhook> = {}): OutgoingWebhook => ({
  channel: 'webhook',
  id: 'uAAAAAAAAAAAAAAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB',
  endpoint: { id: 'crm', url: 'https://crm.example.com/hook?x=1' },
  body: '{"email":"ada@example.org"}',
  timeoutMs: 400,
  save: false,
  ...over,
});
const personal = 'no such customer ada@example.org';

adapterContract({
  name: 'webhook',
  deliver: (port, id) => deliverer(port)(message({ id })),
  idOf: ({ headers }) => headers['webhook-id'] as string,
  accepts: answer(200),
  personal: ['ada@example.org', 'no such customer'],
  says: [
    ['200', answer(200, personal), { handed: '' }],
    ['204', answer(204), { handed: '' }],
    [
      '301',
      answer(301, '', { location: 'http://169.254.169.254/' }),
      { refused: 'webhook.redirected', detail: { status: 301 } },
    ],
    ['307', answer(307, '', { location: '/elsewhere' }), { refused: 'webhook.redirected', detail: { status: 307 } }],
    ['400', answer(400, personal), { refused: 'webhook.status-400' }],
    ['401', answer(401), { refused: 'webhook.status-401' }],
    ['404', answer(404), { refused: 'webhook.status-404' }],
    ['410', answer(410), { refused: 'webhook.status-410' }],
    ['408', answer(408), { throttled: 'webhook.status-408' }],
    ['425', answer(425), { throttled: 'webhook.status-425' }],
    ['429', answer(429), { throttled: 'webhook.status-429' }],
    [
      '429 for two minutes',
      answer(429, '', { 'retry-after': '120' }),
      { throttled: 'webhook.status-429', retryAfterSeconds: 120 },
    ],
    [
      '503 until a date',
      answer(503, '', { 'retry-after': new Date(now + 90_000).toUTCString() }),
      { throttled: 'webhook.status-503', retryAfterSeconds: 90 },
    ],
    [
      '503 for a year',
      answer(503, '', { 'retry-after': '31536000' }),
      { throttled: 'webhook.status-503', retryAfterSeconds: 3_600 },
    ],
    [
      '503 until yesterday',
      answer(503, '', { 'retry-after': new Date(now - 1).toUTCString() }),
      { throttled: 'webhook.status-503', retryAfterSeconds: 0 },
    ],
    ['503 until nobody knows', answer(503, '', { 'retry-after': 'soon' }), { throttled: 'webhook.status-503' }],
    ['500', answer(500, personal), { throttled: 'webhook.status-500' }],
    ['502', answer(502), { throttled: 'webhook.status-502' }],
  ],
});

describe('a webhook', () => {
  let provider: Provider;
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.stop());
  const deliver = (over: Partial<OutgoingWebhook> = {}, behaviour: Behaviour = answer(200)) => {
    provider.plays(behaviour);
    return deliverer(provider.port)(message(over));
  };

  it('is a POST of the body as it is, signed so that the receiver can tell, with either key', async () => {
    await deliver();
    const { method, path, headers, body } = provider.received[0]!;
    expect(`${method} ${path}`).toBe('POST /crm.example.com/hook?x=1');
    expect(body).toBe('{"email":"ada@example.org"}');
    expect(headers['content-type']).toBe('application/json');
    const secretOf = (id: string) => `whsec_${Buffer.from(keys.keys[id]!).toString('base64')}`;
    for (const id of ['a', 'b']) expect(verify(secretOf(id), headers, body, now)).toEqual({ email: 'ada@example.org' });
    const other = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
    expect(() => verify(other, headers, body, now)).toThrow('not signed');
    expect(() => verify(secretOf('a'), headers, `${body} `, now)).toThrow('not signed');
    expect(() => verify(secretOf('a'), { ...headers, 'webhook-id': 'another' }, body, now)).toThrow('not signed');
    expect(() => verify(secretOf('a'), headers, body, now + 301_000)).toThrow('too old');
    expect(() => verify(secretOf('a'), { ...headers, 'webhook-timestamp': 'x' }, body, now)).toThrow('too old');
  });

  it('has one signature for each valid key, the current one first', async () => {
    const signaturesAt = async (at: number) => {
      provider.plays(answer(200));
      const rotating = { ...secrets, keys: async () => ({ ...keys, until: { a: now + 1_000 } }) };
      const capture = `http://127.0.0.1:${provider.port}`;
      await webhook({ secrets: rotating, now: () => at, capture })(message());
      return String(provider.received[0]!.headers['webhook-signature']).split(' ');
    };
    const of = (id: string, at: number) => {
      const { id: message_, body } = message();
      const given = { id: message_, body, unixSeconds: Math.floor(at / 1_000) };
      return signedHeaders([keys.keys[id]!], given)['webhook-signature'];
    };
    expect(await signaturesAt(now + 999)).toEqual([of('b', now), of('a', now)]);
    expect(await signaturesAt(now + 1_000)).toEqual([of('b', now + 1_000)]);
  });

  it('signs what others sign: an example of the libraries of Standard Webhooks', () => {
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    const given = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', unixSeconds: 1_614_265_330, body: '{"test": 2432232314}' };
    expect(signedHeaders([key], given)).toEqual({
      'webhook-id': given.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it.each([
    [{ id: 'crm' }, 'webhook|crm'],
    [{ id: 'crm', secretId: 'shared' }, 'webhook|shared'],
  ])('endpoint %j is signed with %s', async (endpoint, name) => {
    await deliver({ endpoint: { ...endpoint, url: 'https://crm.example.com/' } });
    expect(asked.at(-1)).toBe(name);
  });

  it('an endpoint’s own headers are sent, but cannot replace ours', async () => {
    const url = 'https://crm.example.com/';
    const headers = {
      'x-team': 'growth',
      'webhook-signature': 'forged',
      'webhook-id': 'forged',
      'content-length': '1',
    };
    await deliver({ endpoint: { id: 'crm', url, headers } });
    const got = provider.received[0]!;
    expect(got.headers['x-team']).toBe('growth');
    expect(got.headers['webhook-signature']).toMatch(/^v1,/);
    expect(got.headers['webhook-id']).not.toBe('forged');
    expect(got.body).toBe('{"email":"ada@example.org"}');
  });

  it.each([
    ['JSON', '{"code":"A1"}', { code: 'A1' }],
    ['a list', '[1]', [1]],
    ['nothing', '', null],
    ['text', 'thanks', null],
    ['more than 16 KB', JSON.stringify('x'.repeat(16_000)), null],
  ])('an answer that is wanted is kept: %s', async (_what, body, expected) => {
    expect(await deliver({ save: true }, answer(200, body))).toEqual({ handed: '', answer: expected });
  });

  it('an answer without end does not keep us: the status has said it all', async () => {
    const endless: Behaviour = (response) => {
      response.writeHead(200);
      const more = setInterval(() => response.write('x'.repeat(10_000)), 1);
      response.on('close', () => clearInterval(more));
    };
    expect(await deliver({}, endless)).toEqual({ handed: '' });
    const dripping: Behaviour = (response) => {
      response.writeHead(503);
      response.write('x');
    };
    expect(await deliver({}, dripping)).toEqual({ throttled: 'webhook.status-503' });
  });

  it('without a key to sign with nothing is sent, and somebody is told', async () => {
    provider.plays(answer(200));
    const keyless: CachedSecrets = { keys: () => Promise.reject(new Error('denied')), reload: async () => keys };
    const capture = `http://127.0.0.1:${provider.port}`;
    expect(await webhook({ secrets: keyless, now: () => now, capture })(message())).toEqual({
      throttled: 'webhook.no-secret',
      alarm: true,
    });
    expect(provider.received).toEqual([]);
  });

  it('what does not speak TLS was sent nothing', async () => {
    provider.plays(answer(200));
    const capture = `https://127.0.0.1:${provider.port}`;
    expect(await webhook({ secrets, now: () => now, capture })(message())).toEqual({
      throttled: 'webhook.unreachable',
    });
    expect(provider.received).toEqual([]);
  });

  it.each([
    ['http', 'http://example.com/', 'webhook.not-https'],
    ['another scheme', 'ftp://example.com/', 'webhook.not-https'],
    ['credentials in the URL', 'https://user:pass@example.com/', 'webhook.bad-url'],
    ['no URL', 'example', 'webhook.bad-url'],
    ['loopback', 'https://127.0.0.1/', 'webhook.private-target'],
    ['loopback as one number', 'https://2130706433/', 'webhook.private-target'],
    ['loopback in hex', 'https://0x7f.1/', 'webhook.private-target'],
    ['loopback, IPv6', 'https://[::1]/', 'webhook.private-target'],
    ['loopback, mapped', 'https://[::ffff:127.0.0.1]/', 'webhook.private-target'],
    ['instance metadata', 'https://169.254.169.254/latest/meta-data', 'webhook.private-target'],
    ['a private network', 'https://10.1.2.3/', 'webhook.private-target'],
  ])('never leaves for %s', async (_what, url, code) => {
    provider.plays(answer(200));
    expect(await webhook({ secrets, now: () => now })(message({ endpoint: { id: 'x', url } }))).toEqual({
      refused: code,
    });
  });

  it('a name that leads to loopback is seen through when it is resolved', async () => {
    provider.plays(answer(200));
    const url = `https://localhost:${provider.port}/`;
    expect(await webhook({ secrets, now: () => now })(message({ endpoint: { id: 'x', url } }))).toEqual({
      refused: 'webhook.private-target',
    });
    expect(provider.received).toEqual([]);
  });

  it.each([
    ['one private among public ones', ['93.184.216.34', '10.0.0.1'], false],
    ['the metadata of the instance', ['169.254.169.254'], false],
    ['IPv4 inside IPv6', ['::ffff:192.168.1.1'], false],
    ['none at all', [], false],
    ['public ones', ['93.184.216.34', '2606:4700:4700::1111'], true],
  ])('a name that leads to %s', async (_, addresses, isPublic) => {
    let asked = 0;
    const resolve = async () => {
      asked++;
      return addresses.map((address) => ({ address, family: isIP(address) }));
    };
    const { lookup } = targetOf('https://crm.example.com/', undefined, resolve) as Target;
    const found = await new Promise((done) => {
      lookup!('crm.example.com', { all: true }, (error, answer) => done(error ?? answer));
    });
    // What was checked is what is connected to: nobody asks again, and a name cannot turn round in between.
    expect(asked).toBe(1);
    if (isPublic) expect(found).toEqual(addresses.map((address) => ({ address, family: isIP(address) })));
    else expect(found).toBeInstanceOf(PrivateTarget);
  });

  it('captured, it goes nowhere else, and what must not leave is refused all the same', () => {
    const capture = 'http://127.0.0.1:4010/hooks';
    expect(targetOf('https://crm.example.com:8443/a/b?c=d', capture)).toEqual({
      url: new URL('http://127.0.0.1:4010/hooks/crm.example.com:8443/a/b?c=d'),
    });
    expect(targetOf('http://crm.example.com/', capture)).toBe('webhook.not-https');
    expect(targetOf('https://10.1.2.3/', capture)).toBe('webhook.private-target');
  });
});

describe('an address on the public internet', () => {
  it.each([
    ['93.184.216.34', true],
    ['1.1.1.1', true],
    ['2606:4700:4700::1111', true],
    ['::ffff:93.184.216.34', true],
    ['0.0.0.0', false],
    ['10.0.0.1', false],
    ['100.64.0.1', false],
    ['127.0.0.1', false],
    ['127.255.255.254', false],
    ['169.254.169.254', false],
    ['172.16.0.1', false],
    ['172.31.255.255', false],
    ['172.32.0.1', true],
    ['192.168.0.1', false],
    ['192.0.0.8', false],
    ['192.0.2.1', false],
    ['198.18.0.1', false],
    ['203.0.113.9', false],
    ['224.0.0.1', false],
    ['239.255.255.255', false],
    ['240.0.0.1', false],
    ['255.255.255.255', false],
    ['::', false],
    ['::1', false],
    ['::127.0.0.1', false],
    ['::10.0.0.1', false],
    ['::ffff:10.0.0.1', false],
    ['::ffff:169.254.169.254', false],
    ['64:ff9b::a00:1', false],
    ['2002:a00:1::', false],
    ['2001::1', false],
    ['2001:db8::1', false],
    ['fc00::1', false],
    ['fd00:ec2::254', false],
    ['fe80::1', false],
    ['fec0::1', false],
    ['ff02::1', false],
    ['4000::1', false],
    ['not an address', false],
    ['', false],
  ])('%s: %s', (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });
});
