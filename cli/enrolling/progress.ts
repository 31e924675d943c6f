import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../../shared/kernel/canonical-json.ts';
import { digest } from '../../shared/kernel/ids.ts';
import type { Customer } from './read-customers.ts';

/**
 * What of a file was answered, so that the same command goes on where it broke off.
 *
 * 1. A chunk's Idempotency-Key comes from the API's address, the journey, its place and its customers: whoever sends it
 *    again within 24 hours, from any machine, changes nothing.
 * 2. After 24 hours only this record knows; it lies with this user, holds keys and counts, and no customer.
 */
export interface Chunk {
  readonly key: string;
  readonly customers: readonly Customer[];
}

export function chunksOf(customers: readonly Customer[], size: number, api: string, journey: string): Chunk[] {
  return Array.from({ length: Math.ceil(customers.length / size) }, (_, index) => {
    const part = customers.slice(index * size, (index + 1) * size);
    const requests = canonicalJson(part.map(({ request }) => request));
    return { key: `cli-${digest('enroll', api, journey, String(index), requests)}`, customers: part };
  });
}

export interface Progress {
  /** Of the first time: with another the keys would be others. */
  readonly size: number;
  isDone(key: string): boolean;
  done(key: string): void;
  /** The whole file was answered: the next time it is a new one. */
  forget(): void;
}

export function openProgress(
  env: Readonly<Record<string, string | undefined>>,
  [api, journey, customers]: readonly [api: string, journey: string, customers: readonly Customer[]],
  wantedSize: number,
): Progress {
  const home = env['XDG_STATE_HOME'] || join(env['HOME'] || homedir(), '.local', 'state');
  const name = digest('enroll-file', api, journey, canonicalJson(customers.map(({ request }) => request)));
  const file = join(home, 'godwit', 'enroll', `${name}.json`);
  const stored = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { size: number; done: string[] })
    : undefined;
  const size = stored?.size ?? wantedSize;
  const keys = new Set(stored?.done);
  const save = () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, JSON.stringify({ size, done: [...keys] }), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  return {
    size,
    isDone: (key) => keys.has(key),
    done(key) {
      keys.add(key);
      save();
    },
    forget: () => rmSync(file, { force: true }),
  };
}
