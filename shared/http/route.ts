import type * as z from 'zod';
import type { GrantedScope, Scope } from '../app/access/scopes.ts';
import type { LiveKind } from '../app/catalog/live-documents.ts';
import type { Actor, Expectation } from '../app/catalog/ports.ts';
import type { DocumentLimits } from '../kernel/document-guard.ts';
import type { Ports } from './ports.ts';
import type { HttpRequest } from './request.ts';

/**
 * One route of the API, declared once: the router, authentication, validation, the OpenAPI document and /docs are
 * all made from this.
 */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** `/v1/journeys/{id}` */
  readonly path: string;
  /** 'public': no key is asked for. 'iam': the gateway has checked a signature of AWS. */
  readonly scope: Scope | 'public' | 'iam';
  /** Whoever signed in may call it without the scope: it answers them about themselves. */
  readonly ofOwnSession?: true;
  /** Called by customers' apps with the token of an inbox, and by web pages of the configured origins (functions/edge/cors.ts). */
  readonly forApps?: true;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** What is unclear in a body is answered with `<word>.<fault>`: `journey.unknown-key`. */
  readonly bodyCode?: string;
  /** Default: what a body may be at all. */
  readonly bodyLimits?: DocumentLimits;
  /** `form`: application/x-www-form-urlencoded (RFC 8058). */
  readonly bodyType?: 'json' | 'form';
  /** If-None-Match: * or If-Match must be given. `optional`: If-Match may be. */
  readonly preconditions?: 'required' | 'optional';
  /** Of a POST. `none`: it changes nothing, so nothing has to be remembered. Default `accepted`. */
  readonly idempotency?: 'required' | 'accepted' | 'none';
  /** It changes what is sent: of which kind (second-person.ts). */
  readonly secondPerson?: LiveKind | 'broadcast';
  /** Whether the audit log has it; absent: when it changes something (audit/audited.ts). */
  readonly audited?: boolean;
  /** It is another route, with one parameter in the query (by-query.ts). */
  readonly byQuery?: { readonly path: string; readonly parameter: string };
  /** Takes out of an answer what must not be stored with an Idempotency-Key. */
  readonly redact?: (body: unknown) => unknown;
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema?: z.ZodType }>>;
  handle(call: Call, ports: Ports): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, unless `html` is given. */
  readonly body?: unknown;
  readonly html?: string;
  /** For the audit log, not for the caller; no personal data. */
  readonly noted?: Readonly<Record<string, string>>;
}

export interface Principal {
  /** `key:<id>`, or the ARN of somebody of the AWS account. */
  readonly id: string;
  readonly scopes: readonly GrantedScope[];
  /** Id of their session, of whoever signed in. */
  readonly session?: string;
}

export interface Call<P = unknown, Q = unknown, B = unknown> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly request: HttpRequest;
  readonly principal: Principal;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly actor: Actor;
  /** Undefined when neither header was sent. */
  readonly expected: Expectation | undefined;
  /** The same for every repetition under one Idempotency-Key: what a request causes has ids made of it. */
  readonly commandId: string;
}

type Parsed<S> = S extends z.ZodType ? z.infer<S> : undefined;
type Declared<P, Q, B> = Omit<Route, 'params' | 'query' | 'body' | 'handle'> & {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  handle(call: Call<Parsed<P>, Parsed<Q>, Parsed<B>>, ports: Ports): Promise<Answer>;
};

/** Ties the handler's types to the schemas; the dispatcher hands in only what these schemas have parsed. */
export function route<
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(declared: Declared<P, Q, B>): Route {
  return declared as unknown as Route;
}

export const ok = (body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status: 200,
  body,
  headers,
});
export const noContent: Answer = { status: 204 };
export const etagHeader = (etag: string) => ({ etag: `"${etag}"` });
