import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { signedBy } from '../../local/http-api/signed-by.ts';
import { Sha256 } from '../../shared/kernel/sha256-hash.ts';

const arn = 'arn:aws:iam::123456789012:user/ann';
const principals = new Map([['AKIAANN', { arn, secretAccessKey: 'secret' }]]);
const now = Date.parse('2026-11-26T12:00:00Z');
beforeEach(() => void vi.useFakeTimers({ now, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** As API Gateway would get it. */
async function request(over: { secret?: string; id?: string; service?: string; at?: number; query?: string } = {}) {
  const signer = new SignatureV4({
    ...{ service: over.service ?? 'execute-api', region: 'eu-central-1', sha256: Sha256 },
    credentials: { accessKeyId: over.id ?? 'AKIAANN', secretAccessKey: over.secret ?? 'secret' },
  });
  const query = over.query ?? '';
  const sent = await signer.sign(
    {
      ...{ method: 'POST', protocol: 'https:', hostname: 'api.example', path: '/v1/sessions', body: '{}' },
      query: Object.fromEntries(new URLSearchParams(query)),
      headers: { host: 'api.example', 'content-type': 'application/json' },
    },
    { signingDate: new Date(over.at ?? now) },
  );
  return {
    ...{ method: 'POST', rawPath: '/v1/sessions', rawQuery: query, cookies: [], body: Buffer.from('{}') },
    ...{ sourceIp: '192.0.2.1', requestId: 'r', now, account: '123456789012', host: 'api.example' },
    headers: { ...sent.headers, 'x-forwarded-for': '192.0.2.1' } as Record<string, string>,
  };
}

it('hands over who signed it', async () => {
  expect(await signedBy(await request(), principals)).toMatchObject({ userArn: arn, accountId: '123456789012' });
  expect(await signedBy(await request({ query: 'b=2&a=x%20y' }), principals)).toMatchObject({ userArn: arn });
});

type Sent = Awaited<ReturnType<typeof request>>;
it.each<[string, () => Promise<Sent>]>([
  ['no signature', async () => ({ ...(await request()), headers: {} })],
  ['a bearer', async () => ({ ...(await request()), headers: { authorization: 'Bearer gw_api_x' } })],
  ['somebody unknown', () => request({ id: 'AKIABOB' })],
  ['another secret', () => request({ secret: 'guessed' })],
  ['a signature for another service', () => request({ service: 's3' })],
  ['one of six minutes ago', () => request({ at: now - 360_000 })],
  ['one of a time to come', () => request({ at: now + 360_000 })],
  ['another body', async () => ({ ...(await request()), body: Buffer.from('{"a":1}') })],
  ['another path', async () => ({ ...(await request()), rawPath: '/v1/keys' })],
  ['another method', async () => ({ ...(await request()), method: 'DELETE' })],
  ['another query', async () => ({ ...(await request({ query: 'a=1' })), rawQuery: 'a=2' })],
  [
    'a header that was changed',
    async () => {
      const sent = await request();
      return { ...sent, headers: { ...sent.headers, 'content-type': 'text/plain' } };
    },
  ],
  [
    'a date that was changed',
    async () => {
      const sent = await request();
      return { ...sent, headers: { ...sent.headers, 'x-amz-date': '20261126T120100Z' } };
    },
  ],
])('refuses %s', async (_, make) => {
  expect(await signedBy(await make(), principals)).toBeUndefined();
});
