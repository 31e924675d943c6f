import * as z from 'zod';
import {
  type LiveKind,
  readLiveDocument,
  readPolicy,
  saveLiveDocument,
  savePolicy,
} from '../../app/catalog/live-documents.ts';
import type { Head } from '../../app/catalog/ports.ts';
import { Policy } from '../../domain/messaging/policy.ts';
import { Topic } from '../../domain/messaging/topic.ts';
import { WebhookEndpoint } from '../../domain/messaging/webhook-endpoint.ts';
import { DOCUMENT_LIMITS } from '../../kernel/document-guard.ts';
import { formatInstant } from '../../kernel/time.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import { etagHeader, ok, type Route, route } from '../route.ts';
import { IdParams, Timestamp } from '../schemas.ts';
import { requireSameId } from './journeys.ts';

const tag = 'Settings';

export const LiveSummary = z
  .object({ id: z.string(), version: z.int(), etag: z.string(), changedAt: Timestamp, changedBy: z.string() })
  .meta({ id: 'DocumentSummary' });

export const liveSummary = ({ id, latest, etag, changedAt, changedBy }: Head) => ({
  id,
  version: latest,
  etag,
  changedAt: formatInstant(changedAt),
  changedBy,
});

/** List, read and save one kind of document that is live as soon as it is saved. */
function routesOf<T extends { readonly id: string }>(
  kind: Exclude<LiveKind, 'policy' | 'template'>,
  schema: z.ZodType<T>,
) {
  const path = `/v1/${kind}s`;
  return [
    route({
      method: 'GET',
      path,
      scope: 'settings:read',
      tag,
      summary: `Lists ${kind}s by id`,
      query: z.strictObject(pageQuery),
      answers: { 200: { description: 'a page', schema: listOf(LiveSummary) } },
      async handle({ query }, ports) {
        return ok(listAnswer(await ports.catalog.listHeads(kind, readPage(query)), liveSummary));
      },
    }),
    route({
      method: 'GET',
      path: `${path}/{id}`,
      scope: 'settings:read',
      tag,
      summary: `Reads one of the ${kind}s`,
      params: IdParams,
      answers: { 200: { description: 'the document', schema } },
      async handle({ params }, ports) {
        const { found } = await readLiveDocument(ports.catalog, kind, params.id);
        return ok(found.document, etagHeader(found.etag));
      },
    }),
    route({
      method: 'PUT',
      path: `${path}/{id}`,
      scope: 'settings:write',
      tag,
      summary: `Saves one of the ${kind}s; it is live at once`,
      params: IdParams,
      body: schema,
      bodyCode: kind,
      bodyLimits: DOCUMENT_LIMITS,
      secondPerson: kind,
      preconditions: 'required',
      answers: {
        200: { description: 'replaced', schema: LiveSummary },
        201: { description: 'created', schema: LiveSummary },
      },
      async handle({ params, body, expected, actor }, ports) {
        requireSameId(params.id, body.id, kind);
        const document = { id: body.id, name: body.id, document: body };
        const { head, created } = await saveLiveDocument(ports.catalog, kind, document, expected!, actor);
        return { status: created ? 201 : 200, headers: etagHeader(head.etag), body: liveSummary(head) };
      },
    }),
  ];
}

export const settingsRoutes: readonly Route[] = [
  ...routesOf('topic', Topic),
  ...routesOf('endpoint', WebhookEndpoint),
  route({
    method: 'GET',
    path: '/v1/policy',
    scope: 'settings:read',
    tag,
    summary: 'Reads the policy of the environment: zone, locale, quiet hours, caps',
    answers: { 200: { description: 'the policy that holds, also before one was saved', schema: Policy } },
    async handle(_, ports) {
      const { document, etag } = await readPolicy(ports.catalog);
      return ok(document, etagHeader(etag));
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/policy',
    scope: 'settings:write',
    tag,
    summary: 'Saves the policy; it holds at once',
    description: 'If-Match: "default" replaces the one that holds before any was saved; so does If-None-Match: *.',
    body: Policy,
    bodyCode: 'policy',
    bodyLimits: DOCUMENT_LIMITS,
    secondPerson: 'policy',
    preconditions: 'required',
    answers: {
      200: { description: 'replaced', schema: LiveSummary },
      201: { description: 'created', schema: LiveSummary },
    },
    async handle({ body, expected, actor }, ports) {
      const { head, created } = await savePolicy(ports, body, expected!, actor);
      return { status: created ? 201 : 200, headers: etagHeader(head.etag), body: liveSummary(head) };
    },
  }),
];
