import { brokenBudgets, budgetTable } from './budgets.ts';
import type { MeasuredRow } from './measured.ts';
import type { Part } from './part.ts';
import { controlsPart } from './parts/controls.ts';
import { eventsPart } from './parts/events.ts';
import { growthJournalPart } from './parts/growth-journal.ts';
import { growthJourneysPart } from './parts/growth-journeys.ts';
import { growthProfilesPart } from './parts/growth-profiles.ts';
import { idlePart } from './parts/idle.ts';
import { jobsPart } from './parts/jobs.ts';
import { ratesPart } from './parts/rates.ts';
import { segmentsPart } from './parts/segments.ts';
import { tripsPart } from './parts/trips.ts';

/** In the order in which they are counted and shown: some stand beside what others have counted. */
export const parts: readonly Part[] = [
  ...[ratesPart, controlsPart, eventsPart, tripsPart, jobsPart, idlePart],
  ...[segmentsPart, growthProfilesPart, growthJourneysPart, growthJournalPart],
];

/** What stands between the marks of a part. */
export function sectionOf(part: Part, rows: readonly MeasuredRow[]): string {
  const verdicts = part.verdicts?.(rows) ?? [];
  const text = part.text(rows).trim();
  return verdicts.length === 0 ? text : `${text}\n\n${budgetTable(verdicts)}`;
}

export const brokenBy = (part: Part, rows: readonly MeasuredRow[]): readonly string[] =>
  brokenBudgets(part.verdicts?.(rows) ?? []);
