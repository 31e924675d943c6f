import { pushMessageKey } from '../../profiles/push-token.ts';
import type { PushContent } from './push-content.ts';

/** Apple, "Generating a remote notification"; Firebase, "About FCM messages": 4,096 bytes both. */
export const MAX_PUSH_BYTES = 4_096;

export interface PushPayload {
  /** JSON text. */
  readonly text: string;
  /** Of what the service limits. */
  readonly bytes: number;
}

/** As APNs takes it. `content-available` has to be there, says the API reference of Pinpoint (APNSMessage, RawContent). */
export function apnsPayload(id: string, content: PushContent): PushPayload {
  const { title, body, image, badge, sound, data } = content;
  const shown = body !== undefined && {
    alert: { ...(title !== undefined && { title }), body },
    ...(badge !== undefined && { badge }),
    ...(sound !== undefined && { sound }),
    // A service extension of the app fetches the picture.
    ...(image !== undefined && { 'mutable-content': 1 }),
  };
  const aps = { ...shown, 'content-available': body === undefined ? 1 : 0 };
  const text = withoutVariables({ aps, ...data, ...ownOf(id, content) });
  return { text, bytes: Buffer.byteLength(text) };
}

/**
 * As FCM's HTTP v1 API takes it, under the key by which AWS tells it from the one before (Amazon SNS developer guide, "FCM
 * v1 API payload"). Values of `data` are texts there; what is none becomes JSON. The service limits notification and data.
 */
export function fcmPayload(id: string, content: PushContent, ttlSeconds: number | undefined): PushPayload {
  const { title, body, image, badge, sound, data, collapseKey } = content;
  const isShown = body !== undefined;
  const notification = isShown && {
    notification: { ...(title !== undefined && { title }), body, ...(image !== undefined && { image }) },
  };
  const onAndroid = {
    ...(sound !== undefined && { sound }),
    ...(badge !== undefined && { notification_count: badge }),
  };
  const android = {
    priority: isShown ? 'HIGH' : 'NORMAL',
    ...(collapseKey !== undefined && { collapse_key: collapseKey }),
    ...(ttlSeconds !== undefined && { ttl: `${ttlSeconds}s` }),
    ...(Object.keys(onAndroid).length > 0 && { notification: onAndroid }),
  };
  const texts = Object.entries({ ...data, ...ownOf(id, content) }).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const limited = { ...notification, data: Object.fromEntries(texts) };
  return {
    text: withoutVariables({ fcmV1Message: { message: { ...limited, android } } }),
    bytes: Buffer.byteLength(JSON.stringify(limited)),
  };
}

const ownOf = (id: string, { link, image }: PushContent) => ({
  ...(link !== undefined && { link }),
  ...(image !== undefined && { image }),
  [pushMessageKey]: id,
});

/**
 * Pinpoint puts values in the place of `{{…}}` (developer guide, "Message variables"), and a customer's own text may hold
 * one. JSON has two braces in a row within texts only, where either may be written by its number.
 */
const withoutVariables = (payload: object): string => JSON.stringify(payload).replaceAll('{{', '{\\u007b');
