import { digest, type ProfileKey } from '../../../kernel/ids.ts';
import type { Run } from '../../profiles/profile.ts';

/** 46 characters, the same whenever this visit of this run to this step is decided. */
export function messageIdOf(key: ProfileKey, runId: string, run: Run, step: string): string {
  return `${key}-${visitDigest(runId, step, run.visits?.[step] ?? 1)}`;
}

const visitDigest = (runId: string, step: string, visit: number): string => digest(runId, step, String(visit));

/**
 * Whether the message was decided at the run's last visit to the step. The key in front is not compared: a merge may
 * have moved the run to another profile since.
 */
export function isMessageOf(messageId: string, runId: string, run: Run, step: string): boolean {
  return messageId.endsWith(`-${visitDigest(runId, step, run.visits?.[step] ?? 1)}`);
}
