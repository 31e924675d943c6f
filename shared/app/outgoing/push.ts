import { MAX_PUSH_KEPT_MS } from '../../domain/messaging/channels/push.ts';
import { isContentFailure } from '../../domain/messaging/render/email-content.ts';
import { type PushContent, renderPush } from '../../domain/messaging/render/push-content.ts';
import {
  apnsPayload,
  fcmPayload,
  MAX_PUSH_BYTES,
  type PushPayload,
} from '../../domain/messaging/render/push-payload.ts';
import { deviceIn } from '../../domain/profiles/devices.ts';
import { type Platform, platformOf, pushAddress } from '../../domain/profiles/push-token.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import type { PushSettings } from '../../settings.ts';
import type { OutgoingPush } from '../delivery.ts';
import { contentFor, isUnprepared, type Making, type Material, notRendered } from './making.ts';

export const push: Making<OutgoingPush> = {
  async make(material, { settings }) {
    const { request, profile } = material;
    if (settings.push === undefined) return { refused: 'push.not-set-up' };
    const found = contentFor(material);
    if (isUnprepared(found)) return found;
    const content = renderPush(found.variant.content, found.scope, found.setting, found.links);
    if (isContentFailure(content)) return notRendered(content, found);
    const devices = devicesOf(material, settings.push);
    const expires = expiresAt(material, content);
    const payloads = payloadsOf(request.id, content, expires.ttlSeconds);
    for (const [service, { bytes }] of Object.entries(payloads)) {
      const isUsed = devices.some((device) => (device.service === 'GCM') === (service === 'fcm'));
      if (!isUsed || bytes <= MAX_PUSH_BYTES) continue;
      return { refused: 'push.too-large', detail: { ...found.named, service, limit: MAX_PUSH_BYTES, bytes } };
    }
    const { user } = profile.ids;
    const { application } = settings.push;
    return {
      message: {
        channel: 'push',
        id: request.id,
        devices,
        ...(user !== undefined && { owner: `user:${user}` }),
        content,
        ...(application !== undefined && { application }),
        ...expires,
      },
      detail: {
        ...found.named,
        bytes: Math.max(...Object.values(payloads).map(({ bytes }) => bytes)),
        devices: devices.length,
      },
    };
  },

  targets: ({ devices }) => devices.map(({ token }) => pushAddress(token)),

  owner: ({ owner }) => owner,

  forTest(message) {
    const { content } = message;
    return content.body === undefined
      ? message
      : { ...message, content: { ...content, title: `[test] ${content.title ?? ''}`.trim() } };
  },

  inSink: ({ content: { title } }) => (title === undefined ? {} : { title }),

  show({ id, content, ttlSeconds }) {
    const { apns, fcm } = payloadsOf(id, content, ttlSeconds);
    const { title, body = '', link, image } = content;
    return {
      rendered: {
        ...(title !== undefined && { subject: title }),
        text: body,
        ...(link !== undefined && { link }),
        ...(image !== undefined && { image }),
        headers: { APNs: apns.text, FCM: fcm.text },
      },
      sizes: { subject: Buffer.byteLength(title ?? ''), text: Math.max(apns.bytes, fcm.bytes) },
      findings: [],
    };
  },
};

export const payloadsOf = (
  id: string,
  content: PushContent,
  ttlSeconds: number | undefined,
): { readonly apns: PushPayload; readonly fcm: PushPayload } => ({
  apns: apnsPayload(id, content),
  fcm: fcmPayload(id, content, ttlSeconds),
});

/** Of a token that no device has told (of old, or of an author of tests) its form says whose it is. */
function devicesOf({ profile, addresses }: Material, { apns }: PushSettings): OutgoingPush['devices'] {
  return addresses.map((token) => ({
    token,
    service: serviceOf(deviceIn(profile, token)?.platform ?? platformOf(token), apns),
  }));
}

function serviceOf(platform: Platform, apns: PushSettings['apns']): OutgoingPush['devices'][number]['service'] {
  if (platform === 'fcm') return 'GCM';
  return platform === 'apns' && apns === 'production' ? 'APNS' : 'APNS_SANDBOX';
}

/** The earlier of what the request and the template say; services keep nothing for longer than 28 days. */
function expiresAt({ request, now }: Material, { keptMs }: PushContent): Pick<OutgoingPush, 'ttlSeconds'> {
  if (request.expiresAt === undefined && keptMs === undefined) return {};
  const leftMs = Math.min(keptMs ?? MAX_PUSH_KEPT_MS, (request.expiresAt ?? Number.POSITIVE_INFINITY) - now);
  return { ttlSeconds: Math.max(0, Math.floor(Math.min(leftMs, MAX_PUSH_KEPT_MS) / SECOND_MS)) };
}
