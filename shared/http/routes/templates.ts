import * as z from 'zod';
import { readLiveDocument, removeTemplate } from '../../app/catalog/live-documents.ts';
import { previewTemplate, saveTemplate } from '../../app/catalog/save-template.ts';
import { startTestSend } from '../../app/test-sends.ts';
import { Block } from '../../domain/messaging/block.ts';
import { Collection } from '../../domain/messaging/collection.ts';
import { Template } from '../../domain/messaging/template.ts';
import { DOCUMENT_LIMITS } from '../../kernel/document-guard.ts';
import { Id, Locale } from '../../kernel/schema.ts';
import { formatInstant } from '../../kernel/time.ts';
import { deliveryChannels } from '../../resources.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import { etagHeader, noContent, ok, type Route, route } from '../route.ts';
import { CustomerId, IdParams, IdType, JsonObject, TestRecipient, Timestamp, VersionNumber } from '../schemas.ts';
import { requireSameId } from './journeys.ts';
import { LiveSummary, liveSummary } from './settings.ts';

const tag = 'Templates';

export const templateRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/templates',
    scope: 'templates:read',
    tag,
    summary: 'Lists templates by id',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'a page', schema: listOf(LiveSummary.extend({ removed: z.boolean() })) } },
    async handle({ query }, ports) {
      const page = await ports.catalog.listHeads('template', readPage(query));
      return ok(listAnswer(page, (head) => ({ ...liveSummary(head), removed: head.state === 'removed' })));
    },
  }),
  route({
    method: 'GET',
    path: '/v1/templates/{id}',
    scope: 'templates:read',
    tag,
    summary: 'Reads a template',
    params: IdParams,
    query: z.strictObject({ version: z.union([z.literal('live'), VersionNumber]).exactOptional() }),
    answers: { 200: { description: 'the live version, or the one asked for', schema: Template } },
    async handle({ params, query }, ports) {
      const wanted = query.version === undefined || query.version === 'live' ? undefined : Number(query.version);
      const { found } = await readLiveDocument(ports.catalog, 'template', params.id, wanted);
      return ok(found.document, { ...etagHeader(found.etag), 'godwit-version': String(found.version) });
    },
  }),
  route({
    method: 'PUT',
    path: '/v1/templates/{id}',
    scope: 'templates:write',
    tag,
    summary: 'Saves a template as a new version; it is live at once',
    description: 'MJML is compiled and every variable is checked; 422 says what is wrong.',
    params: IdParams,
    body: Template,
    bodyCode: 'template',
    bodyLimits: DOCUMENT_LIMITS,
    secondPerson: 'template',
    preconditions: 'required',
    answers: {
      200: { description: 'replaced', schema: LiveSummary },
      201: { description: 'created', schema: LiveSummary },
      422: { description: 'it does not compile, or uses what it does not declare' },
    },
    async handle({ params, body, expected, actor }, ports) {
      requireSameId(params.id, body.id, 'template');
      const { head, created } = await saveTemplate(ports.catalog, body, expected!, actor);
      return { status: created ? 201 : 200, headers: etagHeader(head.etag), body: liveSummary(head) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/v1/templates/{id}',
    scope: 'templates:write',
    tag,
    summary: 'Takes a template out of use; its versions stay for messages that are pinned to one',
    params: IdParams,
    secondPerson: 'template',
    preconditions: 'optional',
    answers: { 204: { description: 'gone' }, 409: { description: 'journeys use it: `errors` names them' } },
    async handle({ params, expected, actor }, ports) {
      await removeTemplate(ports.catalog, params.id, expected, actor);
      return noContent;
    },
  }),
  route({
    method: 'GET',
    path: '/v1/templates/{id}/versions',
    scope: 'templates:read',
    tag,
    summary: 'Lists versions, newest first',
    params: IdParams,
    query: z.strictObject(pageQuery),
    answers: {
      200: {
        description: 'a page',
        schema: listOf(z.object({ version: z.int(), etag: z.string(), at: Timestamp, by: z.string() })),
      },
    },
    async handle({ params, query }, ports) {
      const page = await ports.catalog.listVersions('template', params.id, readPage(query));
      return ok(listAnswer(page, (version) => ({ ...version, at: formatInstant(version.at) })));
    },
  }),
  route({
    method: 'POST',
    path: '/v1/templates/{id}/previews',
    scope: 'templates:read',
    tag,
    summary: 'Renders a template as a customer would get it; sends nothing',
    description:
      'Of the document in `template`, else of a version. With a profile the key also needs profiles:personal.',
    params: IdParams,
    body: z.strictObject({
      template: Template.exactOptional(),
      blocks: z.array(Block).max(100).exactOptional().meta({ description: 'instead of those that are saved' }),
      collections: z.array(Collection).max(5).exactOptional().meta({ description: 'likewise' }),
      lookups: z
        .record(z.string().max(40), z.union([JsonObject, z.array(JsonObject).max(20)]))
        .exactOptional()
        .meta({ description: "items by the look-up's name, in the place of what would be read" }),
      version: z.int().min(1).exactOptional(),
      channel: z.enum(deliveryChannels),
      locale: Locale.exactOptional(),
      topic: Id.exactOptional(),
      sender: Id.exactOptional(),
      profile: z.strictObject({ id: CustomerId, idType: IdType.exactOptional() }).exactOptional(),
      values: JsonObject.exactOptional().meta({ description: 'entry, event, steps, vars; they win over the examples' }),
    }),
    bodyCode: 'preview',
    idempotency: 'none',
    answers: { 200: { description: 'what was rendered, its sizes, and findings' } },
    async handle({ params, body, principal, now }, ports) {
      if (body.template !== undefined) requireSameId(params.id, body.template.id, 'template');
      return ok(await previewTemplate(ports, params.id, body, principal.scopes, now));
    },
  }),
  route({
    method: 'POST',
    path: '/v1/templates/{id}/test-sends',
    scope: 'journeys:test',
    tag,
    summary: 'Sends a template to you, as a customer would get it',
    description:
      'By e-mail, text message or push notification, only to whom `testRecipients` of the policy allows (or the list of an environment that sends to a list alone). Marked [test], recorded, and counted nowhere; consent, caps and hours of the customer are not asked. Without a profile the customer is made of the examples.',
    params: IdParams,
    body: z.strictObject({
      to: TestRecipient.meta({
        description: 'on the channel of the message: an e-mail address, a phone number, or `push:<token>`',
      }),
      channel: z.enum(deliveryChannels),
      version: z.int().min(1).exactOptional(),
      profile: z.strictObject({ id: CustomerId, idType: IdType.exactOptional() }).exactOptional(),
      locale: Locale.exactOptional(),
      topic: Id.exactOptional(),
      sender: Id.exactOptional(),
      values: JsonObject.exactOptional().meta({ description: 'entry, event, steps, vars; they win over the examples' }),
    }),
    bodyCode: 'test-send',
    answers: {
      202: { description: 'in the mailbox of the test; ask /v1/messages/{id} for what became of it' },
      422: { description: 'the address is not allowed or not of this channel, or the template has no such variant' },
    },
    async handle({ params, body, commandId }, ports) {
      const id = await startTestSend(ports, params.id, commandId, body);
      return {
        status: 202,
        headers: { location: `/v1/messages/${id}` },
        body: { id, template: params.id, to: body.to },
      };
    },
  }),
];
