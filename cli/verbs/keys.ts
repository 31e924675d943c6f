import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { hashKey } from '../../shared/app/access/keys.ts';
import { connectProject } from '../config/project.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { columns } from '../terminal.ts';
import { type Call, mustConfirm, type Outcome, UsageError, verb, wholeNumber } from '../verb.ts';

interface Key {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly lastUsedAt: string | null;
  readonly expiresAt: string | null;
  readonly state: string;
  readonly replacedBy: string | null;
}

interface Made extends Key {
  readonly secret: string | null;
  readonly replacedEndsAt?: string;
}

const options = {
  scopes: { type: 'string', takes: 'A,B', says: 'issue: an API key that may do this' },
  ingest: { type: 'boolean', says: 'issue: a write key, which sends events and reads nothing' },
  expires: { type: 'string', takes: 'DAY', says: 'issue: it ends at the beginning of this day, in UTC' },
  'per-minute': { type: 'string', takes: 'N', says: 'issue: requests, or events of a write key' },
  'overlap-hours': { type: 'string', takes: 'N', says: 'rotate: how long both work, 0 to 720 (24 when absent)' },
  file: {
    type: 'string',
    takes: 'FILE',
    says: 'issue, rotate: the key goes into this new file (mode 600), not to stdout',
  },
} as const;
type KeysCall = Call<typeof options>;

export const keys = verb({
  name: 'keys',
  takes: '[issue NAME | rotate ID | revoke ID | which]',
  summary: 'keys of apps, with when they were used last; makes, rotates and revokes them',
  help: `A key is shown once, by issue and rotate: alone on stdout, for a pipe into where your secrets are, or in --file. It is never taken
as an argument, where the history of a shell would keep it. "which" reads a key that was found somewhere (typed unseen, or from stdin)
and says whose it is, without sending it anywhere: docs/runbooks/leaked-key.md.`,
  options,
  words: [0, 2],
  async run(call) {
    const [action = 'list', word] = call.words;
    const takesWord = { list: false, which: false, issue: true, rotate: true, revoke: true }[action];
    if (takesWord === undefined) throw new UsageError(`keys ${action}: there is issue, rotate, revoke and which`);
    if ((word !== undefined) !== takesWord) {
      throw new UsageError(
        `keys ${action} takes ${takesWord ? 'one word more' : 'no other word'}`,
        'see godwit keys --help',
      );
    }
    if (word?.startsWith('gw_')) {
      throw new UsageError(
        'that is a key itself, and now in the history of your shell',
        'godwit keys which reads it unseen',
      );
    }
    const { environment, api } = connectProject(call);
    if (action === 'list') return list(api, environment.name);
    if (action === 'which') return which(call, api);
    if (action === 'issue') return issue(call, api, word!);
    await mustConfirm(call, [], `${action} the key ${word} of ${environment.name}?`);
    return action === 'rotate' ? rotate(call, api, word!) : revoke(api, word!);
  },
});

const read = (api: ApiClient) => api.get<{ data: readonly Key[] }>('/v1/keys');

async function list(api: ApiClient, environment: string): Promise<Outcome> {
  const { data } = await read(api);
  const rows = data.map((key) => [
    ...[key.id, key.kind, key.name, `used ${key.lastUsedAt ?? 'never'}`],
    key.state === 'valid' && key.expiresAt === null ? 'valid' : `${key.state} (until ${key.expiresAt})`,
    key.scopes.join(' '),
  ]);
  const text = rows.length === 0 ? [`${environment}: no keys`] : columns(rows, '');
  return { exit: 0, text, json: { data } };
}

async function which(call: KeysCall, api: ApiClient): Promise<Outcome> {
  const text = await call.world.terminal.readSecret('The key that was found: ');
  if (!/^gw_(api|ingest|session)_/.test(text)) {
    throw new UsageError(`that is no key: it must begin with gw_, and has ${text.length} characters`);
  }
  const id = hashKey(text).slice(0, 16);
  const isSession = text.startsWith('gw_session_');
  const { data } = isSession ? await api.get<{ data: readonly { id: string }[] }>('/v1/sessions') : await read(api);
  const found = data.find((one) => one.id === id) ?? null;
  const kind = isSession ? 'session' : 'key';
  const lines = found === null ? [`no ${kind} here: ${id}`] : JSON.stringify(found, null, 2).split('\n');
  return { exit: found === null ? 1 : 0, text: lines, json: { id, kind, found } };
}

async function issue(call: KeysCall, api: ApiClient, name: string): Promise<Outcome> {
  const { scopes, ingest, expires } = call.options;
  if ((scopes === undefined) === (ingest !== true)) {
    throw new UsageError('which kind of key?', '--scopes A,B for an API key, or --ingest for a write key');
  }
  if (expires !== undefined && !/^\d{4}-\d\d-\d\d$/.test(expires)) {
    throw new UsageError(`--expires: a day such as 2027-11-26, not ${JSON.stringify(expires)}`);
  }
  const perMinute = wholeNumber('per-minute', call.options['per-minute'], 20, 10_000_000);
  const body = {
    ...(scopes === undefined ? { name, kind: 'ingest' } : { name, kind: 'api', scopes: scopes.split(',') }),
    ...(expires !== undefined && { expiresAt: `${expires}T00:00:00Z` }),
    ...(perMinute !== undefined && { perMinute }),
  };
  return handOut(
    call,
    ({ id, expiresAt }) => `the key ${id} is made, and ends ${expiresAt ?? 'only when it is revoked'}`,
    () => api.post<Made>('/v1/keys', body),
  );
}

async function rotate(call: KeysCall, api: ApiClient, id: string): Promise<Outcome> {
  const overlapHours = wholeNumber('overlap-hours', call.options['overlap-hours'], 0, 720) ?? 24;
  return handOut(
    call,
    (made) => `the key ${made.id} is in the place of ${id}, which ends ${made.replacedEndsAt}`,
    () => api.post<Made>(`/v1/keys/${encodeURIComponent(id)}/rotations`, { overlapHours }),
  );
}

async function revoke(api: ApiClient, id: string): Promise<Outcome> {
  await api.remove(`/v1/keys/${encodeURIComponent(id)}`);
  return { exit: 0, text: [`the key ${id} is revoked`], json: { revoked: id } };
}

/** The file is there before the key is: what could not be written down would be lost. */
async function handOut(call: KeysCall, say: (made: Made) => string, make: () => Promise<Made>): Promise<Outcome> {
  const file = call.options.file === undefined ? undefined : resolve(call.world.cwd, call.options.file);
  const target = file === undefined ? undefined : openNew(file);
  try {
    const { secret, ...made } = await make();
    call.world.terminal.note(say({ ...made, secret: null }));
    if (target === undefined) return { exit: 0, text: [secret ?? ''], json: { ...made, secret } };
    writeSync(target, `${secret}\n`);
    return { exit: 0, text: [`it lies in ${file}`], json: { ...made, file } };
  } catch (error) {
    if (file !== undefined) rmSync(file, { force: true });
    throw error;
  } finally {
    if (target !== undefined) closeSync(target);
  }
}

function openNew(file: string): number {
  if (existsSync(file)) throw new UsageError(`${file} is there already`, 'name a new one: nothing is written over');
  return openSync(file, 'wx', 0o600);
}
