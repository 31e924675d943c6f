import { compareDocuments } from '../../app/audit/compare.ts';
import type { AuditIntent, AuditOutcome, DocumentState } from '../../app/audit/entry.ts';
import { GodwitError, NotFound, Transient } from '../../kernel/errors.ts';
import type { Ports } from '../ports.ts';
import { statusOf } from '../problem.ts';
import type { Answer, Call, Route } from '../route.ts';
import { isAboutCustomer, resourceOf } from './resource.ts';

/**
 * Every call that changes something stands in the audit log.
 *
 * 1. The intent is written before the change: what cannot be written is not done (503), so nothing happens unseen.
 * 2. What became of it is written after; when that fails, the entry says that nobody knows, and it is counted and logged.
 * 3. Of documents it says what they were and became; of customers, names of fields and a hash, never a value.
 *
 * A repetition under an Idempotency-Key changes nothing and is not in it.
 */
export type DocumentReader = (route: Route) => Route | undefined;

export const isAudited = (route: Route): boolean =>
  route.audited ?? (route.method !== 'GET' && route.scope !== 'public' && route.idempotency !== 'none');

/** The GET of the document that a route saves, removes or acts on: `/v1/journeys/{id}` for `…/publish`. */
export function documentReader(routes: readonly Route[]): DocumentReader {
  const saved = routes.filter(({ method, preconditions }) => method === 'PUT' && preconditions === 'required');
  const readers = saved.flatMap(({ path }) => routes.filter((one) => one.method === 'GET' && one.path === path));
  return (route) => readers.find(({ path }) => route.path === path || isActionOn(path, route.path));
}

/** What lies below a document has paths of its own: `/items/{item}`. */
const isActionOn = (document: string, path: string): boolean =>
  path.startsWith(`${document}/`) && !path.slice(document.length).includes('{');

export async function audited(route: Route, call: Call, ports: Ports, readerOf: DocumentReader): Promise<Answer> {
  const reader = isAboutCustomer(route) ? undefined : readerOf(route);
  const before = reader && (await readDocument(reader, call, ports));
  const intent = intentOf(route, call, before?.state);
  await intend(intent, ports);
  let answer: Answer;
  try {
    answer = await route.handle(call, ports);
  } catch (error) {
    const code = error instanceof GodwitError ? error.code : 'internal';
    await conclude(intent, { status: statusOf(error), code }, ports);
    throw error;
  }
  await conclude(intent, await outcomeOf(answer, call, ports, reader, before), ports);
  return answer;
}

interface ReadDocument {
  readonly state: DocumentState | null;
  readonly document?: unknown;
}

async function readDocument(reader: Route, call: Call, ports: Ports): Promise<ReadDocument> {
  try {
    const { headers = {}, body } = await reader.handle({ ...call, query: {}, body: undefined }, ports);
    const [version, state] = [headers['godwit-version'], headers['godwit-state']];
    return {
      state: {
        etag: (headers['etag'] ?? '').replaceAll('"', ''),
        ...(version !== undefined && { version }),
        ...(state !== undefined && { state }),
      },
      document: body,
    };
  } catch (error) {
    if (error instanceof NotFound) return { state: null };
    throw error;
  }
}

function intentOf(route: Route, call: Call, before: DocumentState | null | undefined): AuditIntent {
  const { request, principal, body, now } = call;
  return {
    id: request.id.replace(/[^\x21-\x7e]|#/g, '').slice(0, 100),
    at: now,
    who: principal.id,
    method: route.method,
    route: route.byQuery?.path ?? route.path,
    resource: resourceOf({ route, params: request.params, query: request.query }),
    ...(before === undefined ? { fields: fieldsOf(body) } : { before }),
  };
}

async function intend(intent: AuditIntent, { audit }: Ports): Promise<void> {
  try {
    await audit.store.intend(intent);
  } catch (error) {
    if (!(error instanceof Transient)) throw error;
    throw new Transient('audit.unavailable', 'nothing was done, because the audit log cannot be written', 5);
  }
}

/** The change is made by now, so its answer goes out whatever happens here. */
async function conclude(intent: AuditIntent, outcome: AuditOutcome, { audit }: Ports): Promise<void> {
  try {
    await audit.store.conclude(intent, outcome);
  } catch (error) {
    audit.onLost(error, { requestId: intent.id, route: intent.route, status: outcome.status });
  }
}

async function outcomeOf(
  { status, noted }: Answer,
  call: Call,
  ports: Ports,
  reader: Route | undefined,
  before: ReadDocument | undefined,
): Promise<AuditOutcome> {
  const outcome = { status, ...(noted !== undefined && { noted }) };
  if (reader === undefined) return outcome;
  let after: ReadDocument;
  try {
    after = await readDocument(reader, call, ports);
  } catch (error) {
    // What was asked for is done; only its picture is missing.
    ports.audit.onLost(error, { requestId: call.request.id, route: reader.path, status });
    return outcome;
  }
  const { changes, more } = compareDocuments(before?.document, after.document);
  return {
    ...outcome,
    after: after.state,
    ...(changes.length > 0 && { changes }),
    ...(more > 0 && { moreChanges: more }),
  };
}

const plainName = /^[^@+]{1,64}$/;
const MOST_FIELDS = 40;

/** `traits.plan`: two levels of names. A name with an @ is an address that somebody uses as one. */
function fieldsOf(body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return [];
  const names = Object.entries(body).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? [name, ...Object.keys(value).map((inner) => `${name}.${inner}`)]
      : [name],
  );
  return names.filter((name) => plainName.test(name)).slice(0, MOST_FIELDS);
}
