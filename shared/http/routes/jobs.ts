import * as z from 'zod';
import { isUnmasked, personalQuestion, requireNothingPersonal } from '../../app/access/personal-questions.ts';
import { readJourneyHead } from '../../app/catalog/journey-lifecycle.ts';
import { isOver, type Job, type JobStore, MAX_JOB_ID, progressOf } from '../../app/scans/job.ts';
import { resultOf } from '../../app/scans/job-result.ts';
import { type Member, membersKind } from '../../app/scans/kinds/members.ts';
import { type Standing, whoKind } from '../../app/scans/kinds/who.ts';
import { namePeople } from '../../app/scans/name-people.ts';
import { stopJob } from '../../app/scans/stop-job.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { NotFound } from '../../kernel/errors.ts';
import { digest } from '../../kernel/ids.ts';
import { Id } from '../../kernel/schema.ts';
import { formatInstant, MINUTE_MS } from '../../kernel/time.ts';
import { keptQuery, listAnswer, listOf, pageQuery, readKeptPage, readPage } from '../lists.ts';
import type { Ports } from '../ports.ts';
import { ok, type Principal, type Route, route } from '../route.ts';
import { IdParams, IdType, Timestamp } from '../schemas.ts';

const tag = 'Operations';

export const JobParams = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(MAX_JOB_ID),
});
export const JobState = z.enum(['queued', 'running', 'done', 'failed', 'stopped', 'skipped']).meta({ id: 'JobState' });
const Summary = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: JobState,
    params: z.unknown(),
    at: Timestamp.meta({ description: 'when it was asked for' }),
    by: z.string(),
    begin: Timestamp,
    endedAt: Timestamp.optional(),
    error: z.string().optional(),
    reason: z.string().optional().meta({ description: 'why it was skipped' }),
  })
  .meta({ id: 'JobSummary' });
export const JobDocument = Summary.extend({
  progress: z
    .record(z.string(), z.int())
    .meta({ description: 'how many profiles were scanned, and what the kind of job counts' }),
  result: z.unknown().optional().meta({ description: 'of a job that is done' }),
}).meta({ id: 'Job' });

const summary = ({ id, kind, state, params, at, by, begin, endedAt, error, reason }: Job) => ({
  ...{ id, kind, state, by },
  params: shownParams(params),
  at: formatInstant(at),
  begin: formatInstant(begin),
  ...(isOver(state) && endedAt !== undefined && { endedAt: formatInstant(endedAt) }),
  ...(error !== undefined && { error }),
  ...(reason !== undefined && { reason }),
});
/** A list of customers may be long: how many. The document of a journey has a place of its own. */
function shownParams(params: Json): Json {
  const { list, document: _, ...shown } = params as { readonly list?: readonly Json[]; readonly document?: Json };
  return list === undefined ? shown : { ...shown, list: list.length };
}
export async function showJob(job: Job, jobs: Pick<JobStore, 'readSegments' | 'listKept'>) {
  const progress = await progressOf(jobs, job.id);
  const result = await resultOf(job, progress, jobs);
  return { ...summary(job), progress, ...(result !== undefined && { result }) };
}

export async function findJob(ports: Pick<Ports, 'jobs'>, id: string): Promise<Job> {
  const job = await ports.jobs.read(id);
  if (job === undefined) throw new NotFound('job.not-found', `there is no job ${id}; jobs are kept for 90 days`);
  return job;
}

/** What it has found out is an answer to what it asked. */
const personalInJob = ({ params }: Job, ports: Ports) => personalQuestion(params, ports);

async function showJobTo({ scopes }: Principal, job: Job, ports: Ports) {
  const isHidden = !isUnmasked(scopes) && (await personalInJob(job, ports)) !== undefined;
  return isHidden ? { ...summary(job), progress: {} } : showJob(job, ports.jobs);
}

