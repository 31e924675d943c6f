import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../cli/run.ts';

/** As GET /v1/sending answers (tests/http/sending.test.ts). */
const nothing = { sender: null, perSecond: null, outage: null, warmUp: null };
const outage = { why: 'email.sending-paused', since: '2026-11-26T09:00:00.000Z', tryAt: '2026-11-26T09:07:30.000Z' };
const warmUp = { day: '2026-11-26', places: 200, taken: 7 };
const shown = [
  { ...nothing, channel: 'email', perSecond: 12 },
  { channel: 'email', sender: 'news', perSecond: 5, warmUp, outage: { ...outage, tries: 3 } },
  { ...nothing, channel: 'webhook', sender: 'crm', outage: { ...outage, tries: 0 } },
];
let data: readonly object[] = shown;
const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
});
const folder = mkdtempSync(join(tmpdir(), 'godwit-sending-'));
const plain = { red: String, green: String, yellow: String, bold: String, dim: String };
const world = {
  cwd: folder,
  env: { HOME: folder, GODWIT_API_KEY: 'gw_api_test' },
  terminal: {
    ...{ paint: plain, canAsk: false, note: () => {}, show: () => {} },
    confirm: () => Promise.reject(new Error('nobody is there')),
    readSecret: () => Promise.reject(new Error('nobody is there')),
  },
};

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(folder, 'godwit.yaml'), `environments: { one: { api: "http://127.0.0.1:${port}" } }`);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

it('has a line for each channel and sender of which there is something to say', async () => {
  data = shown;
  const down = 'parked since 2026-11-26T09:00:00.000Z (email.sending-paused), next try 2026-11-26T09:07:30.000Z';
  expect(await run(['sending'], world)).toEqual({
    exit: 0,
    stdout: `email: 12 a second\nemail news: 5 a second; warm-up 2026-11-26: 7 of 200; ${down}\nwebhook crm: ${down}\n`,
    stderr: '',
  });
  expect(asked.at(-1)).toBe('GET /v1/sending Bearer gw_api_test');
});

it('says so when there is nothing to say, and hands on all of it as JSON', async () => {
  data = [];
  expect((await run(['sending'], world)).stdout).toBe('no rate is set, no sender is new, and every provider works\n');
  data = shown;
  expect(JSON.parse((await run(['sending', '--json'], world)).stdout)).toEqual({ data: shown });
});
