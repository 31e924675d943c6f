import middy from '@middy/core';
import httpRouter, { type Method } from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { documentReader } from '../../shared/http/audit/audited.ts';
import type { Ports } from '../../shared/http/ports.ts';
import { problem, problemAnswer } from '../../shared/http/problem.ts';
import { bodyTooLarge, MAX_BODY_BYTES, readRequest } from '../../shared/http/request.ts';
import type { Answer, Route } from '../../shared/http/route.ts';
import { runRoute } from '../../shared/http/run-route.ts';
import { corsHeaders, preflight } from './cors.ts';
import { logFailure } from './observe.ts';

type HttpEvent = APIGatewayProxyEventV2;
type HttpResult = APIGatewayProxyStructuredResultV2;

const methods: readonly Method[] = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'];

/** Payload format 2.0 → route → answer. Everything that is thrown on the way becomes a problem document. */
export function httpEdge(routes: readonly Route[], ports: () => Ports) {
  const readerOf = documentReader(routes);
  const answered = routes.map((route) => {
    const handler = async (event: HttpEvent) =>
      toResult(await runRoute(route, readRequest(event), ports(), readerOf), event);
    const method = route.method as Method;
    return { method, path: route.path, handler: route.forApps ? forApps(handler, ports) : handler };
  });
  const refused = [...Map.groupBy(routes, ({ path }) => path)].flatMap(([path, ofPath]) => {
    const allowed = ofPath.map(({ method }) => method as Method);
    const isForApps = ofPath.some((route) => route.forApps);
    return methods
      .filter((method) => !allowed.includes(method))
      .map((method) => ({
        method,
        path,
        handler: async (event: HttpEvent) =>
          isForApps && method === 'OPTIONS'
            ? preflight(event, allowed, ports().settings.inbox.origins)
            : methodNotAllowed(event, allowed),
      }));
  });
  const router = httpRouter<HttpEvent, HttpResult>({
    // Fixed paths win over parameters in the router; among the latter the first one does.
    routes: [...answered, ...refused],
    notFoundResponse: ({ path }) => {
      const detail = `there is nothing at this path (${path.length} characters); /docs lists what there is`;
      return (event: HttpEvent) => toResult(problem(404, 'route.not-found', detail, requestId(event)), event);
    },
  });
  return middy<HttpEvent, HttpResult>()
    .before(limitBody)
    .onError((request) => {
      request.response = toResult(failed(request.error, request.event), request.event);
    })
    .handler(async (event: HttpEvent, context: Context) => {
      // The gateway's own parameters are those of its route (`/v1/{proxy+}`), not of ours.
      const { pathParameters: _, ...routed } = event;
      const result: unknown = await router(routed, context);
      return typeof result === 'function' ? (result(event) as HttpResult) : (result as HttpResult);
    });
}

/** What goes wrong too is for the page to read. */
function forApps(handler: (event: HttpEvent) => Promise<HttpResult>, ports: () => Ports) {
  return async (event: HttpEvent): Promise<HttpResult> => {
    const result = await handler(event).catch((error: unknown) => toResult(failed(error, event), event));
    return { ...result, headers: { ...result.headers, ...corsHeaders(event, ports().settings.inbox.origins) } };
  };
}

const requestId = (event: HttpEvent) => event.requestContext?.requestId ?? 'unknown';

/** Before anything decodes or parses it: base64 is four characters for three bytes. */
function limitBody({ event }: { readonly event: HttpEvent }): void {
  const bytes = event.isBase64Encoded ? ((event.body?.length ?? 0) * 3) / 4 : Buffer.byteLength(event.body ?? '');
  if (bytes > MAX_BODY_BYTES + 2) throw bodyTooLarge(Math.floor(bytes));
}

function failed(error: unknown, event: HttpEvent): Answer {
  const answer = problemAnswer(error, requestId(event));
  if (answer.status >= 500) {
    const route = `${event.requestContext?.http?.method} ${event.routeKey}`;
    logFailure('request failed', error, { requestId: requestId(event), route });
  }
  return answer;
}

function methodNotAllowed(event: HttpEvent, allowed: readonly string[]): HttpResult {
  const allow = allowed.join(', ');
  return toResult(problem(405, 'route.method', `allowed here: ${allow}`, requestId(event), [], { allow }), event);
}

function toResult({ status, headers = {}, body, html }: Answer, event: HttpEvent): HttpResult {
  const type = html === undefined ? 'application/json' : 'text/html; charset=utf-8';
  const hasBody = html !== undefined || body !== undefined;
  return {
    statusCode: status,
    headers: {
      ...(hasBody && { 'content-type': type }),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': requestId(event),
      ...headers,
    },
    ...(hasBody && { body: html ?? JSON.stringify(body) }),
  };
}
