import { TEST_RUN_DAYS } from '../../domain/profiles/limits.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { sha256Hex } from '../../kernel/ids.ts';
import { DAY_MS, formatInstant } from '../../kernel/time.ts';
import { defaultDays, files } from '../../resources.ts';
import type { Settings } from '../../settings.ts';
import type { Job } from '../scans/job.ts';
import type { Parts } from './find-parts.ts';
import type { Erasing, Remains } from './ports.ts';

/** By then it has to be done and told (GDPR, Article 12(3)). */
export const dueBy = (askedAt: number, answerDays: number | undefined = defaultDays.answer): string =>
  formatInstant(askedAt + answerDays * DAY_MS);

/**
 * How long something of a customer stays where this cannot delete it, as the environment is configured; null: until somebody
 * deletes it there.
 */
export interface Clocks {
  readonly [what: string]: { readonly days: number | null; readonly holds: string };
}

export const clocksOf = ({
  retention: { logDays, backupDays },
  jobRetentionDays = defaultDays.job,
}: Pick<Settings, 'retention' | 'jobRetentionDays'>): Clocks => ({
  backups: { days: backupDays, holds: 'all tables as they were (point-in-time recovery)' },
  deadLetters: { days: 14, holds: 'what could not be worked through, as it was told' },
  queues: { days: 14, holds: 'what waits to be worked through, as it was told; most waits for seconds' },
  executions: { days: 90, holds: 'hashes of ids, in the histories of waits (Step Functions, "Quotas")' },
  logs: { days: logDays, holds: 'hashes of ids' },
  files: { days: files.keptDays, holds: 'uploaded and exported files of many customers' },
  testRuns: { days: TEST_RUN_DAYS, holds: 'copies that authors tried a journey on; they do not say whose they are' },
  jobs: { days: jobRetentionDays, holds: 'hashes of ids, in jobs and what they have found' },
  providers: { days: null, holds: 'suppression and opt-out lists of the providers, and what they sent' },
  suppressions: {
    days: null,
    holds: 'salted hashes of addresses that must not be written to, where the policy keeps them',
  },
});

/** What there was, before it goes: kinds, how many, and one hash over the keys of all items of the kind. */
export async function inventoryOf(
  parts: Parts,
  erasing: readonly Erasing[],
  remains: Remains,
): Promise<Json & { readonly items: number }> {
  const hashes = new Map<string, string[]>();
  for (const one of erasing) {
    for await (const found of remains.list(one)) {
      for (const { kind, hash } of found) hashes.set(kind, [...(hashes.get(kind) ?? []), hash]);
    }
  }
  const kinds = [...hashes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, all]) => ({ kind, items: all.length, sha256: sha256Hex(all.sort().join('\n')) }));
  return {
    erasedAt: formatInstant(Math.max(...parts.own.map(({ erased: { at } }) => at))),
    items: kinds.reduce((sum, { items }) => sum + items, 0),
    profiles: parts.own.filter(({ key }) => !parts.strangers.has(key)).length,
    addresses: parts.strangers.size,
    identities: parts.held.length,
    of: countsOf(parts),
    suppressions: erasing.some(({ salts }) => salts) ? 'salted-hash' : 'none',
    kinds,
  };
}

/** What stood in the profiles, by part. */
function countsOf({ own }: Parts): { readonly [part: string]: number } {
  const sum: { [part: string]: number } = {};
  for (const { erased } of own) {
    for (const [part, many] of Object.entries(erased.left?.counts ?? {})) sum[part] = (sum[part] ?? 0) + many;
  }
  return sum;
}

/** What the job answers when it is done. It may have counted twice, when somebody came late: each time what was left. */
export function certificateOf(
  job: Pick<Job, 'id' | 'at' | 'endedAt'>,
  { clocks, answerDays }: { readonly clocks?: Clocks; readonly answerDays?: number },
  kept: readonly Json[],
): Json {
  return {
    job: job.id,
    askedAt: formatInstant(job.at),
    dueBy: dueBy(job.at, answerDays),
    ...(job.endedAt !== undefined && { doneAt: formatInstant(job.endedAt) }),
    erased: kept,
    ...(clocks !== undefined && { notShortened: clocks as unknown as Json }),
  };
}
