import * as z from 'zod';
import { isUnmasked } from '../../app/access/personal-questions.ts';
import { findTopic } from '../../app/catalog/find-topic.ts';
import {
  addressHash,
  asHashed,
  hashedAddress,
  isHashedAddress,
  isSaltedAddress,
  normaliseAddress,
} from '../../domain/messaging/address.ts';
import { Channel } from '../../domain/messaging/channel.ts';
import type { Suppression } from '../../domain/messaging/suppression.ts';
import { InvalidInput, NotFound } from '../../kernel/errors.ts';
import { Id } from '../../kernel/schema.ts';
import { formatInstant } from '../../kernel/time.ts';
import { listAnswer, listOf, pageQuery, readPage } from '../lists.ts';
import { noContent, ok, type Route, route } from '../route.ts';
import { Timestamp } from '../schemas.ts';

const tag = 'Suppressions';
const path = '/v1/suppressions/{channel}/{address}';
const Params = z.strictObject({ channel: Channel, address: z.string().min(1).max(320) });
const ForTopic = z.strictObject({ topic: Id.exactOptional() });

/** Only the hash is stored: who asks must know the address. */
function hashOf({ channel, address }: z.infer<typeof Params>): string {
  if (normaliseAddress(channel, address) === undefined) {
    const problem = { pointer: '/path/address', code: 'suppression.address', detail: 'not an address of this channel' };
    throw new InvalidInput('suppression.address', 'this is no address of this channel', [problem]);
  }
  return addressHash(channel, address);
}

const show = ({ channel, topic, reason, at }: Suppression) => ({ channel, topic, reason, at: formatInstant(at) });

/** Whoever writes to somebody again answers for it, so the audit says of what, and why it was there. */
const notedOf = ({ channel, topic, reason }: Suppression) => ({ channel, topic: topic ?? '*', reason });

const Listed = z
  .object({
    channel: Channel,
    topic: z.string().nullable().meta({ description: 'null: for every topic' }),
    reason: z.enum(['bounce', 'complaint', 'manual', 'unsubscribe']),
    at: Timestamp,
    addressHash: z.string().optional().meta({ description: 'what Godwit stores; `POST /v1/imports` takes it' }),
    sha256: z.string().optional().meta({ description: 'instead, of lists that say no more' }),
  })
  .meta({ id: 'ListedSuppression' });

/** Whoever has a hash can try addresses until one fits. */
function hashesOf({ addressHash }: Suppression) {
  // It is made with a secret of this environment, so no other one can do anything with it.
  if (isSaltedAddress(addressHash)) return {};
  return isHashedAddress(addressHash) ? { sha256: addressHash.slice(hashedAddress('').length) } : { addressHash };
}

export const suppressionRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/suppressions',
    scope: 'suppressions:read',
    tag,
    summary: 'All suppressions, in no order that means anything',
    description:
      'Addresses are stored nowhere; their hashes are shown to `profiles:personal` only, and an import of another environment takes them. It reads the whole table, page by page: half a read unit for each 4 KB.',
    query: z.strictObject(pageQuery),
    audited: true,
    answers: { 200: { description: 'a page, which may be short, or empty, and not the last', schema: listOf(Listed) } },
    async handle({ query, principal }, ports) {
      const page = await ports.suppressions.list(readPage(query));
      const isShown = isUnmasked(principal.scopes);
      return ok(listAnswer(page, (one) => ({ ...show(one), ...(isShown && hashesOf(one)) })));
    },
  }),
  route({
    method: 'GET',
    path,
    scope: 'suppressions:read',
    tag,
    summary: 'Whether an address is not written to, and why',
    params: Params,
    answers: { 200: { description: 'all that hold; `topic` null: for every topic' } },
    async handle({ params }, ports) {
      const hashed = asHashed(params.channel, params.address);
      return ok({ data: (await ports.suppressions.ofAddress(params.channel, hashOf(params), hashed)).map(show) });
    },
  }),
  route({
    method: 'PUT',
    path,
    scope: 'suppressions:write',
    tag,
    summary: 'Stops writing to an address, for one topic or for all that are not transactional',
    params: Params,
    query: ForTopic,
    body: z.strictObject({}),
    answers: { 200: { description: 'it holds' } },
    async handle({ params, query, now }, ports) {
      const topic = query.topic ?? null;
      if (topic !== null && (await findTopic(ports, ({ id }) => id === topic)) === undefined) {
        const problem = { pointer: '/query/topic', code: 'topic.not-found', detail: 'there is no topic of this id' };
        throw new InvalidInput('topic.not-found', `there is no topic ${topic}`, [problem], 'invalid');
      }
      const suppression = {
        channel: params.channel,
        addressHash: hashOf(params),
        topic,
        reason: 'manual',
        at: now,
      } as const;
      await ports.suppressions.put(suppression);
      // A bounce or a complaint that is there weighs more, and stays.
      const held = await ports.suppressions.ofAddress(params.channel, suppression.addressHash);
      return { ...ok(show(held.find((one) => one.topic === topic) ?? suppression)), noted: notedOf(suppression) };
    },
  }),
  route({
    method: 'DELETE',
    path,
    scope: 'suppressions:write',
    tag,
    summary: 'Writes to an address again; without topic, what holds for all topics is taken away',
    params: Params,
    query: ForTopic,
    answers: { 204: { description: 'gone' } },
    async handle({ params, query }, ports) {
      const { channel, address } = params;
      const topic = query.topic ?? null;
      const [addressHash, hashed] = [hashOf(params), asHashed(channel, address)] as const;
      const held = await ports.suppressions.ofAddress(channel, addressHash, hashed);
      const lifted = held.find((one) => one.topic === topic);
      if (lifted === undefined) throw new NotFound('suppression.not-found', 'nothing is suppressed there');
      await ports.suppressions.remove({ channel, topic, hashes: [addressHash, hashed] });
      return { ...noContent, noted: notedOf(lifted) };
    },
  }),
];
