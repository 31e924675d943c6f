import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { FunctionPool } from '../functions/function-pool.ts';
import { listen, readAll } from '../gateway/gateway.ts';
import type { Ids } from '../ids.ts';
import type { Meter } from '../meter.ts';
import { type ApiAnswer, type ApiRequest, answerOf, eventOf, readRequest } from './payload.ts';
import { type Authorizer, type Cors, type Match, matchRoute, type Route } from './routes.ts';
import { type Principal, signedBy } from './signed-by.ts';

export interface HttpApiOptions {
  routes: Route[];
  pools: Map<string, FunctionPool>;
  clock: VirtualClock;
  ids: Ids;
  meter: Meter;
  account: string;
  /** Who may sign requests, by access key id. */
  principals: ReadonlyMap<string, Principal>;
  log: (line: string) => void;
}

const MAX_BODY_BYTES = 10 * 1024 * 1024;

type Verdict = { allowed: boolean; context: object };

/** API Gateway's HTTP APIs: routes, CORS, authorizers and Lambda proxy integrations. */
export class HttpApi {
  readonly #server: Server;
  #options: HttpApiOptions | undefined;
  readonly #verdicts = new Map<string, Verdict & { until: number }>();

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.keepAliveTimeout = 60_000;
  }

  listen(port: number): Promise<string> {
    return listen(this.#server, port);
  }

  serve(options: HttpApiOptions): void {
    this.#options = options;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const options = this.#options;
    if (!options) {
      response.writeHead(503).end();
      return;
    }
    const { clock, ids, account, meter, log } = options;
    const end = clock.begin('a request to the API');
    try {
      const body = await readAll(request);
      const received = readRequest(request, body, { requestId: ids.uuid(), now: clock.now(), account });
      meter.apiRequest(body.length);
      const match = matchRoute(options.routes, received.method, received.rawPath);
      const cors = (match?.route ?? options.routes[0])?.cors;
      const isPreflight = cors !== undefined && isPreflightRequest(received);
      const answer = isPreflight
        ? { status: 204, headers: {}, cookies: [], body: '' }
        : body.length > MAX_BODY_BYTES
          ? plain(413, 'Request Entity Too Large')
          : await this.#answer(options, received, match);
      // With CORS on the API the gateway's headers replace the function's own [A5].
      const headers = cors
        ? { ...withoutCors(answer.headers), ...corsHeaders(cors, received, isPreflight) }
        : answer.headers;
      response.writeHead(answer.status, {
        'content-type': 'text/plain;charset=UTF-8',
        ...headers,
        'apigw-requestid': received.requestId,
        ...(answer.cookies.length > 0 && { 'set-cookie': answer.cookies }),
      });
      response.end(answer.body);
    } catch (error) {
      log(`api: ${error instanceof Error ? error.stack : String(error)}`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    } finally {
      end();
    }
  }

  async #answer(options: HttpApiOptions, request: ApiRequest, match: Match | undefined): Promise<ApiAnswer> {
    if (!match) return plain(404, 'Not Found');
    const { route } = match;
    let context: object | undefined;
    if (route.authorizer) {
      const verdict = await this.#authorize(options, request, match, route.authorizer);
      if (verdict === 'unauthorized') return plain(401, 'Unauthorized');
      if (verdict === 'broken') return plain(500, 'Internal Server Error');
      if (!verdict.allowed) return plain(403, 'Forbidden');
      context = { lambda: verdict.context };
    }
    if (route.signed) {
      const caller = await signedBy(request, options.principals);
      if (caller === undefined) return plain(403, 'Forbidden');
      context = { iam: caller };
    }
    const pool = options.pools.get(route.functionName)!;
    const invocation = pool.invoke(JSON.stringify(eventOf(request, match, context))).catch((error: Error) => {
      options.log(`api: ${error.message}`);
      return undefined;
    });
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), route.timeoutMs);
    });
    const outcome = await Promise.race([invocation, tooLate]).finally(() => clearTimeout(timer));
    if (outcome === 'late') return plain(503, 'Service Unavailable');
    if (outcome === undefined) return plain(413, 'Request Entity Too Large');
    if (!outcome.ok) return plain(500, 'Internal Server Error');
    return answerOf(outcome.payload) ?? plain(500, 'Internal Server Error');
  }

  /** A missing identity source is 401 without a call; verdicts are kept as long as the authorizer says [A4]. */
  async #authorize(
    options: HttpApiOptions,
    request: ApiRequest,
    match: Match,
    authorizer: Authorizer,
  ): Promise<Verdict | 'unauthorized' | 'broken'> {
    const sources = authorizer.identitySources.map((source) => identityOf(source, request, match.route));
    if (sources.some((source) => source === undefined || source === '')) return 'unauthorized';
    const key = `${authorizer.id}|${sources.join('|')}`;
    const kept = this.#verdicts.get(key);
    if (kept && kept.until > options.clock.now()) return kept;
    const { body: _, isBase64Encoded: __, ...event } = eventOf(request, match, undefined) as Record<string, unknown>;
    const payload = {
      ...event,
      type: 'REQUEST',
      routeArn: `arn:aws:execute-api:us-east-1:${request.account}:${match.route.apiId}/$default/${request.method}${request.rawPath}`,
      identitySource: sources,
    };
    const outcome = await options.pools.get(authorizer.functionName)!.invoke(JSON.stringify(payload));
    if (!outcome.ok) return 'broken';
    const answer = JSON.parse(outcome.payload ?? 'null') as { isAuthorized?: unknown; context?: object } | null;
    if (typeof answer?.isAuthorized !== 'boolean') return 'broken';
    const verdict = { allowed: answer.isAuthorized, context: answer.context ?? {} };
    if (authorizer.ttlSeconds > 0)
      this.#verdicts.set(key, { ...verdict, until: options.clock.now() + authorizer.ttlSeconds * 1000 });
    return verdict;
  }
}

