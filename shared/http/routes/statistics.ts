import * as z from 'zod';
import { personalInSegment, requireNothingPersonal } from '../../app/access/personal-questions.ts';
import { readLiveDocument } from '../../app/catalog/live-documents.ts';
import { statisticsKind } from '../../app/scans/kinds/statistics.ts';
import { readStatistics } from '../../app/statistics/save-statistics.ts';
import { Statistics } from '../../domain/statistics/statistics.ts';
import { InvalidInput, NotFound } from '../../kernel/errors.ts';
import { digest } from '../../kernel/ids.ts';
import { DAY_MS, formatInstant } from '../../kernel/time.ts';
import { ok, type Route, route } from '../route.ts';
import { CalendarDay, IdParams, Timestamp } from '../schemas.ts';
import { JobDocument, showJob } from './jobs.ts';

const MAX_DAYS = 400;
const DEFAULT_DAYS = 30;

const StatisticsAnswer = Statistics.extend({ at: Timestamp.meta({ description: 'when the job began' }) }).meta({
  id: 'StatisticsAnswer',
});
const Sizes = z
  .object({ data: z.array(z.object({ day: CalendarDay, members: z.int() })) })
  .meta({ id: 'SegmentSizes' });

export const statisticsRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/statistics',
    scope: 'settings:read',
    tag: 'Settings',
    summary: 'What the numbers of all customers are like, by trait: mean, deviation, quintiles',
    description: 'As a nightly job found them. Outlier flags and scores by quintiles go by these figures.',
    answers: { 200: { description: 'of the last night', schema: StatisticsAnswer }, 404: { description: 'none yet' } },
    async handle(_, ports) {
      const found = await readStatistics(ports.catalog);
      if (found === undefined) throw new NotFound('statistics.none-yet', 'no job has counted the base yet');
      return ok({ ...found, at: formatInstant(found.at) });
    },
  }),
  route({
    method: 'POST',
    path: '/v1/statistics',
    scope: 'jobs:write',
    tag: 'Settings',
    summary: 'Counts the base now, and the members of each segment',
    description:
      'By a scan of all profiles, as every night. The sizes of segments that it finds replace those of today.',
    body: z.strictObject({}),
    bodyCode: 'statistics',
    answers: { 202: { description: 'the job; `location` says where to look', schema: JobDocument } },
    async handle({ actor, commandId }, ports) {
      const id = `statistics-asked-${digest(commandId)}`;
      const job = await ports.startScan({ id, kind: statisticsKind.kind, params: {}, by: actor.by });
      return { status: 202, headers: { location: `/v1/jobs/${job.id}` }, body: await showJob(job, ports.jobs) };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/segments/{id}/sizes',
    scope: 'segments:read',
    tag: 'Segments',
    summary: 'How many members a segment had, day by day',
    description: `As the nightly job counted them; a day is one in UTC. Without \`to\` until today, without \`from\` ${DEFAULT_DAYS} days; at most ${MAX_DAYS}. A day without a job is left out.`,
    params: IdParams,
    query: z.strictObject({ from: CalendarDay.exactOptional(), to: CalendarDay.exactOptional() }),
    answers: { 200: { description: 'oldest first', schema: Sizes } },
    async handle({ params, query, principal, now }, ports) {
      await readLiveDocument(ports.catalog, 'segment', params.id);
      await requireNothingPersonal(principal, () => personalInSegment(params.id, ports));
      const to = query.to ?? dayOf(now);
      const from = query.from ?? dayOf(Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS);
      const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
      if (days < 1 || days > MAX_DAYS) throw wrongSpan(days);
      return ok({ data: await ports.sizes.read(params.id, from, to) });
    },
  }),
];

const dayOf = (instant: number): string => formatInstant(instant).slice(0, 10);

function wrongSpan(actual: number): InvalidInput {
  const limit = `1 to ${MAX_DAYS} days`;
  const problem = { pointer: '/from', code: 'sizes.span', detail: `from and to: ${limit}`, limit, actual };
  return new InvalidInput(problem.code, `from and to: ${limit}; these are ${actual}`, [problem]);
}
