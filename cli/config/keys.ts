import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from '../verb.ts';

/**
 * API keys of this user, in one file that only they can read.
 *
 * 1. A key is kept for the address of an API, not for a name: a godwit.yaml from elsewhere that calls its own server
 *    "production" gets no key.
 * 2. GODWIT_API_KEY wins, for CI. A key is never printed.
 */
type Environment = Readonly<Record<string, string | undefined>>;

export const keyFile = (env: Environment): string =>
  join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'godwit', 'keys.json');

export function keyFor(api: string, env: Environment): string | undefined {
  const given = env['GODWIT_API_KEY'];
  return given ? given.trim() : storedKey(api, env);
}

export const storedKey = (api: string, env: Environment): string | undefined => readKeys(env)[address(api)];

export const storeKey = (api: string, key: string, env: Environment): string =>
  writeKeys({ ...readKeys(env), [address(api)]: key }, env);

export function removeKey(api: string, env: Environment): void {
  const { [address(api)]: _, ...others } = readKeys(env);
  writeKeys(others, env);
}

function writeKeys(keys: Readonly<Record<string, string>>, env: Environment): string {
  const file = keyFile(env);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Beside it and then in its place: a crash leaves the old one, and the mode holds from the first byte.
  const fresh = `${file}.${process.pid}`;
  try {
    writeFileSync(fresh, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    chmodSync(fresh, 0o600);
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  return file;
}

function readKeys(env: Environment): Record<string, string> {
  const file = keyFile(env);
  if (!existsSync(file)) return {};
  const mode = statSync(file).mode & 0o777;
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new UsageError(`${file} can be read by others (mode ${mode.toString(8)}, not 600)`, `chmod 600 ${file}`);
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch {
    throw new UsageError(`${file} is not JSON`, 'remove it, and log in again');
  }
}

const address = (api: string): string => api.replace(/\/+$/, '');
