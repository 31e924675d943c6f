import { createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Deliver, OutgoingWebhook, ProviderResult } from '../../app/delivery.ts';
import type { Clock } from '../../app/ports.ts';
import { type CachedSecrets, validKeys, webhookSecret } from '../../app/secrets.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { neverSent } from '../network-error.ts';
import { PrivateTarget, type Target, targetOf } from './target.ts';

export interface WebhookOptions {
  readonly secrets: CachedSecrets;
  readonly now: Clock;
  /** Takes all webhooks in the place of their endpoints; only in a local cloud. */
  readonly capture?: string;
}

/** Of a saved answer; it travels in a mailbox record and may become part of the profile. */
const maxAnswerBytes = 16_000;
const maxRetryAfterSeconds = 3_600;

/**
 * A POST to a named endpoint, signed as Standard Webhooks 1.0 says ("Signature scheme"; docs/webhooks.md for receivers):
 *
 * - `webhook-id`: our message id, the same on every attempt: what the receiver recognises a repetition by.
 * - `webhook-timestamp`: seconds, of this attempt.
 * - `webhook-signature`: `v1,<base64>` of `<id>.<timestamp>.<body>` by HMAC-SHA256, one for each key that is valid, parted
 *   by a space: while a key is being replaced the receiver may have either.
 *
 * Redirects are not followed: a public host could lead into a private network by them, and the signature was not made
 * for where they lead.
 */
export function webhook({ secrets, now, capture }: WebhookOptions): Deliver<OutgoingWebhook> {
  return async (message) => {
    const { endpoint, id, body } = message;
    const target = targetOf(endpoint.url, capture);
    if (typeof target === 'string') return { refused: target };
    const known = await secrets.keys(webhookSecret(endpoint.secretId ?? endpoint.id)).catch(() => undefined);
    if (known === undefined) return { throttled: 'webhook.no-secret', alarm: true };
    const keys = validKeys(known, now()).map((keyId) => known.keys[keyId]!);
    const headers = {
      ...endpoint.headers,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'Godwit-Webhook/1',
      ...signedHeaders(keys, { id, body, unixSeconds: Math.floor(now() / 1_000) }),
    };
    const outcome = await post(target, headers, message);
    return 'status' in outcome ? classify(outcome, message.save, now()) : outcome;
  };
}

export function signedHeaders(
  keys: readonly Uint8Array[],
  { id, body, unixSeconds }: { readonly id: string; readonly body: string; readonly unixSeconds: number },
): Record<`webhook-${'id' | 'timestamp' | 'signature'}`, string> {
  const signed = `${id}.${unixSeconds}.${body}`;
  const signatures = keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  return { 'webhook-id': id, 'webhook-timestamp': String(unixSeconds), 'webhook-signature': signatures.join(' ') };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** undefined: larger than it may be. */
  readonly text: string | undefined;
}

function post(
  target: Target,
  headers: Record<string, string>,
  message: OutgoingWebhook,
): Promise<Answer | ProviderResult> {
  const send = target.url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    let connected = false;
    let answered: Omit<Answer, 'text'> | undefined;
    const request = send(target.url, {
      method: 'POST',
      headers,
      // A connection of its own: one that was kept and is closed at the other end would leave the outcome unknown.
      agent: false,
      signal: AbortSignal.timeout(message.timeoutMs),
      ...(target.lookup !== undefined && { lookup: target.lookup }),
    });
    request.on('socket', (socket) => {
      socket.once(target.url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        connected = true;
      });
    });
    request.on('response', (response) => {
      const { statusCode: status = 0, headers: received } = response;
      answered = { status, headers: received };
      readText(response).then(
        (text) => resolve({ status, headers: received, text }),
        () => resolve({ status, headers: received, text: undefined }),
      );
    });
    request.on('error', (error) => {
      // The status says it all: what the body does afterwards (no end, cut off) changes nothing.
      if (answered !== undefined) resolve({ ...answered, text: undefined });
      else if (error instanceof PrivateTarget) resolve({ refused: 'webhook.private-target' });
      else if (!connected || neverSent(error)) resolve({ throttled: 'webhook.unreachable' });
      else resolve({ unknown: 'webhook.no-answer' });
    });
    request.end(message.body);
  });
}

async function readText(response: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop destroys the response, and the connection with it.
    if (bytes > maxAnswerBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function classify({ status, headers, text }: Answer, save: boolean, nowMs: number): ProviderResult {
  if (status >= 200 && status < 300) return save ? { handed: '', answer: readAnswer(text) } : { handed: '' };
  if (status >= 300 && status < 400) return { refused: 'webhook.redirected', detail: { status } };
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const retryAfterSeconds = readRetryAfter(headers['retry-after'], nowMs);
    return { throttled: `webhook.status-${status}`, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  }
  return { refused: `webhook.status-${status}` };
}

/** JSON as it is; null for anything else, and for what is too large. */
function readAnswer(text: string | undefined): Json {
  try {
    return JSON.parse(text ?? 'null') as Json;
  } catch {
    return null;
  }
}

/** RFC 9110 10.2.3: seconds, or a date. */
function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - nowMs) / 1_000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), maxRetryAfterSeconds);
}
