import * as z from 'zod';
import { planPublication, readPlan } from '../../app/catalog/plan-publication.ts';
import type { StoredPlan } from '../../app/catalog/ports.ts';
import { Choice, Moves } from '../../domain/journeys/plans/moves.ts';
import { Id } from '../../kernel/schema.ts';
import { formatInstant } from '../../kernel/time.ts';
import { ok, type Route, route } from '../route.ts';
import { DraftEtag, Finding, IdParams, Timestamp } from '../schemas.ts';

const tag = 'Journeys';

export const PlanId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}\.[A-Za-z0-9_-]{1,64}$/, 'journey, a dot, and what POST …/plans gave it')
  .meta({ id: 'PlanId', description: 'journey, a dot, and what POST …/plans gave it' });

const Plan = z
  .object({
    id: z.string(),
    journey: z.string(),
    draftEtag: z.string(),
    version: z.int().meta({ description: 'that the draft would become' }),
    moves: Moves,
    publishable: z.boolean(),
    findings: z.array(Finding),
    from: z
      .array(
        z.object({
          version: z.int(),
          inside: z.int().meta({ description: 'by live counters' }),
          journey: z.array(z.string()).meta({ description: 'words of the journey that differ, its steps left out' }),
          steps: z.array(
            z.object({
              step: z.string(),
              change: z.enum(['added', 'removed', 'changed', 'unchanged']),
              fields: z.array(z.string()).optional().meta({ description: 'of a changed step: which words differ' }),
              maybe: z.string().optional().meta({ description: 'of a removed step: an added one that does the same' }),
              inside: z.int().optional().meta({ description: 'who stands there, by live counters' }),
              choice: Choice.optional(),
            }),
          ),
        }),
      )
      .meta({ description: 'older versions with people inside, newest first' }),
    approximate: z.literal(true).meta({ description: 'people are counted by live counters, which are at least once' }),
    at: Timestamp,
    by: z.string(),
    expiresAt: Timestamp,
    applied: Timestamp.nullable().meta({ description: 'when it was' }),
  })
  .meta({ id: 'Plan' });

const shown = ({ at, expiresAt, applied, ...plan }: StoredPlan) => ({
  ...plan,
  approximate: true,
  at: formatInstant(at),
  expiresAt: formatInstant(expiresAt),
  applied: applied === undefined ? null : formatInstant(applied),
});

export const planRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/journeys/{id}/plans',
    scope: 'journeys:write',
    tag,
    summary: 'Says what publishing the draft would do to people in flight',
    description:
      'How the draft differs from each version that people are in, step by step, who stands where, and what `moves` makes of them: they stay (the default), go to a step of the new version, or leave. Nobody is moved until the plan is published with …/publish, and then exactly by it. It lives for 7 days, and no longer than the draft stays as it is and nothing else is published.',
    params: IdParams,
    body: z.strictObject({ draftEtag: DraftEtag, moves: Moves.exactOptional() }),
    bodyCode: 'plan',
    answers: {
      201: { description: 'the plan', schema: Plan },
      409: { description: 'there is no draft' },
      412: { description: 'the draft is another one than draftEtag' },
      422: { description: 'the moves name steps or versions that are not there' },
    },
    async handle({ params, body, actor, commandId }, ports) {
      const wanted = { draftEtag: body.draftEtag, moves: body.moves ?? {} };
      const plan = await planPublication(ports, params.id, wanted, commandId, actor);
      const location = `/v1/journeys/${plan.journey}/plans/${plan.id}`;
      return { status: 201, headers: { location }, body: shown(plan) };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/journeys/{id}/plans/{planId}',
    scope: 'journeys:read',
    tag,
    summary: 'Reads a publish plan',
    description: 'As it was made. One that was applied stays readable: reasons name it.',
    params: z.strictObject({ id: Id, planId: PlanId }),
    answers: { 200: { description: 'the plan', schema: Plan } },
    async handle({ params }, ports) {
      return ok(shown(await readPlan(ports.catalog, params.id, params.planId)));
    },
  }),
];
