import * as z from 'zod';
import { personalQuestion, requireNothingPersonal } from '../../app/access/personal-questions.ts';
import { readJourney } from '../../app/catalog/journey-lifecycle.ts';
import { simulateLive } from '../../app/scans/simulate-live.ts';
import { Behaviour } from '../../simulation/behaviour.ts';
import { MadeEvents } from '../../simulation/population.ts';
import { type Route, route } from '../route.ts';
import { IdParams } from '../schemas.ts';
import { JobDocument, showJob } from './jobs.ts';

const MAX_SAMPLE = 10_000;
const MAX_DAYS = 366;

const Request = z
  .strictObject({
    version: z
      .union([z.enum(['draft', 'live']), z.int().min(1)])
      .exactOptional()
      .meta({ description: 'of the journey; absent: the draft when there is one, else what is live' }),
    sample: z.int().min(1).max(MAX_SAMPLE).default(1_000).meta({ description: 'at most so many customers' }),
    days: z.number().positive().max(MAX_DAYS),
    seed: z.union([z.number(), z.string().max(200)]).default(1),
    population: z
      .strictObject({ events: MadeEvents })
      .exactOptional()
      .meta({ description: 'what they do meanwhile; when absent, nothing' }),
    behaviour: Behaviour.exactOptional().meta({ description: 'what comes of messages' }),
  })
  .meta({ id: 'SimulationRequest' });

export const simulationRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/journeys/{id}/simulations',
    scope: 'journeys:read',
    tag: 'Journeys',
    summary: 'Simulates a journey with people who are there now',
    description:
      'A sample of live profiles lives on from its real state, beside everything else that is live. Nothing is sent and nothing is changed. The result of the job is that of `simulate`, without lives: figures only. Limits that customers share hold nobody back; `sharedLimitsIgnored` names the journeys that have some.',
    params: IdParams,
    body: Request,
    bodyCode: 'simulation',
    bodyLimits: { depth: 20, bytes: 64 * 1024 },
    idempotency: 'required',
    answers: {
      202: { description: 'the job; `location` says where to look', schema: JobDocument },
      422: { description: 'lint found errors' },
    },
    async handle({ params, body, principal, actor, commandId }, ports) {
      const { version = 'current' as const, sample, days, seed, population, behaviour = {} } = body;
      await requireNothingPersonal(principal, async () => {
        const { found } = await readJourney(ports.catalog, params.id, version);
        return personalQuestion(found.document, ports);
      });
      const asked = { version, sample, days, seed: String(seed), events: population?.events ?? [], behaviour };
      const job = await simulateLive(ports, params.id, asked, commandId, actor);
      return { status: 202, headers: { location: `/v1/jobs/${job.id}` }, body: await showJob(job, ports.jobs) };
    },
  }),
];
