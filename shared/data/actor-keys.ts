import type { Suppression } from '../domain/messaging/suppression.ts';
import type { Counter } from '../domain/permit.ts';
import { digest, type ProfileKey } from '../kernel/ids.ts';
import { formatInstant } from '../kernel/time.ts';

/**
 * The actor's tables:
 *
 *   table         pk                       sort                 what
 *   Profiles      <profile key>                                 one item per customer
 *   Journal       <profile key>            jk, journal-key.ts   one item per record
 *   Journal       parked                   <digest of both>     that an item of it is parked
 *   Messages      <profile key>            <message id>         claim, then outcome
 *   Messages      unknown#<day>            <instant>#<id>       that a message was unknown since then
 *   Consents      <profile key>            <instant>|<digest>   what was said once of a consent; never changed, never expires
 *   Suppressions  <channel>#<hash>         <topic>, or *        an address that must not be written to
 *   Suppressions  <channel>#salted:<HMAC>  <topic>, or *        the same of somebody who was erased
 *   Stats         <journey>@<version>      <day>#<shard>        live counters
 *   Stats         segment#<id>             <day>                how many members it had
 *   Limits        <journey>                <counter's name>     how much of a shared limit is given out
 *   Limits        sending#<channel>        rate, rate#<sender>  up to when places of a sending rate are given out
 *   Limits        sending#warm-up          <sender>#<day>       how many messages a new sender has sent
 *   Limits        sending#outages          <provider>           that a provider does not work, and when it is tried
 */
export const profileItem = (key: ProfileKey) => ({ pk: { S: key } });
export const journalItem = (key: ProfileKey, jk: string) => ({ pk: { S: key }, jk: { S: jk } });
/** No profile's key is this short. */
export const PARKED = 'parked';
export const parkedId = (key: ProfileKey, jk: string): string => digest('parked', key, jk);
export const parkedItem = (id: string) => ({ pk: { S: PARKED }, jk: { S: id } });
export const messageItem = (key: ProfileKey, id: string) => ({ pk: { S: key }, id: { S: id } });
export const unknownPartition = (day: string) => `unknown#${day}`;
/**
 * One a message that nobody can tell of. A partition takes 1,000 writes a second (DynamoDB, "Burst and adaptive
 * capacity"): what is throttled beyond comes again with its message.
 */
export const unknownItem = ({ id, at }: { readonly id: string; readonly at: number }) => ({
  pk: { S: unknownPartition(dayOf(at)) },
  id: { S: `${formatInstant(at)}#${id}` },
});
const dayOf = (at: number) => formatInstant(at).slice(0, 10);
export const consentItem = (key: ProfileKey, id: string) => ({ pk: { S: key }, sk: { S: id } });
export const suppressionPartition = ({ channel, addressHash }: Pick<Suppression, 'channel' | 'addressHash'>) =>
  `${channel}#${addressHash}`;
export const suppressionItem = (one: Pick<Suppression, 'channel' | 'addressHash' | 'topic'>) => ({
  pk: { S: suppressionPartition(one) },
  sk: { S: one.topic ?? '*' },
});

/** A counter takes 1,000 writes a second (DynamoDB, "Burst and adaptive capacity"): eight items share a day's. */
export const statsShards = 8;
export const statsPartition = (journey: string, version: number) => `${journey}@${version}`;
export const statsItem = (journey: string, version: number, day: string, shard: number) => ({
  pk: { S: statsPartition(journey, version) },
  sk: { S: `${day}#${shard}` },
});

/** No journey's id has a `#`. */
export const sizesPartition = (segment: string) => `segment#${segment}`;

/**
 * One item for each counter: it takes 1,000 writes a second, which is 1,000 leases, and those grow with what a container
 * uses up (shared/app/leases.ts).
 */
export const counterItem = ({ journey, name }: Counter) => ({ pk: { S: journey }, sk: { S: name } });

/** No journey's id has a `#`. */
export const OUTAGES = 'sending#outages';
export const outageItem = (provider: string) => ({ pk: { S: OUTAGES }, sk: { S: provider } });

/**
 * The shard of the mailbox (and of counters) that a profile belongs to. The number of mailbox shards changes only
 * while the mailbox is empty: order holds within a queue.
 */
export function shardOf(key: ProfileKey, shards: number): number {
  return Buffer.from(key.slice(1, 9), 'base64url').readUIntBE(0, 6) % shards;
}