const Person = z.object({
  id: z.string().nullable().meta({ description: 'null: erased since' }),
  idType: IdType.nullable(),
  version: z.int().optional().meta({ description: 'of who stands in a journey; so are `step` and `state`' }),
  step: z.string().optional(),
  state: z.string().optional(),
  since: Timestamp.nullable().meta({ description: 'at the step, or in the segment; null: not remembered' }),
});

export const jobRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/journeys/{id}/runs',
    scope: 'journeys:read',
    tag: 'Journeys',
    summary: 'Who is where: counts everybody who stands in a journey, by a scan',
    description:
      'The job counts people by version, step and state, each as they were when the scan came by, and names up to 200 of each page of some 1 MB (`/v1/jobs/{id}/people`). The same question within a minute is the same job. Live counters are quicker and cost nothing: `…/counts`.',
    params: IdParams,
    query: z.strictObject({
      step: Id.exactOptional(),
      state: z.enum(['wait', 'wait-for', 'held', 'answer']).exactOptional(),
    }),
    answers: { 202: { description: 'the job; `location` says where to look', schema: JobDocument } },
    async handle({ params, query, actor, now }, ports) {
      await readJourneyHead(ports.catalog, params.id);
      const minute = Math.floor(now / MINUTE_MS);
      const id = `who-${digest(params.id, query.step ?? '', query.state ?? '')}-${minute}`;
      const job = await ports.startScan({
        id,
        kind: whoKind.kind,
        params: { journey: params.id, ...query },
        by: actor.by,
      });
      const headers = { location: `/v1/jobs/${job.id}` };
      return { status: 202, headers, body: await showJob(job, ports.jobs) };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/jobs/{id}/people',
    scope: 'profiles:read',
    tag,
    summary: 'Whom a job of kind `who` or `members` has found, as far as they are named',
    description: 'A page is what one page of the scan has named: at most 200 of `who`, 1,000 of `members`.',
    params: JobParams,
    query: z.strictObject(keptQuery),
    answers: { 200: { description: 'a page', schema: listOf(Person) } },
    async handle({ params, query, principal }, ports) {
      const job = await findJob(ports, params.id);
      await requireNothingPersonal(principal, () => personalInJob(job, ports));
      const kept = await ports.jobs.listKept(job.id, readKeptPage(query));
      const named = job.kind === whoKind.kind || job.kind === membersKind.kind ? kept.data.flat() : [];
      const data = await namePeople(ports.profiles, named as unknown as (Standing | Member)[]);
      const show = (one: (typeof data)[number]) => ({
        ...one,
        since: one.since === null ? null : formatInstant(one.since),
      });
      return ok({ data: data.map(show), nextCursor: kept.nextCursor ?? null });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/jobs',
    scope: 'jobs:read',
    tag,
    summary: 'Lists jobs, newest first; kept for 90 days',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'a page', schema: listOf(Summary) } },
    handle: async ({ query }, ports) => ok(listAnswer(await ports.jobs.list(readPage(query)), summary)),
  }),
  route({
    method: 'GET',
    path: '/v1/jobs/{id}',
    scope: 'jobs:read',
    tag,
    summary: 'How far a job has come',
    description: 'Of one that asks for personal data only the state, without `profiles:personal`.',
    params: JobParams,
    answers: { 200: { description: 'the job', schema: JobDocument } },
    async handle({ params, principal }, ports) {
      return ok(await showJobTo(principal, await findJob(ports, params.id), ports));
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/jobs/{id}',
    scope: 'jobs:write',
    tag,
    summary: 'Stops a job',
    description: 'It ends before its next page of profiles. What it has done stays done.',
    params: JobParams,
    answers: { 200: { description: 'stopped', schema: JobDocument }, 409: { description: 'it was over' } },
    async handle({ params, principal, now }, ports) {
      const job = await stopJob(ports.jobs, await findJob(ports, params.id), now);
      return ok(await showJobTo(principal, job, ports));
    },
  }),
];
