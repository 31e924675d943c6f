import * as z from 'zod';
import { requireApproval } from '../../app/access/approvals.ts';
import { checkJourney } from '../../app/catalog/check-journey.ts';
import { countHandedOver } from '../../app/catalog/count-journey.ts';
import { documentEtag } from '../../app/catalog/document-etag.ts';
import {
  changeJourneyState,
  deleteJourneyDraft,
  readJourney,
  readJourneyHead,
  resumeJourney,
  saveJourneyDraft,
} from '../../app/catalog/journey-lifecycle.ts';
import type { Head } from '../../app/catalog/ports.ts';
import { publishJourney } from '../../app/catalog/publish-journey.ts';
import { changingCatalog } from '../../app/scans/change-catalog.ts';
import { Journey } from '../../domain/journeys/journey.ts';
import { DOCUMENT_LIMITS } from '../../kernel/document-guard.ts';
import { InvalidInput } from '../../kernel/errors.ts';
import { oneOf } from '../../kernel/one-of.ts';
import { formatInstant } from '../../kernel/time.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import type { Ports } from '../ports.ts';
import { etagHeader, noContent, ok, type Route, route } from '../route.ts';
import { DraftEtag, Finding, IdParams, Timestamp, VersionNumber } from '../schemas.ts';
import { PlanId } from './plans.ts';

const tag = 'Journeys';
/** A switch that is thrown is seen by every container after this time at the latest (guarantee G9). */
const EFFECTIVE_WITHIN_SECONDS = 30;

const State = z.enum(['draft', 'live', 'paused', 'draining', 'stopped', 'archived']).meta({ id: 'JourneyState' });
const Summary = z
  .object({
    id: z.string(),
    name: z.string(),
    state: State,
    live: z.int().nullable().meta({ description: 'the version that is live' }),
    latest: z.int(),
    dryRun: z.boolean().meta({ description: 'the version that is live is a dry run' }),
    hasDraft: z.boolean(),
    etag: z.string(),
    changedAt: Timestamp,
    changedBy: z.string(),
  })
  .meta({ id: 'JourneySummary' });
const Switched = z.object({
  state: State,
  effectiveWithinSeconds: z.int(),
  alreadyHandedOver: z.int().meta({ description: 'at most; by live counters, what lies in a queue included' }),
});
const Version = z.union([z.enum(['draft', 'live']), VersionNumber]);

export const summary = (head: Head) => ({
  id: head.id,
  name: head.name,
  state: head.state,
  live: head.live ?? null,
  latest: head.latest,
  dryRun: head.dryRun === true,
  hasDraft: head.hasDraft,
  etag: head.etag,
  changedAt: formatInstant(head.changedAt),
  changedBy: head.changedBy,
});

export function requireSameId(pathId: string, documentId: string, kind: string): void {
  if (pathId === documentId) return;
  const problem = { pointer: '/id', code: `${kind}.id-differs`, detail: 'must be the id of the path', limit: pathId };
  throw new InvalidInput(`${kind}.id-differs`, 'the id in the document is not the one in the path', [problem]);
}

async function switched(ports: Ports, head: Head) {
  const alreadyHandedOver = await countHandedOver(ports.stats, head);
  return ok({ state: head.state, effectiveWithinSeconds: EFFECTIVE_WITHIN_SECONDS, alreadyHandedOver });
}
const switchedAnswers = { 200: { description: 'the state it is in now', schema: Switched } };

