import * as z from 'zod';
import { removeCollection, saveCollection } from '../../app/catalog/collections.ts';
import { readLiveDocument } from '../../app/catalog/live-documents.ts';
import { isExpired, type StoredItem } from '../../app/collections/items.ts';
import { type GivenItem, requireCollection, saveItem, saveItems } from '../../app/collections/save-items.ts';
import { Collection, collectionLimits } from '../../domain/messaging/collection.ts';
import { ITEM_ID_LIMIT, isItemId } from '../../domain/messaging/collection-item.ts';
import { DOCUMENT_LIMITS } from '../../kernel/document-guard.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { IssueParams } from '../../kernel/schema.ts';
import { formatInstant, parseInstant } from '../../kernel/time.ts';
import { alsoByQuery } from '../by-query.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import { etagHeader, noContent, ok, type Route, route } from '../route.ts';
import { Finding, IdParams, JsonObject, Timestamp } from '../schemas.ts';
import { JobDocument, showJob } from './jobs.ts';
import { requireSameId } from './journeys.ts';
import { LiveSummary, liveSummary } from './settings.ts';

const tag = 'Collections';
const items = '/v1/collections/{id}/items';

const ItemId = z
  .string()
  .refine(isItemId, { params: { code: 'id', limit: ITEM_ID_LIMIT } satisfies IssueParams })
  .meta({ id: 'ItemId', description: ITEM_ID_LIMIT });
const ItemParams = z.strictObject({ ...IdParams.shape, item: ItemId });

const written = {
  values: JsonObject.meta({
    description: `of the collection's fields; at most ${collectionLimits.itemBytes} bytes of JSON`,
  }),
  expiresAt: Timestamp.exactOptional().meta({ description: 'from then on it is not there' }),
};
const ItemBody = z.strictObject(written).meta({ id: 'CollectionItemRequest' });
const ShownItem = z.object({ id: z.string(), ...written, savedAt: Timestamp }).meta({ id: 'CollectionItem' });
/** Looser than one by itself: what is wrong with one is said of that one. */
const BatchItem = z.strictObject({ id: z.string().max(1_024), ...written }).meta({ id: 'CollectionBatchItem' });
const BatchResult = z.object({
  index: z.int(),
  id: z.string(),
  status: z.enum(['saved', 'refused']),
  errors: z.array(Finding).exactOptional(),
});

const readTimes = <T extends { readonly expiresAt?: string }>({ expiresAt, ...rest }: T) => ({
  ...rest,
  ...(expiresAt !== undefined && { expiresAt: parseInstant(expiresAt)! }),
});

const show = ({ id, values, savedAt, expiresAt }: StoredItem) => ({
  ...{ id, values, savedAt: formatInstant(savedAt) },
  ...(expiresAt !== undefined && { expiresAt: formatInstant(expiresAt) }),
});

