import * as z from 'zod';
import { personalInSegment, requireNothingPersonal } from '../../app/access/personal-questions.ts';
import { readLiveDocument } from '../../app/catalog/live-documents.ts';
import { type MembersParams, membersKind } from '../../app/scans/kinds/members.ts';
import { changeList, MAX_LIST_CHANGES } from '../../app/segments/change-list.ts';
import { countMembers } from '../../app/segments/count-members.ts';
import { digest } from '../../kernel/ids.ts';
import { formatInstant, MINUTE_MS } from '../../kernel/time.ts';
import type { Ports } from '../ports.ts';
import { ok, type Route, route } from '../route.ts';
import { CustomerId, IdParams, IdType, Timestamp } from '../schemas.ts';
import { JobDocument, showJob } from './jobs.ts';

const tag = 'Segments';

const Customers = z
  .array(z.strictObject({ id: CustomerId, idType: IdType.exactOptional() }))
  .min(1)
  .max(MAX_LIST_CHANGES)
  .exactOptional();
const Result = z.object({
  change: z.enum(['join', 'leave']),
  index: z.int().meta({ description: 'in `add` or `remove`' }),
  status: z.enum(['accepted', 'refused']),
  code: z.string().optional(),
  detail: z.string().optional(),
});
const Count = z
  .object({
    members: z.int().nullable().meta({ description: 'null: only the share is known, as nobody has counted all yet' }),
    by: z.enum(['live', 'sample', 'everybody']).meta({
      description:
        '`live`: what the nightly job counted, and who has come and gone since by live counters; `sample`: the share of a sample; `everybody`: all profiles were looked at',
    }),
    between: z.array(z.int()).optional().meta({ description: 'of a sample: 95 % of such intervals hold the number' }),
    share: z.number().optional(),
    sampled: z.int().optional().meta({ description: 'people who were looked at' }),
    at: Timestamp.optional().meta({ description: 'when the nightly job began' }),
  })
  .meta({ id: 'MemberCount' });

const job = { 202: { description: 'the job; `location` says where to look', schema: JobDocument } };

export const memberRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/segments/{id}/count',
    scope: 'segments:read',
    tag,
    summary: 'How many belong to a segment: an estimate at once, or exactly by a job',
    description:
      'With `exact=true` a job looks at everybody (`result.members`); the same question within a minute is the same job. Sizes day by day: `…/sizes`.',
    params: IdParams,
    query: z.strictObject({ exact: z.enum(['true', 'false']).exactOptional() }),
    answers: { 200: { description: 'an estimate', schema: Count }, ...job },
    async handle({ params, query, principal, actor, now }, ports) {
      await requireNothingPersonal(principal, () => personalInSegment(params.id, ports));
      if (query.exact === 'true') return startMembers(ports, { segment: params.id }, now, actor.by);
      const { at, ...counted } = await countMembers(ports, params.id, now);
      // Again: it may have been saved while it was counted.
      await requireNothingPersonal(principal, () => personalInSegment(params.id, ports));
      return ok({ ...counted, ...(at !== undefined && { at: formatInstant(at) }) });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/segments/{id}/members',
    scope: 'segments:read',
    tag,
    summary: 'Who belongs to a segment, by a job',
    description:
      'The job looks at everybody; `/v1/jobs/{id}/people` lists whom it has found, with since when they belong to it where that is remembered. With `sample`, so many at most: those that the scan comes to first, who are nobody in particular. The same question within a minute is the same job.',
    params: IdParams,
    query: z.strictObject({
      sample: z
        .string()
        .regex(/^[1-9]\d{0,3}$/)
        .exactOptional()
        .meta({ description: '1 to 9,999' }),
    }),
    answers: job,
    async handle({ params, query, principal, actor, now }, ports) {
      await requireNothingPersonal(principal, () => personalInSegment(params.id, ports));
      const sample = query.sample === undefined ? {} : { sample: Number(query.sample) };
      return startMembers(ports, { segment: params.id, keep: true, ...sample }, now, actor.by);
    },
  }),
  route({
    method: 'POST',
    path: '/v1/segments/{id}/members',
    scope: 'segments:write',
    tag,
    summary: 'Puts customers on a list, and takes others off it',
    description: `At most ${MAX_LIST_CHANGES} of each. Accepted means: in the mailbox. Who is on it already stays since then.`,
    params: IdParams,
    body: z.strictObject({ add: Customers, remove: Customers }),
    bodyCode: 'members',
    answers: {
      202: { description: 'one result per customer', schema: z.object({ results: z.array(Result) }) },
      409: { description: 'this segment is a rule, and no list' },
    },
    async handle({ params, body: { add = [], remove = [] }, commandId, now }, ports) {
      const results = await changeList(ports, params.id, { add, remove }, commandId, now);
      return { status: 202, body: { results } };
    },
  }),
];

async function startMembers(ports: Ports, asked: Omit<MembersParams, 'epoch'>, now: number, by: string) {
  await readLiveDocument(ports.catalog, 'segment', asked.segment);
  const params: MembersParams = { ...asked, epoch: await ports.catalog.readEpoch('newest') };
  const { segment, keep, sample } = asked;
  const name = digest(segment, keep === true ? 'keep' : '', String(sample ?? ''));
  const id = `members-${name}-${Math.floor(now / MINUTE_MS)}`;
  // A sample is what one scan of the whole table comes to first.
  const more = sample === undefined ? {} : { segments: 1 };
  const started = await ports.startScan({ id, kind: membersKind.kind, params, by, ...more });
  return { status: 202, headers: { location: `/v1/jobs/${started.id}` }, body: await showJob(started, ports.jobs) };
}
