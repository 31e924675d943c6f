import { createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Deliver, OutgoingWebhook, ProviderResult } from '../../app/delivery.ts';
import type { Clock } from '../../app/ports.ts';
import { type CachedSecrets, webhookSecret } from '../../app/secrets.ts';
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
 * A POST to a named endpoint.
 *
 * - `Godwit-Message`: our message id, the same on every attempt: what the receiver recognises a repetition by.
 * - `Godwit-Signature: t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>`, the key as its base64url text; while a
 *   key is being replaced there is one `v1` per key.
 *
 * Redirects are not followed: a public host could lead into a private network by them, and the signature was not made
 * for where they lead.
 */
export function webhook({ secrets, now, capture }: WebhookOptions): Deliver<OutgoingWebhook> {
  return async (message) => {
    const { endpoint, body } = message;
    const target = targetOf(endpoint.url, capture);
    if (typeof target === 'string') return { refused: target };
    const keys = await secrets.keys(webhookSecret(endpoint.secretId ?? endpoint.id)).catch(() => undefined);
    if (keys === undefined) return { throttled: 'webhook.no-secret', alarm: true };
    const signature = signWebhook(Object.values(keys.keys), Math.floor(now() / 1_000), body);
    const headers = {
      ...endpoint.headers,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': 'Godwit-Webhook/1',
      'godwit-message': message.id,
      'godwit-signature': signature,
    };
    const outcome = await post(target, headers, message);
    return 'status' in outcome ? classify(outcome, message.save, now()) : outcome;
  };
}

export function signWebhook(keys: readonly Uint8Array[], unixSeconds: number, body: string): string {
  const macs = keys.map((key) => {
    const text = Buffer.from(key).toString('base64url');
    return `v1=${createHmac('sha256', text).update(`${unixSeconds}.${body}`).digest('hex')}`;
  });
  return [`t=${unixSeconds}`, ...macs].join(',');
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