const documents: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/collections',
    scope: 'collections:read',
    tag,
    summary: 'Lists collections by id',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'a page', schema: listOf(LiveSummary.extend({ removed: z.boolean() })) } },
    async handle({ query }, ports) {
      const page = await ports.catalog.listHeads('collection', readPage(query));
      return ok(listAnswer(page, (head) => ({ ...liveSummary(head), removed: head.state === 'removed' })));
    },
  }),
  route({
    method: 'GET',
    path: '/v1/collections/{id}',
    scope: 'collections:read',
    tag,
    summary: 'Reads a collection: which fields its items have',
    params: IdParams,
    answers: { 200: { description: 'the document', schema: Collection } },
    async handle({ params }, ports) {
      const { found } = await readLiveDocument(ports.catalog, 'collection', params.id);
      return ok(found.document, etagHeader(found.etag));
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/collections/{id}',
    scope: 'collections:write',
    tag,
    summary: 'Saves a collection',
    description:
      'Once there are items, fields may be added and become optional, and nothing else: what items hold must stay true.',
    params: IdParams,
    body: Collection,
    bodyCode: 'collection',
    bodyLimits: DOCUMENT_LIMITS,
    secondPerson: 'collection',
    preconditions: 'required',
    answers: {
      200: { description: 'replaced', schema: LiveSummary },
      201: { description: 'created', schema: LiveSummary },
      409: { description: 'items or templates would not be sound with it: `errors` says which and why' },
    },
    async handle({ params, body, expected, actor }, ports) {
      requireSameId(params.id, body.id, 'collection');
      const { head, created } = await saveCollection(ports, body, expected!, actor);
      return { status: created ? 201 : 200, headers: etagHeader(head.etag), body: liveSummary(head) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/collections/{id}',
    scope: 'collections:write',
    tag,
    summary: 'Removes a collection; a job deletes its items',
    params: IdParams,
    secondPerson: 'collection',
    preconditions: 'optional',
    answers: {
      202: { description: 'gone; `location` is the job that deletes its items', schema: JobDocument },
      409: { description: 'templates use it, live or pinned by a journey: `errors` names them' },
    },
    async handle({ params, expected, actor }, ports) {
      const id = await removeCollection(ports, params.id, expected, actor);
      const job = (await ports.jobs.read(id))!;
      return { status: 202, headers: { location: `/v1/jobs/${id}` }, body: await showJob(job, ports.jobs) };
    },
  }),
];

const ofItems: readonly Route[] = [
  route({
    method: 'GET',
    path: items,
    scope: 'collections:read',
    tag,
    summary: 'Lists items by id',
    params: IdParams,
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'a page; those that have expired are left out', schema: listOf(ShownItem) } },
    async handle({ params, query, now }, ports) {
      await requireCollection(ports.catalog, params.id);
      const page = await ports.items.list(params.id, readPage(query));
      return ok(listAnswer({ ...page, data: page.data.filter((one) => !isExpired(one, now)) }, show));
    },
  }),
  route({
    method: 'POST',
    path: items,
    scope: 'collections:write',
    tag,
    summary: `Saves up to ${collectionLimits.batch} items`,
    description: 'Each in the place of what is there. One that is wrong costs no other one: the answer says of each.',
    params: IdParams,
    body: z.strictObject({ items: z.array(BatchItem).min(1).max(collectionLimits.batch) }),
    bodyCode: 'items',
    bodyLimits: { ...DOCUMENT_LIMITS, bytes: 1_000_000 },
    answers: {
      200: { description: 'one result per index', schema: z.object({ results: z.array(BatchResult) }) },
    },
    async handle({ params, body, now }, ports) {
      const given = body.items.map((one) => readTimes(one) as GivenItem);
      return ok({ results: await saveItems(ports, params.id, given, now) });
    },
  }),
  ...alsoByQuery(
    [
      route({
        method: 'GET',
        path: `${items}/{item}`,
        scope: 'collections:read',
        tag,
        summary: 'Reads an item',
        params: ItemParams,
        answers: { 200: { description: 'as it is now', schema: ShownItem } },
        async handle({ params, now }, ports) {
          const [found] = await ports.items.read([{ collection: params.id, id: params.item }]);
          if (found === undefined || isExpired(found, now)) throw noItem(params.id);
          return ok(show(found));
        },
      }),
      route({
        method: 'PUT',
        path: `${items}/{item}`,
        scope: 'collections:write',
        tag,
        summary: 'Saves an item, in the place of what is there',
        description: 'Messages show it within 30 seconds.',
        params: ItemParams,
        body: ItemBody,
        bodyCode: 'item',
        answers: {
          204: { description: 'saved' },
          422: { description: 'a field is missing, unknown or of another type' },
        },
        async handle({ params, body, now }, ports) {
          await saveItem(ports, params.id, { id: params.item, ...readTimes(body) }, now);
          return noContent;
        },
      }),
      route({
        method: 'DELETE',
        path: `${items}/{item}`,
        scope: 'collections:write',
        tag,
        summary: 'Deletes an item',
        params: ItemParams,
        answers: { 204: { description: 'gone' } },
        async handle({ params }, ports) {
          if (!(await ports.items.remove({ collection: params.id, id: params.item }))) throw noItem(params.id);
          return noContent;
        },
      }),
    ],
    'item',
  ),
];

const noItem = (collection: string) => new NotFound('item.not-found', `there is no such item in ${collection}`);

export const collectionRoutes: readonly Route[] = [...documents, ...ofItems];
