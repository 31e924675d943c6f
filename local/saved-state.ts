import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CapturedMessage } from './inbox/inbox.ts';
import type { SavedQueue } from './queues/queue.ts';
import type { Execution } from './step-functions/executions.ts';

/** What a cloud keeps between starts, beside the tables, which DynamoDB's emulator keeps itself. */
export interface SavedState {
  boots: number;
  now: number;
  queues: Record<string, SavedQueue>;
  executions: Execution[];
  messages: CapturedMessage[];
}

export function readState(dataDir: string): SavedState | undefined {
  const file = join(dataDir, 'cloud.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SavedState) : undefined;
}

/** Written whole and renamed, so that a kill in between leaves the older state. */
export function writeState(dataDir: string, state: SavedState): void {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'cloud.json');
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}