function identityOf(source: string, request: ApiRequest, route: Route): string | undefined {
  const [kind, name] = source.replace(/^\$/, '').split(/\.(.*)/s, 2) as [string, string | undefined];
  if (kind === 'request' && name?.startsWith('header.'))
    return request.headers[name.slice('header.'.length).toLowerCase()];
  if (kind === 'request' && name?.startsWith('querystring.'))
    return new URLSearchParams(request.rawQuery).get(name.slice('querystring.'.length)) ?? undefined;
  if (source === '$context.routeKey') return route.key;
  if (source === '$context.identity.sourceIp') return request.sourceIp;
  throw new Error(`The identity source ${source} is not known to the local cloud`);
}

function plain(status: number, message: string): ApiAnswer {
  return { status, headers: { 'content-type': 'application/json' }, cookies: [], body: JSON.stringify({ message }) };
}

function isPreflightRequest({ method, headers }: ApiRequest): boolean {
  return (
    method === 'OPTIONS' && headers['origin'] !== undefined && headers['access-control-request-method'] !== undefined
  );
}

function corsHeaders(cors: Cors, request: ApiRequest, isPreflight: boolean): Record<string, string> {
  const origin = request.headers['origin'];
  const allowed = cors.origins.includes('*') ? '*' : cors.origins.find((one) => one === origin);
  if (origin === undefined || allowed === undefined) return {};
  return {
    'access-control-allow-origin': allowed,
    ...(cors.credentials && { 'access-control-allow-credentials': 'true' }),
    ...(cors.exposed.length > 0 && !isPreflight && { 'access-control-expose-headers': cors.exposed.join(',') }),
    ...(isPreflight && {
      'access-control-allow-methods': cors.methods.join(','),
      'access-control-allow-headers': cors.headers.join(','),
      ...(cors.maxAge !== undefined && { 'access-control-max-age': String(cors.maxAge) }),
    }),
  };
}

function withoutCors(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('access-control-')));
}
