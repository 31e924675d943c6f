import * as z from 'zod';
import { allows, type Scope } from '../app/access/scopes.ts';
import type { Expectation } from '../app/catalog/ports.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { Conflict, Forbidden, InvalidInput } from '../kernel/errors.ts';
import { digest } from '../kernel/ids.ts';
import { parseDocument } from '../kernel/problems.ts';
import { audited, type DocumentReader, isAudited } from './audit/audited.ts';
import { isMasked, maskPersonal } from './mask.ts';
import type { Ports } from './ports.ts';
import { type HttpRequest, MAX_BODY_BYTES, readJson } from './request.ts';
import type { Answer, Call, Principal, Route } from './route.ts';

const anyone: Principal = { id: 'public', scopes: [] };
/** Deeper than any document of ours; each schema's own limits are below. */
const BODY_LIMITS = { depth: 32, bytes: MAX_BODY_BYTES };
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;

/** Everything between the router and the handler: who asks, what is asked, has it been asked before. */
export async function runRoute(
  route: Route,
  request: HttpRequest,
  ports: Ports,
  readerOf: DocumentReader,
): Promise<Answer> {
  const principal = await principalOf(route, request, ports);
  const params = parseStrings(route.params, request.params, 'path');
  const query = parseStrings(route.query ?? noParameters, request.query, 'query');
  const input = readBody(route, request);
  const body =
    route.body === undefined
      ? undefined
      : parseDocument(route.body, input, bodyCode(route), route.bodyLimits ?? BODY_LIMITS);
  const expected = readPreconditions(route, request);
  const key = readIdempotencyKey(route, request);
  const now = ports.now();
  const call: Call = {
    params,
    query,
    body,
    request,
    principal,
    now,
    actor: { by: principal.id, at: now },
    expected,
    commandId: digest('command', principal.id, key ?? request.id, route.method, request.path),
  };
  const perform = () => (isAudited(route) ? audited(route, call, ports, readerOf) : route.handle(call, ports));
  if (isMasked(route, principal)) {
    const { policy } = await ports.snapshots.current();
    const { body: shown, ...rest } = await perform();
    return { ...rest, body: maskPersonal(shown, policy.traits) };
  }
  if (key === undefined) return perform();
  const hash = digest(route.method, request.path, canonicalJson(request.query), canonicalJson(input ?? null));
  return onlyOnce(route, call, { key, hash }, ports, perform);
}

const bodyCode = (route: Route) => route.bodyCode ?? 'request';
const noParameters = z.strictObject({});

async function principalOf({ scope, ofOwnSession }: Route, request: HttpRequest, ports: Ports): Promise<Principal> {
  if (scope === 'public') return anyone;
  if (scope !== 'iam') return authenticate(request, { scope, ofOwnSession }, ports);
  if (request.callerArn !== undefined) return { id: request.callerArn, scopes: [] };
  throw unauthenticated('session.unsigned', 'the request must be signed with AWS credentials (godwit login --aws)');
}

interface Wanted {
  readonly scope: Scope;
  readonly ofOwnSession: Route['ofOwnSession'];
}

async function authenticate(request: HttpRequest, { scope, ofOwnSession }: Wanted, ports: Ports): Promise<Principal> {
  const header = request.headers['authorization'];
  if (header === undefined) throw unauthenticated('auth.missing', 'send Authorization: Bearer gw_api_…');
  const text = /^Bearer +(\S{1,200}) *$/i.exec(header)?.[1];
  if (text === undefined) throw unauthenticated('auth.malformed', 'the header must be: Authorization: Bearer gw_api_…');
  const found = await ports.readCredential(text);
  if (found === undefined) {
    if (text.startsWith('gw_session_'))
      throw unauthenticated('auth.session-ended', 'this session is over: log in again');
    throw unauthenticated('auth.unknown-key', 'this key does not exist, or was revoked');
  }
  const perMinute = found.perMinute ?? ports.perMinute;
  if (perMinute !== undefined) await ports.keyRate.require(found.who.replace(/^key:/, ''), perMinute, 1);
  const { who: id, scopes, session } = found;
  if (allows(scopes, scope) || (ofOwnSession === true && session !== undefined)) {
    return { id, scopes, ...(session !== undefined && { session }) };
  }
  const kind = found.kind === 'ingest' ? 'a write key only sends events; ' : '';
  throw new Forbidden('auth.scope-missing', `${kind}the scope ${scope} is missing`, 'forbidden');
}

const unauthenticated = (code: string, detail: string) => new Forbidden(code, detail, 'unauthenticated');

/** `in` names the place in the pointer: `/query/limit`. */
function parseStrings(
  schema: z.ZodObject | undefined,
  input: Readonly<Record<string, string>>,
  place: string,
): unknown {
  if (schema === undefined) return undefined;
  try {
    return parseDocument(schema, input, place);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const problems = error.problems.map((one) => ({ ...one, pointer: `/${place}${one.pointer}` }));
    throw new InvalidInput(error.code, error.message, problems);
  }
}

