import * as z from 'zod';
import { type Counts, type Job, MAX_JOB_ID, progressOf } from '../../app/scans/job.ts';
import { stopJob } from '../../app/scans/stop-job.ts';
import { NotFound } from '../../kernel/errors.ts';
import { formatInstant } from '../../kernel/time.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import type { Ports } from '../ports.ts';
import { ok, type Route, route } from '../route.ts';
import { Timestamp } from '../schemas.ts';

const tag = 'Operations';

export const JobParams = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(MAX_JOB_ID),
});
const Summary = z
  .object({
    id: z.string(),
    kind: z.string(),
    state: z.enum(['queued', 'running', 'done', 'failed', 'stopped']),
    params: z.unknown(),
    at: Timestamp.meta({ description: 'when it was asked for' }),
    by: z.string(),
    begin: Timestamp,
    endedAt: Timestamp.optional(),
    error: z.string().optional(),
  })
  .meta({ id: 'JobSummary' });
export const JobDocument = Summary.extend({
  progress: z
    .record(z.string(), z.int())
    .meta({ description: 'how many profiles were scanned, and what the kind of job counts' }),
}).meta({ id: 'Job' });

const summary = ({ id, kind, state, params, at, by, begin, endedAt, error }: Job) => ({
  ...{ id, kind, state, params, by },
  at: formatInstant(at),
  begin: formatInstant(begin),
  ...(endedAt !== undefined && { endedAt: formatInstant(endedAt) }),
  ...(error !== undefined && { error }),
});
export const showJob = (job: Job, progress: Counts) => ({ ...summary(job), progress });

export async function findJob(ports: Pick<Ports, 'jobs'>, id: string): Promise<Job> {
  const job = await ports.jobs.read(id);
  if (job === undefined) throw new NotFound('job.not-found', `there is no job ${id}; jobs are kept for 90 days`);
  return job;
}

export const jobRoutes: readonly Route[] = [
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
    params: JobParams,
    answers: { 200: { description: 'the job', schema: JobDocument } },
    async handle({ params }, ports) {
      const job = await findJob(ports, params.id);
      return ok(showJob(job, await progressOf(ports.jobs, job.id)));
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
    async handle({ params, now }, ports) {
      const job = await stopJob(ports.jobs, await findJob(ports, params.id), now);
      return ok(showJob(job, await progressOf(ports.jobs, job.id)));
    },
  }),
];
