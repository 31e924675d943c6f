import { addressHash, hashedAddress, normaliseAddress } from '../../domain/messaging/address.ts';
import { Channel } from '../../domain/messaging/channel.ts';
import type { SuppressionReason } from '../../domain/messaging/suppression.ts';
import type { RowFault } from './raw-rows.ts';
import { readAt, unknownFields } from './row-fields.ts';
import type { Tell } from './told.ts';

const suppressionFields = ['channel', 'address', 'addressHash', 'sha256', 'topic', 'reason', 'at'];
const reasons: readonly unknown[] = ['bounce', 'complaint', 'manual', 'unsubscribe'] satisfies SuppressionReason[];

/**
 * `addressHash` is Godwit's own, from another environment's export; `sha256` is of the normalised address, as partners hand lists
 * over. `channel` is email where it is absent.
 */
export const tellSuppression: Tell = (object, _line, context) => {
  const faults: RowFault[] = unknownFields(object, suppressionFields);
  const { address, addressHash: hash, sha256, topic = null, reason = 'manual' } = object;
  const fault = (field: string, limit: string) =>
    faults.push({ code: `suppression.${field}`, detail: `must be ${limit}`, pointer: `/${field}`, limit });
  const read = Channel.safeParse(object['channel'] ?? 'email');
  if (!read.success) {
    fault('channel', Channel.options.join(', '));
    return faults;
  }
  const channel = read.data;
  const isHash = typeof hash === 'string' && /^[A-Za-z0-9_-]{22}$/.test(hash);
  if (hash !== undefined && !isHash) fault('addressHash', 'a hash of 22 characters');
  const isSha256 = typeof sha256 === 'string' && /^[0-9a-f]{64}$/i.test(sha256);
  if (sha256 !== undefined && !isSha256) fault('sha256', '64 hexadecimal digits');
  if (hash === undefined && sha256 === undefined && normaliseAddress(channel, address) === undefined) {
    fault('address', 'an address of the channel');
  }
  const isTopic = topic === null || (typeof topic === 'string' && context.topics?.has(topic) !== false);
  if (!isTopic) fault('topic', 'a topic that exists, or nothing for all');
  if (!reasons.includes(reason)) fault('reason', reasons.join(', '));
  const at = readAt(object['at'], '/at', context, faults);
  if (faults.length > 0) return faults;
  const suppression = {
    channel,
    addressHash: isHash ? hash : isSha256 ? hashedAddress(sha256) : addressHash(channel, String(address)),
    topic: topic as string | null,
    reason: reason as SuppressionReason,
    at,
  };
  return { suppression };
};
