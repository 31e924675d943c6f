import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolveCname, resolveTxt } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectProject } from '../config/project.ts';
import { synthesize } from '../deployment/assembly.ts';
import * as checks from '../deployment/checks.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { columns, type Paint } from '../terminal.ts';
import { type Call, type Options, type Outcome, UsageError, verb } from '../verb.ts';

type Check = checks.Check;

export const doctor = verb({
  name: 'doctor',
  takes: '--env NAME | --event --ingest URL',
  summary:
    'before the first deployment: what AWS and DNS still lack; after it, with --event: one event from end to end',
  help: `NAME is an environment of godwit.config.ts. It asks AWS through the AWS CLI 2, with the credentials that this finds, and changes
nothing. --event sends an event "Godwit Doctor" of the customer godwit-doctor to URL (output IngestUrl), with the key in GODWIT_WRITE_KEY, and
waits until it was decided. The exit code is 1 when anything fails.`,
  options: {
    event: { type: 'boolean', says: 'sends an event, and waits for it' },
    ingest: { type: 'string', takes: 'URL', says: 'where events go' },
  },
  words: [0, 0],
  async run(call) {
    const { event, ingest, env } = call.options;
    if (event === true) return shown(await eventThrough(call, ingest), call.world.terminal.paint);
    if (env === undefined) throw new UsageError('--env: which environment of godwit.config.ts');
    return shown(await examine(env, outside()), call.world.terminal.paint);
  },
});

export async function examine(environment: string, seen: checks.Outside): Promise<Check[]> {
  const templates = synthesize(environment);
  const first = [checks.checkNode(seen), ok('configuration', `${Object.keys(templates).length} stacks`)];
  const credentials = await checks.checkCredentials(seen);
  // Without them every other question would have the same answer.
  if (credentials.state === 'fail') return [...first, credentials];
  const rest = await Promise.all([
    attempt('bootstrap', async () => [await checks.checkBootstrap(seen)]),
    attempt('concurrency', async () => [await checks.checkConcurrency(seen, templates)]),
    attempt('ses', () => checks.checkSes(seen, templates)),
    ...checks.domainsOf(templates).map((domain) => attempt(domain, () => checks.checkDomain(seen, domain))),
    attempt('sms', () => checks.checkSms(seen, templates)),
  ]);
  return [...first, credentials, ...rest.flat()];
}

const ok = (name: string, found: string): Check => ({ name, state: 'ok', found });

/** What cannot be asked is no reason to leave the rest unasked. */
async function attempt(name: string, check: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await check();
  } catch (error) {
    const found = (error as Error).message.trim().split('\n').at(-1)!;
    return [{ name, state: 'warn', found, todo: 'ask again with rights to read this' }];
  }
}

function shown(found: readonly Check[], paint: Paint): Outcome {
  const failed = found.some(({ state }) => state === 'fail');
  const colours = { ok: paint.green, warn: paint.yellow, fail: paint.red };
  const rows = columns(
    found.map(({ name, state, found: what }) => [state, name, what]),
    '',
  );
  const text = found.flatMap(({ state, todo }, index) => [
    rows[index]!.replace(state, colours[state](state)),
    ...(todo === undefined ? [] : [`      ${todo}`]),
  ]);
  return { exit: failed ? 1 : 0, text, json: { checks: found } };
}

const tries = 30;

async function eventThrough(call: Call<Options>, ingest: string | undefined): Promise<Check[]> {
  const writeKey = call.world.env['GODWIT_WRITE_KEY'];
  if (ingest === undefined || !URL.canParse(ingest)) throw new UsageError('--ingest: where events go, https://…');
  if (writeKey === undefined) throw new UsageError('GODWIT_WRITE_KEY is not set: a key that begins with gw_ingest_');
  const { api } = connectProject(call);
  const messageId = `doctor-${randomUUID()}`;
  const body = JSON.stringify({ type: 'track', userId: 'godwit-doctor', event: 'Godwit Doctor', messageId });
  const headers = { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' };
  const answer = await fetch(new URL('/v1/track', ingest), { method: 'POST', headers, body });
  if (answer.status !== 200) {
    // The answer of an unknown key, too: clients do not send again what is answered 400.
    const todo = answer.status === 400 ? 'the key is none of this environment' : 'docs/runbooks/function-errors.md';
    return [{ name: 'event', state: 'fail', found: `the door answered ${answer.status}`, todo }];
  }
  return [await decided(api, messageId)];
}

async function decided(api: ApiClient, messageId: string): Promise<Check> {
  let state = 'not-found';
  for (let n = 0; n < tries; n++) {
    ({ state } = await api.get<{ state: string }>(`/v1/events/${messageId}?userId=godwit-doctor`));
    if (state === 'applied' || state === 'no-effect') return ok('event', 'accepted and decided');
    await sleep(1_000);
  }
  const found = `accepted, and ${state} after ${tries} seconds`;
  return { name: 'event', state: 'fail', found, todo: 'docs/runbooks/canary-silent.md' };
}

/** No client of ours: whoever deploys has the AWS CLI, with the profiles and logins that they use. */
function outside(): checks.Outside {
  const none = (error: unknown): string[] => {
    if (['ENODATA', 'ENOTFOUND'].includes(String((error as { code?: string }).code))) return [];
    throw error;
  };
  return {
    nodeVersion: process.version,
    async aws(...words) {
      try {
        const { stdout } = await promisify(execFile)('aws', [...words, '--output', 'json'], { timeout: 30_000 });
        return JSON.parse(stdout);
      } catch (error) {
        const text = String((error as { stderr?: string }).stderr ?? (error as Error).message);
        if ((error as { code?: string }).code === 'ENOENT') throw new Error('the AWS CLI is not installed');
        if (/NotFoundException|does not exist|Unable to locate credentials|ExpiredToken/.test(text)) return undefined;
        throw new Error(text);
      }
    },
    txt: (name) => resolveTxt(name).then((records) => records.map((parts) => parts.join('')), none),
    cname: (name) => resolveCname(name).catch(none),
  };
}
