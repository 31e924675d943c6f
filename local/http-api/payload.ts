/** Payload format 2.0 between API Gateway and Lambda [A3, A9]. */
import type { IncomingMessage } from 'node:http';
import type { Match } from './routes.ts';

export interface ApiRequest {
  method: string;
  rawPath: string;
  rawQuery: string;
  headers: Record<string, string>;
  cookies: string[];
  body: Buffer;
  sourceIp: string;
  requestId: string;
  now: number;
  account: string;
  host: string;
}

export interface ApiAnswer {
  status: number;
  headers: Record<string, string>;
  cookies: string[];
  body: Buffer | string;
}

/** Reported as text; every other type, and a missing one, arrives base64-encoded [A9]. */
const textTypes = /^(text\/|application\/(json|xml|javascript)\b)/i;

export function readRequest(
  request: IncomingMessage,
  body: Buffer,
  extra: Pick<ApiRequest, 'requestId' | 'now' | 'account'>,
): ApiRequest {
  const [rawPath = '/', rawQuery = ''] = splitOnce(request.url ?? '/', '?');
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]!.toLowerCase();
    const value = request.rawHeaders[index + 1]!;
    if (name === 'cookie') cookies.push(...value.split(/;\s*/));
    else if (name !== 'connection' && name !== 'transfer-encoding')
      headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  headers['x-forwarded-for'] ??= request.socket.remoteAddress ?? '127.0.0.1';
  headers['x-forwarded-proto'] ??= 'http';
  headers['content-length'] = String(body.length);
  return {
    ...extra,
    method: request.method ?? 'GET',
    rawPath,
    rawQuery,
    headers,
    cookies,
    body,
    sourceIp: headers['x-forwarded-for'].split(',')[0]!.trim(),
    host: headers['host'] ?? '',
  };
}

export function eventOf(
  request: ApiRequest,
  { route, parameters }: Match,
  authorizerContext: object | undefined,
): object {
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(request.rawQuery))
    query[name] = name in query ? `${query[name]},${value}` : value;
  const isText = textTypes.test(request.headers['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey: route.key,
    rawPath: decodePath(request.rawPath),
    rawQueryString: request.rawQuery,
    ...(request.cookies.length > 0 && { cookies: request.cookies }),
    headers: request.headers,
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: {
      accountId: request.account,
      apiId: route.apiId,
      ...(authorizerContext && { authorizer: authorizerContext }),
      domainName: request.host,
      domainPrefix: route.apiId,
      http: {
        method: request.method,
        path: decodePath(request.rawPath),
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: request.requestId,
      routeKey: route.key,
      stage: '$default',
      time: new Date(request.now).toUTCString(),
      timeEpoch: request.now,
    },
    ...(request.body.length > 0 && { body: isText ? request.body.toString('utf8') : request.body.toString('base64') }),
    ...(Object.keys(parameters).length > 0 && { pathParameters: parameters }),
    isBase64Encoded: request.body.length > 0 && !isText,
  };
}

/** An answer without statusCode is a JSON body with status 200 [A3]; undefined when it cannot be understood. */
export function answerOf(payload: string | undefined): ApiAnswer | undefined {
  const result: unknown = payload === undefined ? undefined : JSON.parse(payload);
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    const body = typeof result === 'string' ? result : (payload ?? '');
    return { status: 200, headers: { 'content-type': 'application/json' }, cookies: [], body };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = result as {
    statusCode: unknown;
    headers?: Record<string, unknown>;
    cookies?: string[];
    body?: unknown;
    isBase64Encoded?: boolean;
  };
  if (!Number.isInteger(Number(statusCode)) || (body !== undefined && typeof body !== 'string')) return undefined;
  return {
    status: Number(statusCode),
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
    ),
    cookies: cookies ?? [],
    body: isBase64Encoded ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
