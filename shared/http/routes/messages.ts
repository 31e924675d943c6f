import * as z from 'zod';
import type { MessageRecord } from '../../app/ports.ts';
import { knownProfile } from '../../app/profiles/find-profile.ts';
import { explainMessage } from '../../app/profiles/profile-history.ts';
import { directMessageFate, sendMessage, unheardOf } from '../../app/profiles/send-message.ts';
import { Channel } from '../../domain/messaging/channel.ts';
import { readMessageId } from '../../domain/messaging/message-id.ts';
import { Id, unique } from '../../kernel/schema.ts';
import { formatInstant, parseInstant } from '../../kernel/time.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import { ok, type Route, route } from '../route.ts';
import { CalendarDay, CustomerId, IdType, JsonObject, Timestamp } from '../schemas.ts';

const tag = 'Messages';

const MessageId = z
  .string()
  .regex(/^[uat][A-Za-z0-9_-]{22}-[A-Za-z0-9_-]{22}$/)
  .meta({ id: 'MessageId' });

const instants = (times: { readonly [what: string]: number | undefined }) =>
  Object.fromEntries(
    Object.entries(times).flatMap(([what, at]) => (at === undefined ? [] : [[what, formatInstant(at)]])),
  );

/** In the order in which they come about; what did not, or is not known, is left out. */
function timesOf({ st, at, decidedAt, requestedAt, renderedAt, unknownAt, receipts }: MessageRecord) {
  const isSettled = unknownAt !== undefined;
  return instants({
    requested: requestedAt ?? decidedAt,
    decided: decidedAt,
    rendered: renderedAt,
    handedOver: st === 'sent' && !isSettled ? at : undefined,
    unknown: st === 'unknown' ? at : unknownAt,
    settled: isSettled ? at : undefined,
    ...Object.fromEntries(Object.entries(receipts ?? {}).sort(([, one], [, other]) => one - other)),
  });
}

export const showMessage = (message: MessageRecord) => ({
  id: message.id,
  state: message.st,
  at: formatInstant(message.at),
  channel: message.channel,
  reason: message.why ?? null,
  journey: message.journey ?? null,
  version: message.version ?? null,
  step: message.step ?? null,
  providerId: message.providerId ?? null,
  /** Template and version, sizes, what a refusal saw. */
  detail: message.detail ?? null,
  /** When it was first delivered, opened, clicked, bounced, complained about. */
  receipts: instants(message.receipts ?? {}),
  times: timesOf(message),
});

const UnknownMessage = z.looseObject({
  id: MessageId,
  state: z.string(),
  channel: z.string(),
  reason: z.string().nullable(),
  times: z.record(z.string(), Timestamp),
});

export const messageRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/messages',
    scope: 'messages:send',
    tag,
    summary: 'Sends one transactional message, without a journey',
    description:
      'To a profile, or to an address in `to`. For what somebody waits for: a receipt, a password reset. Whatever is marketing needs a journey.',
    body: z.strictObject({
      template: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}(@[1-9]\d{0,8})?$/),
      profile: z.strictObject({ id: CustomerId, idType: IdType.exactOptional() }).exactOptional(),
      to: z.string().min(3).max(320).exactOptional(),
      channels: z.array(Channel).min(1).max(5).check(unique('channels')).exactOptional(),
      topic: Id.exactOptional().meta({ description: 'transactional; the first of them by id when absent' }),
      properties: JsonObject.exactOptional(),
      expiresAt: Timestamp.exactOptional(),
    }),
    bodyCode: 'message',
    idempotency: 'required',
    answers: { 202: { description: 'in the mailbox; ask for what became of it', schema: z.object({ id: MessageId }) } },
    async handle({ body: { expiresAt, ...message }, commandId, now }, ports) {
      const expires = expiresAt === undefined ? {} : { expiresAt: parseInstant(expiresAt)! };
      const { id } = await sendMessage(ports, { ...message, ...expires }, commandId, now);
      return { status: 202, headers: { location: `/v1/messages/${id}` }, body: { id } };
    },
  }),
  route({
    method: 'GET',
    path: '/v1/messages',
    scope: 'messages:read',
    tag,
    summary: 'Messages of which nobody can tell whether they were handed over',
    description:
      'Of the day (UTC) on which that came about, newest first. `unknown`: still so. `settled`: found out since. A page holds fewer than `limit` where the others are not asked for.',
    query: z.strictObject({
      state: z.enum(['unknown', 'settled']),
      day: CalendarDay.exactOptional().meta({ description: 'today when absent' }),
      ...pageQuery,
    }),
    answers: { 200: { description: 'as `GET /v1/messages/{id}` shows each', schema: listOf(UnknownMessage) } },
    async handle({ query, now }, ports) {
      const day = query.day ?? formatInstant(now).slice(0, 10);
      const { data: notes, ...rest } = await ports.unknown.list(day, readPage(query));
      const found = await Promise.all(notes.map(({ key, id }) => ports.messages.read(key, id)));
      const isAsked = ({ st }: MessageRecord) => (st === 'unknown') === (query.state === 'unknown');
      const data = found.filter((message) => message !== undefined).filter(isAsked);
      return ok(listAnswer({ ...rest, data }, showMessage));
    },
  }),
  route({
    method: 'GET',
    path: '/v1/messages/{id}',
    scope: 'messages:read',
    tag,
    summary: 'What became of a message',
    params: z.strictObject({ id: MessageId }),
    answers: {
      200: {
        description:
          '`queued`: decided, not handed over yet. `decided-against`: `reasons` say why. `undecided`: nothing is recorded yet; an id that never was looks the same.',
      },
    },
    async handle({ params }, ports) {
      const fate = await directMessageFate(ports, params.id);
      return ok('record' in fate ? showMessage(fate.record) : { id: params.id, ...fate });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/messages/{id}/why',
    scope: 'profiles:read',
    tag,
    summary: 'Why a message was decided, held, sent or not',
    params: z.strictObject({ id: MessageId }),
    answers: {
      200: {
        description:
          'every decision that names it, at most 200 reasons: decisions newest first, the reasons of one in the order in which they came about; and what became of it',
      },
    },
    async handle({ params: { id } }, ports) {
      const { key, hash } = readMessageId(id)!;
      const stored = (await knownProfile(ports.profiles, key)) ?? unheardOf(key);
      const { reasons, complete } = await explainMessage(ports.history, stored, hash, 200);
      const fate = await directMessageFate(ports, id);
      return ok({
        message: 'record' in fate ? showMessage(fate.record) : { id, state: fate.state },
        reasons: reasons.map(({ at, cause, reason }) => ({ at: formatInstant(at), cause, ...reason })),
        complete,
      });
    },
  }),
];
