import * as z from 'zod';
import { readLiveDocument } from '../../app/catalog/live-documents.ts';
import type { Job } from '../../app/scans/job.ts';
import { clausesAsked, feedsAsked, startBackfill } from '../../app/scans/start-backfill.ts';
import type { Segment } from '../../domain/audiences/segment.ts';
import { whereOf } from '../../domain/audiences/segment-kind.ts';
import type { CatalogSnapshot } from '../../domain/catalog.ts';
import type { Ports } from '../ports.ts';
import { type Route, route } from '../route.ts';
import { IdParams } from '../schemas.ts';
import { JobDocument, showJob } from './jobs.ts';

const Request = z
  .strictObject({
    perMinute: z.int().min(1).max(1_000_000).exactOptional().meta({ description: 'profiles told; 6,000 when absent' }),
  })
  .meta({ id: 'BackfillRequest' });

export const backfillRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/segments/{id}/backfills',
    scope: 'segments:write',
    tag: 'Segments',
    summary: 'Counts again, from the journal, what a segment asks about the past',
    description:
      'A segment whose questions are new starts this by itself. Every profile counts from its own journal, as far as that reaches, in the place of what it had counted; nothing is counted twice. The job counts the profiles that it told.',
    params: IdParams,
    body: Request,
    bodyCode: 'backfill',
    answers: {
      202: { description: 'the job; `location` says where to look', schema: JobDocument },
      422: { description: 'it asks nothing about the past' },
    },
    async handle({ params, body, actor, commandId }, ports) {
      const { found } = await readLiveDocument(ports.catalog, 'segment', params.id);
      const where = whereOf(found.document as Segment);
      const wanted = { of: `segment ${params.id}`, clauses: () => clausesAsked(where), ...body };
      return started(await startBackfill(ports, wanted, commandId, actor), ports);
    },
  }),
  route({
    method: 'POST',
    path: '/v1/computed-traits/{id}/backfills',
    scope: 'computed-traits:write',
    tag: 'Computed traits',
    summary: 'Counts again, from the journal, what feeds a computed trait',
    description:
      'Saving one that needs what nobody remembers yet starts this by itself. Every profile counts from its own journal, as far as that reaches, in the place of what it had counted; nothing is counted twice. Of a preset all its traits are counted.',
    params: IdParams,
    body: Request,
    bodyCode: 'backfill',
    answers: { 202: { description: 'the job; `location` says where to look', schema: JobDocument } },
    async handle({ params, body, actor, commandId }, ports) {
      await readLiveDocument(ports.catalog, 'computed-trait', params.id);
      const wanted = {
        of: `computed trait ${params.id}`,
        clauses: (snapshot: CatalogSnapshot) => feedsAsked(snapshot, params.id),
        ...body,
      };
      return started(await startBackfill(ports, wanted, commandId, actor), ports);
    },
  }),
];

const started = async (job: Job, ports: Pick<Ports, 'jobs'>) => ({
  status: 202,
  headers: { location: `/v1/jobs/${job.id}` },
  body: await showJob(job, ports.jobs),
});
