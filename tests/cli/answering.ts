import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { run } from '../../cli/run.ts';

/** Commands in a project whose API answers one of these after the other; `undefined` is 204, a number such a refusal. What was asked is listed. */
export function answering(...answers: (object | number | undefined)[]) {
  return typing('', ...answers);
}

/** With what comes on stdin where a secret is read. */
export function typing(secret: string, ...answers: (object | number | undefined)[]) {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-cli-'));
  const api = 'https://one.example';
  writeFileSync(join(folder, 'godwit.yaml'), `environments: { one: { api: "${api}" } }`);
  const asked: string[] = [];
  const sent: Record<string, string>[] = [];
  const bodies: unknown[] = [];
  const noted: string[] = [];
  vi.stubGlobal('fetch', async (url: string, { method, headers, body }: RequestInit) => {
    sent.push({ ...(headers as Record<string, string>) });
    if (body !== undefined) bodies.push(JSON.parse(String(body)));
    asked.push(`${method} ${url.slice(api.length)}`);
    const answer = answers.shift();
    if (typeof answer === 'number') return Response.json({ code: 'refused', detail: 'no' }, { status: answer });
    return answer === undefined ? new Response(null, { status: 204 }) : Response.json(answer);
  });
  onTestFinished(() => {
    vi.unstubAllGlobals();
    rmSync(folder, { recursive: true });
  });
  const terminal = {
    paint: { red: String, green: String, yellow: String, bold: String, dim: String },
    canAsk: false,
    note: (line: string) => void noted.push(line),
    show: () => {},
    confirm: () => Promise.reject(new Error('nobody is there')),
    readSecret: async () => secret,
  };
  const world = { cwd: folder, env: { HOME: folder, GODWIT_API_KEY: 'gw_api_x' }, terminal };
  return { asked, sent, bodies, noted, folder, run: (line: string) => run(line.split(' '), world) };
}
