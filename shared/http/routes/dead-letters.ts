import * as z from 'zod';
import { contentOf, describeLetter, describeRecord } from '../../app/dead-letters/describe.ts';
import { masked } from '../../app/dead-letters/masked.ts';
import type { Letter } from '../../app/dead-letters/ports.ts';
import { redriveQueue, retryParked } from '../../app/dead-letters/redrive.ts';
import type { ParkedNote } from '../../app/ports.ts';
import type { MailRecord } from '../../domain/mail-record.ts';
import { NotFound } from '../../kernel/errors.ts';
import { formatInstant } from '../../kernel/time.ts';
import { type DeadLetterQueueName, deadLetterQueues } from '../../resources.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import type { Ports } from '../ports.ts';
import { ok, type Route, route } from '../route.ts';
import { Timestamp } from '../schemas.ts';

const tag = 'Operations';
const names = Object.keys(deadLetterQueues) as DeadLetterQueueName[];

const Place = z.enum([...names, 'parked']).meta({ id: 'DeadLetterPlace' });
const LetterId = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);
const Reason = z.looseObject({ code: z.string() });
const Document = z
  .object({
    id: z.string(),
    at: Timestamp.meta({ description: 'when it was parked, sent, or, of `mailbox`, when it died' }),
    age: z.int().meta({ description: 'seconds since' }),
    receives: z.int().optional(),
    profile: z.string().optional().meta({ description: 'its key, which is a hash' }),
    reasons: z.array(Reason),
    what: z.looseObject({}).meta({ description: 'kind, ids and times; nothing that a customer said' }),
  })
  .meta({ id: 'DeadLetter' });

/** A queue's letters are described from their bodies, which are as they were when they died. */
function showLetter(queue: DeadLetterQueueName, { id, body, receives, sentAt }: Letter, now: number) {
  const { reason, what } = describeLetter(queue, body);
  return { id, ...since(sentAt, now), receives, reasons: [{ code: reason }], what };
}

const showNote = ({ id, key, t, why, at }: ParkedNote, now: number) => ({
  ...{ id, ...since(at, now), profile: key, reasons: why, what: { type: t } },
});

const since = (at: number, now: number) => ({
  at: formatInstant(at),
  age: Math.max(0, Math.round((now - at) / 1_000)),
});

async function showWhole(ports: Ports, queue: z.infer<typeof Place>, id: string, now: number) {
  if (queue !== 'parked') {
    const letter = (await ports.deadLetters.queues.look(queue)).find((one) => one.id === id);
    if (letter === undefined) {
      throw new NotFound(
        'dead-letters.not-found',
        `no letter of this id is among those of "${queue}" that can be seen`,
      );
    }
    return { ...showLetter(queue, letter, now), content: masked(contentOf(letter.body)) };
  }
  const note = await ports.deadLetters.parked.read(id);
  const entry = note && (await ports.deadLetters.parked.entryOf(note));
  if (note === undefined || entry === undefined) {
    throw new NotFound('dead-letters.not-found', 'no record of this id is parked');
  }
  const { in: input } = entry;
  const isRecord = typeof input === 'object' && input !== null && 't' in input;
  const what = isRecord ? describeRecord(input as unknown as MailRecord) : { type: note.t };
  return { ...showNote(note, now), what, state: entry.st, content: input === undefined ? null : masked(input) };
}

export const deadLetterRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/dead-letters',
    scope: 'dead-letters:read',
    tag,
    summary: 'How much was given up: letters by queue, and parked records',
    description:
      'Figures of queues are approximate. `parked` counts up to 200; with `more` there are others. Letters of messages are taken by `settle-undelivered` and are not here.',
    answers: { 200: { description: 'all places, empty ones included' } },
    async handle(_, { deadLetters: { queues, parked } }) {
      const depths = await Promise.all(names.map(async (queue) => ({ queue, ...(await queues.depth(queue)) })));
      const { data, nextCursor } = await parked.list({ limit: 200 });
      const shown = depths.map((one) => ({ ...one, more: false, goesBack: deadLetterQueues[one.queue].goesBack }));
      const more = nextCursor !== undefined;
      return ok({ data: [...shown, { queue: 'parked', waiting: data.length, inWork: 0, more, goesBack: true }] });
    },
  }),
  route({
    method: 'GET',
    path: '/v1/dead-letters/{queue}',
    scope: 'dead-letters:read',
    tag,
    summary: 'What was given up, with reason and age; nothing of what customers said',
    description:
      'Of a queue, those that can be seen without hiding them from anybody: of `mailbox` the first ten, of others up to fifty. `parked` has pages.',
    params: z.strictObject({ queue: Place }),
    query: z.strictObject(pageQuery),
    answers: { 200: { description: 'a page', schema: listOf(Document) } },
    async handle({ params: { queue }, query, now }, { deadLetters: { queues, parked } }) {
      if (queue === 'parked') return ok(listAnswer(await parked.list(readPage(query)), (note) => showNote(note, now)));
      const data = await queues.look(queue);
      return ok(listAnswer({ data }, (letter) => showLetter(queue, letter, now)));
    },
  }),
  route({
    method: 'GET',
    path: '/v1/dead-letters/{queue}/{id}',
    scope: 'dead-letters:read',
    tag,
    summary: 'One of them, with the shape of its content: names, types and lengths of fields, no values',
    params: z.strictObject({ queue: Place, id: LetterId }),
    answers: { 200: { description: 'the letter', schema: Document } },
    handle: async ({ params: { queue, id }, now }, ports) => ok(await showWhole(ports, queue, id, now)),
  }),
  route({
    method: 'POST',
    path: '/v1/dead-letters/redrives',
    scope: 'dead-letters:write',
    tag,
    summary: 'Sends back what was given up: all of a queue, or parked records',
    description:
      'After what they died of was mended. Safe at any time: what had been done is not done again. A queue has all its letters moved, at up to 500 a second, which goes on after the answer. Of `parked` one call sends 200, or the one that `id` names; only by name goes what had gone round and round (`record.too-many-hops`).',
    body: z
      .strictObject({ queue: Place, id: LetterId.exactOptional() })
      .refine(({ queue, id }) => id === undefined || queue === 'parked', {
        path: ['id'],
        params: { code: 'only-parked', limit: 'queue "parked"' },
        message: 'SQS moves all letters of a queue, and no single one',
      }),
    bodyCode: 'redrive',
    answers: { 202: { description: 'begun, or sent; `left` says what stays and why' } },
    async handle({ body: { queue, id }, commandId, now }, ports) {
      if (queue !== 'parked') {
        const { waiting } = await redriveQueue(ports.deadLetters, queue);
        return { status: 202, body: { queue, moving: waiting } };
      }
      const { sent, left, over } = await retryParked(
        { ...ports.deadLetters, mailbox: ports.mailbox },
        commandId,
        now,
        id,
      );
      return { status: 202, body: { queue, sent: sent.length, over: over.length, left } };
    },
  }),
];
