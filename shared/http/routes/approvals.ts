import * as z from 'zod';
import type { Approval } from '../../app/access/approvals.ts';
import { requireSound } from '../../app/catalog/check-journey.ts';
import { readDraftAsSeen } from '../../app/catalog/plan-publication.ts';
import { formatInstant } from '../../kernel/time.ts';
import { ok, type Route, route } from '../route.ts';
import { DraftEtag, IdParams, Timestamp } from '../schemas.ts';

const tag = 'Journeys';
const path = '/v1/journeys/{id}/approvals';

const ApprovalAnswer = z
  .object({
    journey: z.string(),
    draftEtag: z.string(),
    who: z.string(),
    at: Timestamp,
    note: z.string().nullable(),
  })
  .meta({ id: 'Approval' });

const show = ({ journey, draftEtag, who, at, note }: Approval) => ({
  ...{ journey, draftEtag, who, note: note ?? null },
  at: formatInstant(at),
});

export const approvalRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path,
    scope: 'journeys:approve',
    tag,
    summary: 'Approves a draft, for somebody else to publish',
    description:
      'Of the draft with this very ETag; one that is saved anew needs another approval. Asked for by `publish` where the configuration says `approval: second-person`; kept for 90 days.',
    params: IdParams,
    body: z.strictObject({ draftEtag: DraftEtag, note: z.string().min(1).max(500).exactOptional() }),
    bodyCode: 'approval',
    answers: {
      201: { description: 'approved', schema: ApprovalAnswer },
      412: { description: 'the draft is another one than draftEtag' },
      422: { description: 'lint found errors, where documents need approvals too' },
    },
    async handle({ params, body, principal, now }, ports) {
      const { draftEtag, note } = body;
      const { journey } = await readDraftAsSeen(ports.catalog, params.id, draftEtag);
      // What it names and is not there could be made afterwards, without anybody's approval.
      if (ports.approval === 'second-person-everywhere') await requireSound(ports, journey, now);
      const approval = {
        journey: params.id,
        draftEtag,
        who: principal.id,
        at: now,
        ...(note !== undefined && { note }),
      };
      await ports.approvals.approve(approval);
      return { status: 201, body: show(approval), noted: { draftEtag } };
    },
  }),
  route({
    method: 'GET',
    path,
    scope: 'journeys:read',
    tag,
    summary: 'Who has approved a draft',
    params: IdParams,
    query: z.strictObject({ draftEtag: DraftEtag }),
    answers: { 200: { description: 'approvals', schema: z.object({ data: z.array(ApprovalAnswer) }) } },
    async handle({ params, query }, ports) {
      return ok({ data: (await ports.approvals.list(params.id, query.draftEtag)).map(show) });
    },
  }),
];
