import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { bootCloud, type LocalCloud } from '../../local/cloud.ts';
import { splitCode } from '../docs/markdown.ts';

let cloud: LocalCloud;

/** As `npm start -- --empty` boots it. */
beforeAll(async () => {
  cloud = await bootCloud({ assembly: inject('assembly') });
});
afterAll(() => cloud?.stop());

it('what the README tells a new user to type ends with a message in the inbox and the reasons for it', async () => {
  const key = async (request: object) => ((await cloud.invoke('issue-key', request)) as { secret: string }).secret;
  const blocks = splitCode(readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')).blocks;
  const typed = blocks.filter(({ language }) => language === 'bash').map(({ text }) => text);
  expect(typed.length).toBeGreaterThanOrEqual(4);
  const { code, output } = await bash(`set -euo pipefail\n${typed.join('\necho\n')}`, {
    API: cloud.api,
    LOCAL: cloud.inbox.replace(/\/inbox$/, ''),
    WRITE_KEY: await key({ name: 'shop', kind: 'ingest' }),
    API_KEY: await key({ name: 'admin', kind: 'api', scopes: ['*'] }),
  });
  expect(output, output).toContain('"subject":"Your Tin mug is still here"');
  expect(code, output).toBe(0);
  for (const reason of ['entry.entered', 'step.branch', 'message.decided', 'exit.finished']) {
    expect(output).toContain(`"code":"${reason}"`);
  }
  expect(cloud.messages().map(({ to, html }) => [to, html.includes('Hello Ada,')])).toEqual([
    ['ada@mail.example', true],
  ]);
});

function bash(script: string, env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', script], { env: { ...process.env, ...env } });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', reject).on('exit', (code) => resolve({ code, output }));
  });
}
