import * as z from 'zod';
import type { InboxMessage } from '../../app/inbox/inbox.ts';
import { issueInboxToken, readInboxToken } from '../../app/inbox/inbox-token.ts';
import { dismissMessage, markAllRead, markMessage } from '../../app/inbox/mark-messages.ts';
import { readInbox } from '../../app/inbox/read-inbox.ts';
import { formatInstant } from '../../kernel/time.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import { Params, Which } from '../named-profile.ts';
import { noContent, ok, type Route, route } from '../route.ts';
import { Timestamp } from '../schemas.ts';

const tag = 'Inbox';

const Message = z
  .object({
    id: z.string(),
    title: z.string().optional(),
    body: z.string().meta({ description: 'HTML of the template; what customers gave is escaped in it' }),
    link: z.string().optional(),
    image: z.string().optional(),
    at: Timestamp,
    expiresAt: Timestamp,
    readAt: Timestamp.nullable(),
    clickedAt: Timestamp.nullable(),
  })
  .meta({ id: 'InboxMessage' });

const Inbox = listOf(Message)
  .extend({ unread: z.int().meta({ description: 'of all pages' }) })
  .meta({ id: 'Inbox' });

function showMessage({ id, content, at, expiresAt, readAt, clickedAt }: InboxMessage) {
  const time = (one: number | undefined) => (one === undefined ? null : formatInstant(one));
  const times = { at: formatInstant(at), expiresAt: formatInstant(expiresAt) };
  return { id, ...content, ...times, readAt: time(readAt), clickedAt: time(clickedAt) };
}

export const inboxTokenRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/profiles/{id}/inbox-tokens',
    scope: 'inbox-tokens:write',
    tag,
    summary: 'Issues a token with which an app reads the inbox of one customer',
    description:
      'Your server asks for it once it knows who the customer is. It is good for the inbox of this customer and of whatever is merged with them, and for nothing else; it cannot be taken back, so it is short-lived.',
    params: Params,
    query: Which,
    body: z.strictObject({
      expiresInSeconds: z.int().min(60).max(86_400).default(3_600).meta({ description: 'an hour when absent' }),
    }),
    bodyCode: 'inbox-token',
    idempotency: 'none',
    answers: { 201: { description: 'the token', schema: z.object({ token: z.string(), expiresAt: Timestamp }) } },
    async handle({ params, query, body }, ports) {
      const named = { id: params.id, idType: query.idType ?? 'userId' };
      const { token, expiresAt } = await issueInboxToken(named, body.expiresInSeconds, ports.inbox);
      return { status: 201, body: { token, expiresAt: formatInstant(expiresAt) } };
    },
  }),
];

const forApps = { scope: 'public', forApps: true, tag } as const;
const unknown = { 401: { description: 'no token, or none that is good' } };
const MessageId = z.strictObject({ id: z.string().min(1).max(80) });

const marks = { read: 'opened', clicked: 'clicked' } as const;

export const inboxRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/inbox',
    ...forApps,
    summary: 'The messages of a customer, newest first',
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'a page of at most a hundred messages in all', schema: Inbox }, ...unknown },
    async handle({ query, request }, ports) {
      const reader = await readInboxToken(request.headers['authorization'], ports.inbox);
      const page = await readInbox(reader, readPage(query), ports.inbox);
      return ok({ ...listAnswer(page, showMessage), unread: page.unread });
    },
  }),
  route({
    method: 'POST',
    path: '/inbox/read',
    ...forApps,
    summary: 'All messages were read',
    answers: { 204: { description: 'noted' }, ...unknown },
    async handle({ request }, ports) {
      await markAllRead(await readInboxToken(request.headers['authorization'], ports.inbox), ports.inbox);
      return noContent;
    },
  }),
  ...(['read', 'clicked'] as const).map((what) =>
    route({
      method: 'POST',
      path: `/inbox/{id}/${what}`,
      ...forApps,
      summary: what === 'read' ? 'A message was read' : 'The link of a message was followed; so it was read',
      description: 'The first time counts; telling again changes nothing.',
      params: MessageId,
      answers: { 204: { description: 'noted' }, ...unknown, 404: { description: 'not in this inbox' } },
      async handle({ params, request }, ports) {
        const reader = await readInboxToken(request.headers['authorization'], ports.inbox);
        await markMessage(reader, params.id, marks[what], ports.inbox);
        return noContent;
      },
    }),
  ),
  route({
    method: 'POST',
    path: '/inbox/{id}/dismissed',
    ...forApps,
    summary: 'The customer wants to see a message no more',
    params: MessageId,
    answers: { 204: { description: 'its content is gone' }, ...unknown, 404: { description: 'not in this inbox' } },
    async handle({ params, request }, ports) {
      const reader = await readInboxToken(request.headers['authorization'], ports.inbox);
      await dismissMessage(reader, params.id, ports.inbox);
      return noContent;
    },
  }),
];
