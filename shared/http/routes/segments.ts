import * as z from 'zod';
import { readLiveDocument } from '../../app/catalog/live-documents.ts';
import { removeSegment, saveSegment } from '../../app/catalog/save-segment.ts';
import { Segment } from '../../domain/audiences/segment.ts';
import { DOCUMENT_LIMITS } from '../../kernel/document-guard.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import { etagHeader, noContent, ok, type Route, route } from '../route.ts';
import { IdParams } from '../schemas.ts';
import { requireSameId } from './journeys.ts';
import { LiveSummary, liveSummary } from './settings.ts';

const tag = 'Segments';

export const segmentRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/segments',
    scope: 'segments:read',
    tag,
    summary: 'Lists segments by id',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'a page', schema: listOf(LiveSummary.extend({ removed: z.boolean() })) } },
    async handle({ query }, ports) {
      const page = await ports.catalog.listHeads('segment', readPage(query));
      return ok(listAnswer(page, (head) => ({ ...liveSummary(head), removed: head.state === 'removed' })));
    },
  }),
  route({
    method: 'GET',
    path: '/v1/segments/{id}',
    scope: 'segments:read',
    tag,
    summary: 'Reads a segment',
    params: IdParams,
    answers: { 200: { description: 'the document', schema: Segment } },
    async handle({ params }, ports) {
      const { found } = await readLiveDocument(ports.catalog, 'segment', params.id);
      return ok(found.document, etagHeader(found.etag));
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/segments/{id}',
    scope: 'segments:write',
    tag,
    summary: 'Saves a segment; it is live at once for everything that uses it',
    params: IdParams,
    body: Segment,
    bodyCode: 'segment',
    bodyLimits: DOCUMENT_LIMITS,
    secondPerson: 'segment',
    preconditions: 'required',
    answers: {
      200: { description: 'replaced', schema: LiveSummary },
      201: { description: 'created', schema: LiveSummary },
      422: { description: 'it asks what is not known of a customer, or leads back to itself' },
    },
    async handle({ params, body, expected, actor }, ports) {
      requireSameId(params.id, body.id, 'segment');
      const { head, created } = await saveSegment(ports, body, expected!, actor);
      return { status: created ? 201 : 200, headers: etagHeader(head.etag), body: liveSummary(head) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/segments/{id}',
    scope: 'segments:write',
    tag,
    summary: 'Removes a segment',
    params: IdParams,
    secondPerson: 'segment',
    preconditions: 'optional',
    answers: { 204: { description: 'gone' }, 409: { description: 'something uses it: `errors` names what' } },
    async handle({ params, expected, actor }, ports) {
      await removeSegment(ports, params.id, expected, actor);
      return noContent;
    },
  }),
];
