import * as z from 'zod';
import { type ExportedFile, exportKind, exportKinds } from '../../app/scans/kinds/export.ts';
import { type ExportProfileParams, exportProfileKind } from '../../app/scans/kinds/export-profile.ts';
import { InvalidInput, NotFound } from '../../kernel/errors.ts';
import { Id } from '../../kernel/schema.ts';
import { DAY_MS, formatInstant, SECOND_MS } from '../../kernel/time.ts';
import { files } from '../../resources.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import { find, Params, Which } from '../named-profile.ts';
import { ok, type Route, route } from '../route.ts';
import { Timestamp } from '../schemas.ts';
import { JobDocument, JobParams, showJob } from './jobs.ts';

const tag = 'Exports';
const DOWNLOAD_SECONDS = 900;

const File = z.object({
  name: z.string(),
  lines: z.int(),
  bytes: z.int(),
  url: z.string().meta({
    description:
      'gives the file: NDJSON, packed by gzip unless it is of one customer, who also gets a page to read (HTML)',
  }),
  expiresAt: Timestamp,
});

const kindsWithFiles: ReadonlySet<string> = new Set([exportKind.kind, exportProfileKind.kind]);

/** Of one customer, who asked for what is stored of them (GDPR, articles 15 and 20). */
export const profileExportRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/profiles/{id}/exports',
    scope: 'profiles:export',
    tag,
    summary: 'Exports all that is stored of one customer',
    description: `A job writes each part twice, as lines for programs (NDJSON) and as a page for people (HTML); \`/v1/exports/{id}/files\` lists them. They are deleted after ${files.keptDays} days.`,
    params: Params,
    query: Which,
    answers: { 202: { description: 'the job; `location` says where to look', schema: JobDocument } },
    async handle(call, ports) {
      const { key } = await find(call, ports);
      const { actor, commandId } = call;
      const { answerDays } = ports.settings.retention;
      const params: ExportProfileParams = { key, ...(answerDays !== undefined && { answerDays }) };
      const asked = { id: `export-${commandId}`, kind: exportProfileKind.kind, params, by: actor.by };
      const job = await ports.startScan({ ...asked, segments: 1 });
      return { status: 202, headers: { location: `/v1/jobs/${job.id}` }, body: await showJob(job, ports.jobs) };
    },
  }),
];

export const exportRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/exports',
    scope: 'profiles:export',
    tag,
    summary: 'Exports all profiles, or who belongs to which segment',
    description: `A job writes packed files of lines; \`/v1/exports/{id}/files\` lists them. They are deleted after ${files.keptDays} days.`,
    body: z
      .strictObject({
        kind: z.enum(exportKinds),
        segment: Id.exactOptional().meta({ description: 'only its members' }),
      })
      .meta({ id: 'ExportRequest' }),
    bodyCode: 'export',
    answers: { 202: { description: 'the job; `location` says where to look', schema: JobDocument } },
    async handle({ body, actor, commandId }, ports) {
      const { kind: what, segment } = body;
      const { epoch, segments = [] } = await ports.catalog.readSnapshot();
      if (segment !== undefined && !segments.some(({ id }) => id === segment)) {
        const problem = { pointer: '/segment', code: 'export.segment', detail: 'there is no segment of this id' };
        throw new InvalidInput('export.segment', `there is no segment ${segment}`, [problem], 'invalid');
      }
      const params = { what, epoch, ...(segment !== undefined && { segment }) };
      const job = await ports.startScan({ id: `export-${commandId}`, kind: exportKind.kind, params, by: actor.by });
      return { status: 202, headers: { location: `/v1/jobs/${job.id}` }, body: await showJob(job, ports.jobs) };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/exports/{id}/files',
    scope: 'profiles:export',
    // It changes nothing, and is how all customers leave the environment.
    audited: true,
    tag,
    summary: 'The files of an export, each with an address that gives it for a quarter of an hour',
    params: JobParams,
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'a page', schema: listOf(File) } },
    async handle({ params, query, now }, ports) {
      const job = await ports.jobs.read(params.id);
      if (job === undefined || !kindsWithFiles.has(job.kind)) {
        throw new NotFound('export.not-found', `there is no export ${params.id}`);
      }
      // The bucket deletes by the day, and may be late (S3, "Expiring objects").
      if (now >= job.begin + files.keptDays * DAY_MS) {
        throw new NotFound('export.expired', `the files of an export are kept for ${files.keptDays} days`);
      }
      const store = await ports.files();
      const { data, ...rest } = await ports.jobs.listKept(job.id, readPage(query));
      const expiresAt = formatInstant(now + DOWNLOAD_SECONDS * SECOND_MS);
      const shown = (data as unknown as (ExportedFile | ExportedFile[])[])
        .flat()
        .map(async ({ name, lines, bytes }) => {
          const url = await store.downloadUrl(files.exports + name, DOWNLOAD_SECONDS);
          return { name: name.slice(name.lastIndexOf('/') + 1), lines, bytes, url, expiresAt };
        });
      return ok(listAnswer({ data: await Promise.all(shown), ...rest }));
    },
  }),
];
