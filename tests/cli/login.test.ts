import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { signingRegion } from '../../cli/remote/request-session.ts';
import { answering } from './answering.ts';

it.each([
  ['https://abc.execute-api.eu-central-1.amazonaws.com', {}, 'eu-central-1'],
  ['https://abc.execute-api.cn-north-1.amazonaws.com.cn', {}, 'cn-north-1'],
  ['https://api.example.com', { AWS_REGION: 'eu-west-1' }, 'eu-west-1'],
  ['https://api.example.com', { AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-2'],
  ['https://abc.execute-api.eu-central-1.amazonaws.com.evil.example', {}, undefined],
])('%s with %j is signed for %s', (api, env, region) => {
  expect(signingRegion(api, env)).toBe(region);
});

it('signs in with AWS credentials, keeps the session for this user alone, and never prints it', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAANN');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  onTestFinished(() => void vi.unstubAllEnvs());
  const session = { token: `gw_session_${'x'.repeat(43)}`, who: 'arn:aws:iam::1:user/ann', roles: ['marketer'] };
  const { run, asked, sent, folder } = answering({ ...session, expiresAt: '2026-11-26T13:00:00.000Z' });
  const { exit, stdout, stderr } = await run('login --aws --region eu-central-1');
  expect([exit, stderr]).toEqual([0, '']);
  expect(asked).toEqual(['POST /v1/sessions']);
  expect(sent[0]!['authorization']).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIAANN\/\d{8}\/eu-central-1\/execute-api\/aws4_request, SignedHeaders=[\w;-]*host[\w;-]*, Signature=[0-9a-f]{64}$/,
  );
  expect(stdout).toContain('arn:aws:iam::1:user/ann is marketer of one');
  expect(stdout).not.toContain(session.token);
  const file = join(folder, '.config/godwit/keys.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ 'https://one.example': session.token });
});

it('asks for the region where the address does not say it, and sends nothing', async () => {
  const { run, asked, folder } = answering();
  const { exit, stderr } = await run('login --aws');
  expect([exit, asked]).toEqual([2, []]);
  expect(stderr).toContain('--region');
  expect(existsSync(join(folder, '.config'))).toBe(false);
});
