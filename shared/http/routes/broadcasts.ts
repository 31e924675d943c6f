import * as z from 'zod';
import { broadcastProgress, changeBroadcast, findBroadcast } from '../../app/broadcasts/change-broadcast.ts';
import { createBroadcast, MAX_LIST, MAX_PER_MINUTE } from '../../app/broadcasts/create-broadcast.ts';
import type { Job } from '../../app/scans/job.ts';
import type { BroadcastParams } from '../../app/scans/kinds/broadcast.ts';
import { Predicate } from '../../domain/audiences/predicate.ts';
import { InvalidInput } from '../../kernel/errors.ts';
import { Id, Instant } from '../../kernel/schema.ts';
import { formatInstant, parseInstant } from '../../kernel/time.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import { ok, type Route, route } from '../route.ts';
import { CustomerId, IdType, JsonObject, Timestamp } from '../schemas.ts';
import { JobParams, JobState } from './jobs.ts';

const tag = 'Broadcasts';

const PerMinute = z.int().min(1).max(MAX_PER_MINUTE).meta({ description: 'customers per minute; 6,000 when absent' });
const Request = z
  .strictObject({
    id: Id.exactOptional(),
    journey: Id.exactOptional(),
    template: z.string().min(1).max(80).exactOptional(),
    topic: Id.exactOptional().meta({ description: 'of a template: what the message is about' }),
    segment: Id.exactOptional().meta({ description: 'its members; with `where`, those for whom that holds too' }),
    where: Predicate.exactOptional(),
    list: z
      .array(z.strictObject({ id: CustomerId, idType: IdType.exactOptional() }))
      .min(1)
      .max(MAX_LIST)
      .exactOptional(),
    properties: JsonObject.exactOptional(),
    at: Instant.exactOptional(),
    perMinute: PerMinute.exactOptional(),
  })
  .meta({ id: 'BroadcastRequest' });
const Summary = z
  .object({
    id: z.string(),
    state: JobState,
    journey: z.string(),
    template: z.string().optional(),
    topic: z.string().optional(),
    where: z.unknown().optional(),
    list: z.int().optional().meta({ description: 'how many customers it names' }),
    perMinute: z.int(),
    at: Timestamp.meta({ description: 'when it begins' }),
    by: z.string(),
    error: z.string().optional(),
    reason: z.string().optional().meta({ description: 'why it was skipped' }),
    occurrence: Timestamp.optional().meta({ description: 'of a journey with an entry on schedule: which one it is' }),
  })
  .meta({ id: 'BroadcastSummary' });
const Broadcast = Summary.extend({
  progress: z.object({
    scanned: z.int(),
    told: z.int().meta({ description: 'whose mailbox has it' }),
    noMatch: z.int().meta({ description: 'for whom `where` did not hold when the scan came by' }),
    entered: z.int().meta({ description: 'by live counters, so approximate, as `refused`' }),
    refused: z.record(z.string(), z.int()).meta({ description: 'by the code of the reason' }),
  }),
}).meta({ id: 'Broadcast' });

function summary({ id, state, params, perMinute, begin, by, error, reason }: Job) {
  const { journey, template, topic, where, list, occurrence } = params as unknown as BroadcastParams;
  return {
    ...{ id, state, journey, template, topic, where, perMinute, by, error, reason },
    ...(occurrence !== undefined && { occurrence: formatInstant(occurrence) }),
    ...(list !== undefined && { list: list.length }),
    at: formatInstant(begin),
  };
}

/** What a schema cannot say: which fields stand together. */
function requireOne(body: z.infer<typeof Request>): void {
  const refuse = (pointer: string, code: string, detail: string, fix: string) => {
    throw new InvalidInput(code, detail, [{ pointer, code, detail, fix }], 'invalid');
  };
  if ((body.journey === undefined) === (body.template === undefined))
    refuse('', 'broadcast.content', 'a broadcast has either a journey or a template', 'name one of them');
  if ((body.template === undefined) !== (body.topic === undefined))
    refuse(
      '/topic',
      'broadcast.topic',
      'a template has a topic, a journey has its own',
      'name it with the template only',
    );
  if (body.template !== undefined && body.properties !== undefined)
    refuse('/properties', 'broadcast.properties', 'a template takes its values from profiles', 'leave them out');
}

export const broadcastRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/broadcasts',
    scope: 'journeys:enroll',
    tag,
    summary: 'Sends a journey or one template to many customers, once to each',
    description:
      'To the members of a `segment`, to everybody for whom `where` holds, to those on a `list`, or to all. `where` is asked when the scan comes by and again when the customer is decided. Messages pass consent, caps and quiet hours as those of journeys do.',
    body: Request,
    bodyCode: 'broadcast',
    idempotency: 'required',
    secondPerson: 'broadcast',
    answers: { 202: { description: 'it began, or will; `location` says where to look', schema: Summary } },
    async handle({ body, actor, commandId }, ports) {
      requireOne(body);
      const { at, ...rest } = body;
      const begin = at === undefined ? undefined : parseInstant(at);
      const request = { ...rest, id: body.id ?? commandId, ...(begin !== undefined && { begin }) };
      const job = await createBroadcast(ports, request, actor);
      return { status: 202, headers: { location: `/v1/broadcasts/${job.id}` }, body: summary(job) };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/broadcasts',
    scope: 'journeys:read',
    tag,
    summary: 'Lists broadcasts, newest first; kept for 90 days',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'a page', schema: listOf(Summary) } },
    handle: async ({ query }, ports) => ok(listAnswer(await ports.jobs.list(readPage(query), 'broadcast'), summary)),
  }),
  route({
    method: 'GET',
    path: '/v1/broadcasts/{id}',
    scope: 'journeys:read',
    tag,
    summary: 'How far a broadcast has come',
    params: JobParams,
    answers: { 200: { description: 'the broadcast', schema: Broadcast } },
    async handle({ params }, ports) {
      const job = await findBroadcast(ports.jobs, params.id);
      return ok({ ...summary(job), progress: await broadcastProgress(ports, job) });
    },
  }),
  route({
    method: 'PATCH',
    path: '/v1/broadcasts/{id}',
    scope: 'journeys:enroll',
    tag,
    summary: 'Stops a broadcast, lets it go on, or changes its pace',
    description:
      'A stop is seen before the next page. Who was told already may still be sent the message: pause the journey for that. A broadcast that goes on begins where it stood.',
    params: JobParams,
    body: z.strictObject({
      state: z.enum(['stopped', 'running']).exactOptional(),
      perMinute: PerMinute.exactOptional(),
    }),
    bodyCode: 'broadcast',
    answers: { 200: { description: 'as it is now', schema: Broadcast }, 409: { description: 'it is over' } },
    async handle({ params, body, now }, ports) {
      const job = await changeBroadcast({ jobs: ports.jobs, machine: ports.scanMachine }, params.id, body, now);
      return ok({ ...summary(job), progress: await broadcastProgress(ports, job) });
    },
  }),
];
