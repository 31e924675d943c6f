import * as z from 'zod';
import { allows } from '../../app/access/scopes.ts';
import { MAX_UPLOAD_BYTES } from '../../app/files.ts';
import { importKinds, Mapping } from '../../app/imports/mapping.ts';
import { changeImport, findImport, startImport } from '../../app/imports/start-import.ts';
import type { Rejected } from '../../app/scans/kinds/import.ts';
import { DEFAULT_PER_MINUTE } from '../../app/scans/pace.ts';
import { Forbidden } from '../../kernel/errors.ts';
import { formatInstant, SECOND_MS } from '../../kernel/time.ts';
import { files } from '../../resources.ts';
import { keptQuery, listOf, readKeptPage } from '../lists.ts';
import { ok, type Route, route } from '../route.ts';
import { Timestamp } from '../schemas.ts';
import { JobDocument, JobParams, showJob } from './jobs.ts';

const tag = 'Imports';
/**
 * It ends earlier when the key of the function's role does, and then S3 says so (S3 user guide, "Download and upload
 * objects with presigned URLs"); an upload that has begun goes on.
 */
const UPLOAD_SECONDS = 3_600;
/** An import of ten million rows in a quarter of an hour is none that live events survive. */
const MAX_PER_MINUTE = 600_000;

const PerMinute = z
  .int()
  .min(1)
  .max(MAX_PER_MINUTE)
  .meta({ description: `rows per minute; ${DEFAULT_PER_MINUTE} when absent, which leaves room for live events` });
const Upload = z.object({
  id: z.string(),
  method: z.literal('PUT'),
  url: z.string().meta({ description: 'takes the file as it is, with its length, in one request' }),
  expiresAt: Timestamp,
  limitBytes: z.int(),
});
const Request = z
  .strictObject({
    id: JobParams.shape.id.exactOptional().meta({ description: 'asked again with the same id, it is the same import' }),
    kind: z.enum(importKinds),
    upload: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/),
    mapping: Mapping.exactOptional(),
    trigger: z
      .boolean()
      .exactOptional()
      .meta({ description: 'whether what is imported may let customers into journeys; false when absent' }),
    perMinute: PerMinute.exactOptional(),
  })
  .meta({ id: 'ImportRequest' });
const RejectedRow = z.object({
  line: z.int().meta({ description: 'where the row begins, from 1' }),
  errors: z.array(z.looseObject({ code: z.string(), detail: z.string(), pointer: z.string() })),
});

export const importRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/uploads',
    scope: 'profiles:import',
    tag,
    summary: 'Where a file may be uploaded',
    description: `One PUT of at most ${MAX_UPLOAD_BYTES} bytes. What was uploaded is deleted after ${files.keptDays} days.`,
    // An address that was remembered would be out of date.
    idempotency: 'none',
    answers: { 201: { description: 'put the file there, then start the import', schema: Upload } },
    async handle({ commandId: id, now }, ports) {
      const url = await (await ports.files()).uploadUrl(files.uploads + id, UPLOAD_SECONDS);
      const expiresAt = formatInstant(now + UPLOAD_SECONDS * SECOND_MS);
      return { status: 201, body: { id, method: 'PUT', url, expiresAt, limitBytes: MAX_UPLOAD_BYTES } };
    },
  }),
  route({
    method: 'POST',
    path: '/v1/imports',
    scope: 'profiles:import',
    tag,
    summary: 'Imports an uploaded file of events, profiles, suppressions, lists or items',
    description:
      'Items also need collections:write. CSV with a header, or NDJSON; gzip is unpacked. Rows are read in order, at a pace. A bad row costs no other one: `/v1/imports/{id}/rejected` lists them by line. Without `trigger` nobody enters a journey by what is imported, and no run meets it.',
    body: Request,
    bodyCode: 'import',
    answers: {
      202: { description: 'the job; `location` says where to look', schema: JobDocument },
      404: { description: 'nothing was uploaded' },
    },
    async handle({ body, actor, commandId, principal }, ports) {
      const { id = `import-${commandId}`, mapping = {}, trigger = false, perMinute = DEFAULT_PER_MINUTE } = body;
      const { kind, upload } = body;
      if (kind === 'items' && !allows(principal.scopes, 'collections:write')) {
        const detail = 'to import items, the scope collections:write is needed and missing';
        throw new Forbidden('auth.scope-missing', detail, 'forbidden');
      }
      const job = await startImport(ports, { id, kind, upload, mapping, trigger, perMinute }, actor.by);
      return { status: 202, headers: { location: `/v1/jobs/${job.id}` }, body: await showJob(job, ports.jobs) };
    },
  }),
  route({
    method: 'PATCH',
    path: '/v1/imports/{id}',
    scope: 'profiles:import',
    tag,
    summary: 'Stops an import, lets it go on, or changes its pace',
    description: 'One that stopped or failed goes on behind the last row that it has told.',
    params: JobParams,
    body: z.strictObject({
      state: z.enum(['stopped', 'running']).exactOptional(),
      perMinute: PerMinute.exactOptional(),
    }),
    bodyCode: 'import',
    answers: { 200: { description: 'as it is now', schema: JobDocument }, 409: { description: 'it is over' } },
    async handle({ params, body, now }, ports) {
      const job = await changeImport({ jobs: ports.jobs, machine: ports.scanMachine }, params.id, body, now);
      return ok(await showJob(job, ports.jobs));
    },
  }),
  route({
    method: 'GET',
    path: '/v1/imports/{id}/rejected',
    scope: 'jobs:read',
    tag,
    summary: 'Rows that were left out, in the order of the file, with reasons',
    description: 'Lines and reasons, nothing of their content: the file has it. A page is what 500 rows have.',
    params: JobParams,
    query: z.strictObject(keptQuery),
    answers: { 200: { description: 'a page', schema: listOf(RejectedRow) } },
    async handle({ params, query }, ports) {
      const job = await findImport(ports.jobs, params.id);
      const kept = await ports.jobs.listKept(job.id, readKeptPage(query));
      return ok({ data: kept.data.flat() as unknown as Rejected[], nextCursor: kept.nextCursor ?? null });
    },
  }),
];