function readBody(route: Route, request: HttpRequest): unknown {
  if (route.body === undefined) {
    if (request.body === undefined || route.bodyType === 'form' || request.body.length === 0) return undefined;
    if (/^\s*(\{\s*\})?\s*$/.test(request.body.toString('utf8', 0, 100)) && request.body.length <= 100)
      return undefined;
    throw new InvalidInput(
      'request.body',
      `${route.method} ${route.path} takes no body; this one has ${request.body.length} bytes`,
    );
  }
  if (route.bodyType === 'form') return Object.fromEntries(new URLSearchParams(request.body?.toString('utf8') ?? ''));
  const type = request.headers['content-type'];
  if (request.body !== undefined && type !== undefined && !/^application\/([a-z0-9.-]+\+)?json\b/i.test(type)) {
    throw new InvalidInput('request.content-type', 'the body must be application/json', [
      {
        pointer: '',
        code: 'request.content-type',
        detail: 'not JSON',
        limit: 'application/json',
        actual: type.slice(0, 100),
      },
    ]);
  }
  const parsed = readJson(request.body);
  if (parsed !== undefined) return parsed;
  if (route.body.safeParse({}).success) return {};
  throw new InvalidInput(`${bodyCode(route)}.missing`, 'a JSON body is required');
}

function readPreconditions(route: Route, request: HttpRequest): Expectation | undefined {
  if (route.preconditions === undefined) return undefined;
  const ifMatch = request.headers['if-match'];
  const ifNoneMatch = request.headers['if-none-match'];
  if (ifMatch !== undefined && ifNoneMatch !== undefined) {
    throw new InvalidInput('request.preconditions', 'send If-Match or If-None-Match, not both');
  }
  if (ifNoneMatch !== undefined && route.preconditions === 'required') {
    if (ifNoneMatch.trim() !== '*') throw new InvalidInput('request.if-none-match', 'the only value is *: create');
    return { absent: true };
  }
  if (ifMatch !== undefined) {
    const etag = /^\s*"([\x21\x23-\x7e]{1,200})"\s*$/.exec(ifMatch)?.[1];
    if (etag === undefined)
      throw new InvalidInput('request.if-match', 'If-Match takes one strong ETag, in double quotes');
    return { etag };
  }
  if (route.preconditions === 'optional') return undefined;
  throw new Conflict(
    'request.precondition-required',
    'send If-None-Match: * to create, or If-Match with the ETag of what you read',
    'precondition-required',
  );
}

function readIdempotencyKey(route: Route, request: HttpRequest): string | undefined {
  if (route.method !== 'POST' || route.idempotency === 'none' || route.scope === 'public') return undefined;
  const key = request.headers['idempotency-key'];
  if (key === undefined) {
    if (route.idempotency !== 'required') return undefined;
    throw new InvalidInput(
      'request.idempotency-key',
      'Idempotency-Key is required here: any text that you never use twice',
    );
  }
  if (IDEMPOTENCY_KEY.test(key)) return key;
  throw new InvalidInput('request.idempotency-key', 'Idempotency-Key is 1 to 200 visible ASCII characters', [
    { pointer: '', code: 'request.idempotency-key', detail: 'not a key', limit: 200, actual: key.length },
  ]);
}

/**
 * The first request under a key does it, later ones get its answer. What threw has done nothing that a repetition
 * with the same command id would do twice, so it may be tried again.
 */
async function onlyOnce(
  route: Route,
  call: Call,
  { key, hash }: { readonly key: string; readonly hash: string },
  ports: Ports,
  perform: () => Promise<Answer>,
): Promise<Answer> {
  const caller = call.principal.id;
  const claim = await ports.idempotency.claim(caller, key, hash, call.now);
  if (claim.state === 'done')
    return { ...claim.answer, headers: { ...claim.answer.headers, 'idempotent-replay': 'true' } };
  if (claim.state === 'in-progress') {
    throw new Conflict(
      'request.in-progress',
      'a request with this Idempotency-Key is being worked on: try again in a second',
    );
  }
  if (claim.state === 'other-request') {
    throw new InvalidInput(
      'request.idempotency-key-reused',
      'this Idempotency-Key was used for another request in the last 24 hours',
      [],
      'invalid',
    );
  }
  let answer: Answer;
  try {
    answer = await perform();
  } catch (error) {
    await ports.idempotency.release(caller, key, hash);
    throw error;
  }
  const saved = {
    status: answer.status,
    headers: answer.headers ?? {},
    body: route.redact?.(answer.body) ?? answer.body,
  };
  await ports.idempotency.complete(caller, key, hash, saved, ports.now());
  return answer;
}
