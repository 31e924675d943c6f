import * as z from 'zod';
import { findProposal, PROPOSAL_LIVES_MS, type Proposed } from '../../app/access/proposals.ts';
import { formatInstant } from '../../kernel/time.ts';
import { ok, type Route, route } from '../route.ts';
import { Timestamp } from '../schemas.ts';

const tag = 'Approvals';

const Approved = z.object({ who: z.string(), at: Timestamp, note: z.string().nullable() });
const Summary = z
  .object({
    id: z.string(),
    what: z.string().meta({ description: '`template welcome`, `policy`, `broadcast`' }),
    method: z.string(),
    path: z.string(),
    who: z.string(),
    at: Timestamp,
    expiresAt: Timestamp,
    approvals: z.array(Approved),
  })
  .meta({ id: 'ProposalSummary' });
const Proposal = Summary.extend({
  body: z.unknown().meta({ description: 'as it would be saved; of a list of customers how many they are' }),
}).meta({ id: 'Proposal' });

function summary({ proposal: { body: _, ...proposal }, approvals }: Proposed) {
  return {
    ...proposal,
    at: formatInstant(proposal.at),
    expiresAt: formatInstant(proposal.expiresAt),
    approvals: approvals.map(({ who, at, note }) => ({ who, at: formatInstant(at), note: note ?? null })),
  };
}

const ProposalParams = z.strictObject({ id: z.string().regex(/^p-[A-Za-z0-9_-]{22}$/) });

/** Where the configuration says `approval: 'second-person-everywhere'`; else there are none. */
export const proposalRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/proposals',
    scope: 'journeys:read',
    tag,
    summary: 'Lists changes of what is sent that somebody asked for, newest first; kept for 14 days',
    answers: { 200: { description: 'proposals', schema: z.object({ data: z.array(Summary) }) } },
    async handle({ now }, ports) {
      return ok({ data: (await ports.proposals.list(now)).map(summary) });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/proposals/{id}',
    scope: 'journeys:read',
    tag,
    summary: 'What a proposal would do',
    params: ProposalParams,
    answers: { 200: { description: 'with its body', schema: Proposal } },
    async handle({ params, now }, ports) {
      const found = await findProposal(params.id, ports.proposals, now);
      return ok({ ...summary(found), body: found.proposal.body ?? null });
    },
  }),
  route({
    method: 'POST',
    path: '/v1/proposals/{id}/approvals',
    scope: 'journeys:approve',
    tag,
    summary: 'Approves a proposal, for somebody else to carry out',
    description:
      'Nothing is changed by it: whoever asked asks again, within 14 days. It is of this request and of no other.',
    params: ProposalParams,
    body: z.strictObject({ note: z.string().min(1).max(500).exactOptional() }),
    bodyCode: 'approval',
    answers: { 201: { description: 'approved', schema: Summary } },
    async handle({ params, body, principal, now }, ports) {
      const { proposal } = await findProposal(params.id, ports.proposals, now);
      const approval = { proposal: proposal.id, who: principal.id, at: now, expiresAt: now + PROPOSAL_LIVES_MS };
      await ports.proposals.approve({ ...approval, ...body });
      const approved = await findProposal(params.id, ports.proposals, now);
      return { status: 201, body: summary(approved), noted: { what: proposal.what } };
    },
  }),
];
