import { DAY_MS } from '../../kernel/time.ts';
import type { Clock, Metrics } from '../ports.ts';
import { isOver, type JobStore } from '../scans/job.ts';
import { ERASE } from '../scans/kinds/erase.ts';
import { exportProfileKind } from '../scans/kinds/export-profile.ts';

/** What a customer has asked for. */
const kinds = [ERASE, exportProfileKind.kind];

/** They take minutes. Later than this something is wrong: long before the law's month is over (GDPR, Article 12(3)). */
const LATE_MS = DAY_MS;

const PAGE = 100;

/** Counted beside the jobs themselves: one whose execution is dead would never say so. One that has failed has its own alarm. */
export async function countLateAnswers({
  jobs,
  clock,
  metrics,
}: {
  readonly jobs: Pick<JobStore, 'list'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}): Promise<void> {
  const before = clock() - LATE_MS;
  for (const kind of kinds) {
    let cursor: string | undefined;
    do {
      const page = await jobs.list({ limit: PAGE, ...(cursor !== undefined && { cursor }) }, kind);
      const late = page.data.filter(({ state, begin }) => !isOver(state) && begin < before).length;
      if (late > 0) metrics.count('AnswersLate', late);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}
