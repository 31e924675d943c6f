import type { GodwitError, TooMany } from '../kernel/errors.ts';
import { Transient } from '../kernel/errors.ts';

export interface SegmentAnswer {
  readonly statusCode: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/**
 * Browsers ask before every POST (analytics-next sends Authorization). The function answers it and not the gateway,
 * which would ignore these headers once it has some of its own (API Gateway, Configure CORS for HTTP APIs).
 */
const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization,content-type,x-retry-count',
  'access-control-allow-methods': 'GET,POST,OPTIONS',
  'access-control-expose-headers': 'Retry-After',
  'access-control-max-age': '86400',
};

const json = (statusCode: number, body: unknown, headers: { readonly [name: string]: string } = {}): SegmentAnswer => ({
  statusCode,
  headers: { ...cors, 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** Exactly 200 and exactly this body: analytics-python takes any other 2xx for an error and sends again. */
export const accepted: SegmentAnswer = json(200, { success: true });

export const preflight: SegmentAnswer = { statusCode: 204, headers: cors, body: '' };

/**
 * 400 is the one status on which every client drops what it sent; 401, 403, 404 and 413 are retried by
 * analytics-node 1 and 2 until they give up.
 */
export const refused = (
  code: string,
  message: string,
  { limit, actual }: { readonly limit?: string | number; readonly actual?: string | number } = {},
): SegmentAnswer => json(400, { code, message, limit, actual });

/** 503 is retried by all of them. */
export function tryAgain(error: GodwitError): SegmentAnswer {
  const seconds = error instanceof Transient ? (error.retryAfterSeconds ?? 1) : 1;
  return json(503, { code: error.code, message: 'try again' }, { 'retry-after': String(seconds) });
}

/** 429 is retried by all of them too; some heed Retry-After. Nothing of the request was taken. */
export function slowDown({ code, message, problems, retryAfterSeconds = 1 }: TooMany): SegmentAnswer {
  const [problem] = problems;
  const { limit, actual } = problem ?? {};
  return json(429, { code, message, limit, actual }, { 'retry-after': String(retryAfterSeconds) });
}

/** What analytics.js fetches before it sends anything. `host` and `protocol` are those under which the client reached us. */
export function clientSettings(writeKey: string, host: string, protocol: string): SegmentAnswer {
  const apiHost = `${host}/v1`;
  const own = { apiKey: writeKey, apiHost, ...(protocol === 'http' && { protocol }) };
  return json(
    200,
    { integrations: { 'Segment.io': own }, metrics: { sampleRate: 0 } },
    { 'cache-control': 'public, max-age=300' },
  );
}
