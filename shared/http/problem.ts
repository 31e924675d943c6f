import {
  Conflict,
  Forbidden,
  GodwitError,
  InvalidInput,
  NotFound,
  Permanent,
  type Problem,
  TooMany,
  Transient,
} from '../kernel/errors.ts';
import type { Answer } from './route.ts';

/**
 * Errors as application/problem+json (RFC 9457). The one place where our errors meet HTTP status codes. What is no
 * error of ours is a bug: it answers 500 and says nothing.
 */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors: readonly Problem[];
}

const titles: { readonly [status: number]: string } = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Too large',
  422: 'Not valid',
  428: 'Precondition required',
  429: 'Too many requests',
  500: 'Internal error',
  502: 'Refused by a service behind',
  503: 'Try again later',
};

export function statusOf(error: unknown): number {
  if (error instanceof InvalidInput) return { malformed: 400, invalid: 422, 'too-large': 413 }[error.kind];
  if (error instanceof NotFound) return 404;
  if (error instanceof Conflict) {
    return { state: 409, 'precondition-failed': 412, 'precondition-required': 428 }[error.kind];
  }
  if (error instanceof Forbidden) return error.kind === 'unauthenticated' ? 401 : 403;
  if (error instanceof TooMany) return 429;
  if (error instanceof Transient) return 503;
  if (error instanceof Permanent) return 502;
  return 500;
}

export function problemAnswer(error: unknown, requestId: string): Answer {
  const status = statusOf(error);
  const known = error instanceof GodwitError ? error : undefined;
  const headers: Record<string, string> = {};
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  if (status === 503 || status === 429)
    headers['retry-after'] = String((error instanceof Transient && error.retryAfterSeconds) || 1);
  return problem(
    status,
    known?.code ?? 'internal',
    known?.message ?? 'this is a bug: report the requestId',
    requestId,
    known?.problems,
    headers,
  );
}

export function problem(
  status: number,
  code: string,
  detail: string,
  requestId: string,
  errors: readonly Problem[] = [],
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const title = titles[status] ?? 'Error';
  const body: ProblemBody = { type: `urn:godwit:problem:${code}`, title, status, code, detail, requestId, errors };
  return { status, headers: { ...headers, 'content-type': 'application/problem+json' }, body };
}