export const journeyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/journeys',
    scope: 'journeys:read',
    tag,
    summary: 'Lists journeys by id',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'a page', schema: listOf(Summary) } },
    async handle({ query }, ports) {
      return ok(listAnswer(await ports.catalog.listHeads('journey', readPage(query)), summary));
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/journeys/{id}',
    scope: 'journeys:write',
    tag,
    summary: 'Saves the draft of a journey',
    description: 'If-None-Match: * creates, If-Match replaces what you read. Nobody is decided by a draft.',
    params: IdParams,
    body: Journey,
    bodyCode: 'journey',
    bodyLimits: DOCUMENT_LIMITS,
    preconditions: 'required',
    answers: {
      200: { description: 'replaced', schema: Summary },
      201: { description: 'created', schema: Summary },
    },
    async handle({ params, body, expected, actor }, ports) {
      requireSameId(params.id, body.id, 'journey');
      const head = await saveJourneyDraft(ports.catalog, body, expected!, actor);
      const status = 'absent' in expected! ? 201 : 200;
      return {
        status,
        headers: { ...etagHeader(head.etag), location: `/v1/journeys/${head.id}` },
        body: summary(head),
      };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/journeys/{id}',
    scope: 'journeys:read',
    tag,
    summary: 'Reads the document of a journey',
    description:
      'Without `version`: the draft, when there is one, else what is live; its ETag is what PUT wants. The headers godwit-version and godwit-state say which it is.',
    params: IdParams,
    query: z.strictObject({ version: Version.exactOptional() }),
    answers: { 200: { description: 'the document as saved', schema: Journey } },
    async handle({ params, query }, ports) {
      const wanted = query.version ?? 'current';
      const isName = wanted === 'current' || wanted === 'draft' || wanted === 'live';
      const { head, version, found } = await readJourney(ports.catalog, params.id, isName ? wanted : Number(wanted));
      const headers = { 'godwit-version': String(version), 'godwit-state': head.state };
      return ok(found.document, { ...etagHeader(found.etag), ...headers });
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/journeys/{id}/draft',
    scope: 'journeys:write',
    tag,
    summary: 'Throws the draft away',
    description: 'A journey that was never published is gone with it.',
    params: IdParams,
    preconditions: 'optional',
    answers: { 204: { description: 'gone' } },
    async handle({ params, expected, actor }, ports) {
      await deleteJourneyDraft(ports.catalog, params.id, expected, actor);
      return noContent;
    },
  }),
  route({
    method: 'GET',
    path: '/v1/journeys/{id}/versions',
    scope: 'journeys:read',
    tag,
    summary: 'Lists published versions, newest first',
    params: IdParams,
    query: z.strictObject(pageQuery),
    answers: {
      200: {
        description: 'the journey and a page of its versions',
        schema: listOf(
          z.object({ version: z.int(), etag: z.string(), at: Timestamp, by: z.string(), dryRun: z.boolean() }),
        ).extend({
          journey: Summary,
        }),
      },
    },
    async handle({ params, query }, ports) {
      const head = await readJourneyHead(ports.catalog, params.id);
      const page = await ports.catalog.listVersions('journey', params.id, readPage(query));
      const list = listAnswer(page, ({ dryRun = false, ...version }) => ({
        ...version,
        at: formatInstant(version.at),
        dryRun,
      }));
      return ok({ journey: summary(head), ...list });
    },
  }),
  route({
    method: 'POST',
    path: '/v1/journeys/{id}/lint',
    scope: 'journeys:read',
    tag,
    summary: 'Says what is wrong with a journey, without publishing it',
    description: 'With a document in the body: that one. With {}: the draft, else what is live.',
    params: IdParams,
    body: oneOf([Journey, z.strictObject({})]),
    bodyCode: 'journey',
    bodyLimits: DOCUMENT_LIMITS,
    idempotency: 'none',
    answers: {
      200: {
        description: 'findings; `publishable` when no one is an error',
        schema: z.object({ publishable: z.boolean(), etag: z.string(), findings: z.array(Finding) }),
      },
    },
    async handle({ params, body, now }, ports) {
      const given = 'id' in body ? (body as Journey) : undefined;
      if (given !== undefined) requireSameId(params.id, given.id, 'journey');
      const document = given ?? ((await readJourney(ports.catalog, params.id, 'current')).found.document as Journey);
      const { errors, findings } = await checkJourney(ports, document, now);
      return ok({ publishable: errors.length === 0, etag: documentEtag(document), findings });
    },
  }),
  route({
    method: 'POST',
    path: '/v1/journeys/{id}/publish',
    scope: 'journeys:publish',
    tag,
    summary: 'Makes the draft live, as a new version',
    description:
      'Runs stay on the version they entered, unless a plan moves them: planId names one that POST …/plans has made. `inFlight` says how many are inside which version, by live counters. With dryRun, which takes no plan, it is live in all but its effects: everything is decided and recorded, nothing is sent or changed, and whoever is in it leaves when it is published for real.',
    params: IdParams,
    body: z.strictObject({
      draftEtag: DraftEtag,
      planId: PlanId.exactOptional(),
      dryRun: z.boolean().exactOptional(),
    }),
    answers: {
      200: {
        description: 'published',
        schema: z.object({
          published: z.boolean(),
          dryRun: z.boolean(),
          version: z.int(),
          state: State,
          findings: z.array(Finding),
          inFlight: z.array(z.object({ version: z.int(), inside: z.int() })),
        }),
      },
      409: { description: 'the plan is stale, expired or was applied; or nobody else has approved the draft' },
      412: { description: 'the draft is another one than draftEtag' },
      422: { description: 'lint found errors' },
    },
    async handle({ params, body, actor }, ports) {
      const { draftEtag, planId, dryRun = false } = body;
      const publication = { draftEtag, ...(planId !== undefined && { planId }), dryRun };
      // A dry run sends nothing.
      if (ports.approval !== undefined && !dryRun) {
        await requireApproval({ journey: params.id, draftEtag, by: actor.by }, ports);
      }
      const publish = () => publishJourney(ports, params.id, publication, actor);
      return ok(await changingCatalog(ports, `journey ${params.id}`, actor, publish));
    },
  }),
  route({
    method: 'POST',
    path: '/v1/journeys/{id}/pause',
    scope: 'journeys:publish',
    tag,
    summary: 'Nobody enters, nothing is sent; those inside wait',
    params: IdParams,
    body: z.strictObject({}),
    answers: switchedAnswers,
    handle: async ({ params, actor }, ports) =>
      switched(ports, await changeJourneyState(ports.catalog, params.id, 'pause', actor)),
  }),
  route({
    method: 'POST',
    path: '/v1/journeys/{id}/resume',
    scope: 'journeys:publish',
    tag,
    summary: 'Goes on after a pause',
    description:
      'Waits that ended meanwhile go on at once. `overdue: run` (default): with the messages that they lead to. `skip`: those are passed over (`message.overdue`) until the run waits again.',
    params: IdParams,
    body: z.strictObject({ overdue: z.enum(['run', 'skip']).exactOptional() }),
    answers: switchedAnswers,
    handle: async ({ params, body, actor }, ports) =>
      switched(ports, await resumeJourney(ports, params.id, body.overdue ?? 'run', actor)),
  }),
  route({
    method: 'POST',
    path: '/v1/journeys/{id}/stop',
    scope: 'journeys:publish',
    tag,
    summary: 'Ends a journey',
    description: '`drain`: nobody enters, those inside go on to their end. `now`: those inside leave.',
    params: IdParams,
    body: z.strictObject({ mode: z.enum(['drain', 'now']) }),
    answers: switchedAnswers,
    handle: async ({ params, body, actor }, ports) =>
      switched(
        ports,
        await changeJourneyState(ports.catalog, params.id, body.mode === 'now' ? 'stop' : 'drain', actor),
      ),
  }),
  route({
    method: 'POST',
    path: '/v1/journeys/{id}/archive',
    scope: 'journeys:publish',
    tag,
    summary: 'Puts a stopped journey, or a draft, away',
    params: IdParams,
    body: z.strictObject({}),
    answers: switchedAnswers,
    handle: async ({ params, actor }, ports) =>
      switched(ports, await changeJourneyState(ports.catalog, params.id, 'archive', actor)),
  }),
];
