import * as z from 'zod';
import { readTestRun, startTestRun, type TestReport, tellTestRun } from '../../app/test-runs.ts';
import { Id } from '../../kernel/schema.ts';
import { formatInstant } from '../../kernel/time.ts';
import { ok, type Route, route } from '../route.ts';
import { CustomerId, IdParams, IdType, JsonObject, TestRecipient, VersionNumber } from '../schemas.ts';
import { showMessage } from './messages.ts';

const tag = 'Test runs';

const RunId = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/);
const RunParams = z.strictObject({ id: Id, run: RunId });
const EventName = z.string().min(1).max(200);
const Version = z.union([z.enum(['draft', 'live']), VersionNumber, z.int().min(1).max(999_999_999)]);

const Request = z
  .strictObject({
    profile: CustomerId.exactOptional().meta({ description: 'whose copy the test begins with' }),
    idType: IdType.exactOptional(),
    traits: JsonObject.exactOptional().meta({ description: 'on top of the copy, or instead of one' }),
    sendTo: TestRecipient.meta({
      description:
        'gets every mail, or, as a phone number, every text message, or, as `push:<token>`, every push notification; `testRecipients` of the policy must allow it',
    }),
    speed: z
      .int()
      .min(1)
      .max(100_000)
      .exactOptional()
      .meta({ description: 'how much faster time passes; 1 when absent' }),
    version: Version.exactOptional().meta({ description: 'the draft, when there is one, else what is live' }),
    event: z
      .strictObject({ event: EventName, properties: JsonObject.exactOptional() })
      .exactOptional()
      .meta({ description: 'enters by this event, with all filters' }),
    properties: JsonObject.exactOptional().meta({ description: 'without `event`: enters as if enrolled with these' }),
  })
  .meta({ id: 'TestRunRequest' });

/** A draft has no number that anybody else knows. */
const showVersion = (version: number) => (version < 0 ? 'draft' : version);

function showTestRun(run: string, { test, at, state, inside, way, messages, complete }: TestReport) {
  return {
    id: run,
    journey: test.journey,
    version: test.version === undefined ? null : showVersion(test.version),
    sendTo: test.sendTo,
    speed: test.speed,
    startedAt: formatInstant(test.startedAt),
    state,
    at: formatInstant(at),
    inside: inside.map(({ step, stand, since, due }) => ({
      step,
      stand,
      since: formatInstant(since),
      due: due === undefined ? null : formatInstant(due),
    })),
    way: way.map(({ at: then, cause, reason: { version, ...reason } }) => ({
      at: formatInstant(then),
      cause,
      ...reason,
      ...(version !== undefined && { version: showVersion(version) }),
    })),
    messages: messages.map((message) => {
      const shown = showMessage(message);
      return { ...shown, version: shown.version === null ? null : showVersion(shown.version) };
    }),
    complete,
  };
}

export const testRunRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/journeys/{id}/test-runs',
    scope: 'journeys:test',
    tag,
    summary: 'Lets a copy of a customer walk through a journey, with shorter waits and the mail going to you',
    description:
      'Consent, caps and hours are decided as for the customer. Nothing that happens touches the customer or a counter. Endpoints are called at their `test` address, or not at all. Everything of a test is gone after a week.',
    params: IdParams,
    body: Request,
    bodyCode: 'test-run',
    answers: {
      202: { description: 'in the mailbox of the test; it begins in a moment' },
      422: { description: 'lint found errors, or the address is not allowed' },
    },
    async handle({ params, body, commandId, actor }, ports) {
      const { version, speed = 1, ...request } = body;
      const isName = version === undefined || version === 'draft' || version === 'live';
      const wanted = isName ? (version ?? 'current') : Number(version);
      const tested = await startTestRun(ports, params.id, commandId, { ...request, speed, version: wanted }, actor);
      return {
        status: 202,
        headers: { location: `/v1/journeys/${params.id}/test-runs/${commandId}` },
        body: { id: commandId, journey: params.id, version: tested, sendTo: body.sendTo, speed },
      };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/journeys/{id}/test-runs/{run}',
    scope: 'journeys:test',
    tag,
    summary: 'How far a test run has come, with the reason for each turn and what became of each message',
    params: RunParams,
    answers: { 200: { description: 'times are those of the test, which is ahead of ours' } },
    handle: async ({ params }, ports) => ok(showTestRun(params.run, await readTestRun(ports, params.id, params.run))),
  }),
  route({
    method: 'POST',
    path: '/v1/journeys/{id}/test-runs/{run}/events',
    scope: 'journeys:test',
    tag,
    summary: 'Plays the customer: an event of the test run',
    params: RunParams,
    body: z.strictObject({ event: EventName, properties: JsonObject.exactOptional() }),
    bodyCode: 'test-run',
    answers: { 202: { description: 'in the mailbox of the test' } },
    async handle({ params, body, commandId }, ports) {
      await tellTestRun(ports, params.id, params.run, commandId, body.event, body.properties);
      return { status: 202, body: { id: commandId } };
    },
  }),
];
