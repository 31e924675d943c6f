import * as z from 'zod';
import { readLiveDocument } from '../../app/catalog/live-documents.ts';
import { removeComputedTrait, saveComputedTrait } from '../../app/catalog/save-computed-trait.ts';
import { ComputedTrait } from '../../domain/computed-traits/computed-trait.ts';
import { DOCUMENT_LIMITS } from '../../kernel/document-guard.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import { etagHeader, noContent, ok, type Route, route } from '../route.ts';
import { IdParams } from '../schemas.ts';
import { requireSameId } from './journeys.ts';
import { LiveSummary, liveSummary } from './settings.ts';

const tag = 'Computed traits';

export const computedTraitRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/computed-traits',
    scope: 'computed-traits:read',
    tag,
    summary: 'Lists computed traits by id',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'a page', schema: listOf(LiveSummary.extend({ removed: z.boolean() })) } },
    async handle({ query }, ports) {
      const page = await ports.catalog.listHeads('computed-trait', readPage(query));
      return ok(listAnswer(page, (head) => ({ ...liveSummary(head), removed: head.state === 'removed' })));
    },
  }),
  route({
    method: 'GET',
    path: '/v1/computed-traits/{id}',
    scope: 'computed-traits:read',
    tag,
    summary: 'Reads a computed trait',
    params: IdParams,
    answers: { 200: { description: 'the document', schema: ComputedTrait } },
    async handle({ params }, ports) {
      const { found } = await readLiveDocument(ports.catalog, 'computed-trait', params.id);
      return ok(found.document, etagHeader(found.etag));
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/computed-traits/{id}',
    scope: 'computed-traits:write',
    tag,
    summary: 'Saves a computed trait; it is computed at once, and a job counts it back from the journal',
    params: IdParams,
    body: ComputedTrait,
    bodyCode: 'computed-trait',
    bodyLimits: DOCUMENT_LIMITS,
    secondPerson: 'computed-trait',
    preconditions: 'required',
    answers: {
      200: { description: 'replaced', schema: LiveSummary },
      201: { description: 'created', schema: LiveSummary },
      409: { description: 'something uses what it does not compute any more: `errors` names what' },
      422: { description: 'it cannot be computed, or another one has its name' },
    },
    async handle({ params, body, expected, actor }, ports) {
      requireSameId(params.id, body.id, 'computed-trait');
      const { head, created } = await saveComputedTrait(ports, body, expected!, actor);
      return { status: created ? 201 : 200, headers: etagHeader(head.etag), body: liveSummary(head) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/computed-traits/{id}',
    scope: 'computed-traits:write',
    tag,
    summary: 'Removes a computed trait',
    params: IdParams,
    secondPerson: 'computed-trait',
    preconditions: 'optional',
    answers: { 204: { description: 'gone' }, 409: { description: 'something uses it: `errors` names what' } },
    async handle({ params, expected, actor }, ports) {
      await removeComputedTrait(ports, params.id, expected, actor);
      return noContent;
    },
  }),
];
