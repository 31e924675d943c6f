import * as z from 'zod';
import { readLiveDocument } from '../../app/catalog/live-documents.ts';
import { removeBlock, saveBlock } from '../../app/catalog/save-block.ts';
import { Block } from '../../domain/messaging/block.ts';
import { DOCUMENT_LIMITS } from '../../kernel/document-guard.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import { etagHeader, noContent, ok, type Route, route } from '../route.ts';
import { IdParams } from '../schemas.ts';
import { requireSameId } from './journeys.ts';
import { LiveSummary, liveSummary } from './settings.ts';

const tag = 'Blocks';

const Saved = LiveSummary.extend({
  usedBy: z.array(
    z.object({
      template: z.string(),
      version: z.int().meta({ description: 'that is live' }),
      current: z.boolean().meta({ description: 'it has this content of the block; false: it has an older one' }),
      refused: z.string().exactOptional().meta({ description: 'why it could not be saved anew: republish again' }),
    }),
  ),
}).meta({ id: 'SavedBlock' });

export const blockRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/blocks',
    scope: 'templates:read',
    tag,
    summary: 'Lists blocks by id',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'a page', schema: listOf(LiveSummary.extend({ removed: z.boolean() })) } },
    async handle({ query }, ports) {
      const page = await ports.catalog.listHeads('block', readPage(query));
      return ok(listAnswer(page, (head) => ({ ...liveSummary(head), removed: head.state === 'removed' })));
    },
  }),
  route({
    method: 'GET',
    path: '/v1/blocks/{id}',
    scope: 'templates:read',
    tag,
    summary: 'Reads a block',
    params: IdParams,
    answers: { 200: { description: 'the document', schema: Block } },
    async handle({ params }, ports) {
      const { found } = await readLiveDocument(ports.catalog, 'block', params.id);
      return ok(found.document, etagHeader(found.etag));
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/blocks/{id}',
    scope: 'templates:write',
    tag,
    summary: 'Saves a block, and says which templates use it',
    description:
      'Templates keep what the block was when they were saved. With republish=true those that use it are saved anew, once all of them are sound with it; the same document again republishes too.',
    params: IdParams,
    query: z.strictObject({ republish: z.enum(['true', 'false']).exactOptional() }),
    body: Block,
    bodyCode: 'block',
    bodyLimits: DOCUMENT_LIMITS,
    secondPerson: 'block',
    preconditions: 'required',
    answers: {
      200: { description: 'replaced', schema: Saved },
      201: { description: 'created', schema: Saved },
      422: { description: 'it is not sound, or a template would not be with it' },
    },
    async handle({ params, query, body, expected, actor }, ports) {
      requireSameId(params.id, body.id, 'block');
      const { head, created, usedBy } = await saveBlock(
        ports.catalog,
        body,
        expected!,
        actor,
        query.republish === 'true',
      );
      return { status: created ? 201 : 200, headers: etagHeader(head.etag), body: { ...liveSummary(head), usedBy } };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/blocks/{id}',
    scope: 'templates:write',
    tag,
    summary: 'Removes a block',
    params: IdParams,
    secondPerson: 'block',
    preconditions: 'optional',
    answers: { 204: { description: 'gone' }, 409: { description: 'templates or blocks use it: `errors` names them' } },
    async handle({ params, expected, actor }, ports) {
      await removeBlock(ports.catalog, params.id, expected, actor);
      return noContent;
    },
  }),
];
