import { digest, type ProfileKey } from '../../../kernel/ids.ts';
import type { Run } from '../../profiles/profile.ts';

/** How often the run has come to the step; steps on no cycle are not counted. */
export const visitsOf = ({ visits }: Run, step: string): number =>
  visits !== undefined && Object.hasOwn(visits, step) ? visits[step]! : 0;

/** 46 characters, the same whenever this visit of this run to this step is decided. */
export function messageIdOf(key: ProfileKey, runId: string, run: Run, step: string): string {
  return `${key}-${digest(runId, step, String(visitsOf(run, step) || 1))}`;
}
