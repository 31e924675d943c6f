import { digest } from '../../kernel/ids.ts';
import type { Settings } from '../../settings.ts';
import type { Actor } from '../catalog/ports.ts';
import type { StoredProfile } from '../ports.ts';
import type { Job, JobStore } from '../scans/job.ts';
import { type EraseParams, eraseKind } from '../scans/kinds/erase.ts';
import type { StartScan } from '../scans/start-scan.ts';
import { clocksOf } from './certificate.ts';

interface StartErasurePorts {
  readonly jobs: Pick<JobStore, 'read'>;
  readonly startScan: StartScan;
  readonly settings: Pick<Settings, 'retention' | 'jobRetentionDays'>;
}

/** One job for each incarnation, however often it is asked for; another one where that was given up. */
export async function startErasure(
  { key, profile: { inc } }: Pick<StoredProfile, 'key' | 'profile'>,
  { actor, commandId }: { readonly actor: Actor; readonly commandId: string },
  { jobs, startScan, settings }: StartErasurePorts,
): Promise<Job> {
  const first = `erase-${digest(key, String(inc))}`;
  const there = await jobs.read(first);
  const isGivenUp = there?.state === 'failed' || there?.state === 'stopped';
  const id = isGivenUp ? `erase-${digest(key, String(inc), commandId)}` : first;
  const { answerDays } = settings.retention;
  const params: EraseParams = { key, clocks: clocksOf(settings), ...(answerDays !== undefined && { answerDays }) };
  return startScan({ id, kind: eraseKind.kind, params, by: actor.by, segments: 1 });
}
