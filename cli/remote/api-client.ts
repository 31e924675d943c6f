/**
 * The management API: JSON in and out, and its refusals in their own words (RFC 9457).
 *
 * 1. What may be asked twice is: GET, and POST under an Idempotency-Key; after 429 and 503, as long as they say.
 * 2. The key goes to the address that it was given for, to no other: redirects are not followed.
 */
export interface Problem {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
  readonly limit?: string | number;
  readonly actual?: string | number;
  readonly fix?: string;
}

/** The API said no, or could not be asked. */
export class RemoteProblem extends Error {
  /** Undefined: there was no answer. */
  readonly status: number | undefined;
  readonly code: string;
  readonly request: string;
  readonly requestId: string | undefined;
  /** What the API asks for before the next try. */
  readonly retryAfterSeconds: number | undefined;
  readonly problems: readonly Problem[];

  constructor(
    request: string,
    detail: string,
    more: {
      status?: number;
      code?: string;
      requestId?: string;
      retryAfterSeconds?: number;
      problems?: readonly Problem[];
    } = {},
  ) {
    super(detail);
    this.name = 'RemoteProblem';
    this.request = request;
    this.status = more.status;
    this.code = more.code ?? 'remote.unreachable';
    this.requestId = more.requestId;
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.problems = more.problems ?? [];
  }
}

export interface ApiAnswer<T> {
  readonly status: number;
  /** Without its quotes. */
  readonly etag: string | undefined;
  readonly body: T;
}

/** What must be there already, for a PUT. */
export type Condition = { readonly etag: string } | { readonly absent: true };

const attempts = 5;
const requestTimeoutMs = 60_000;
/** Whoever is told to wait for longer is told so. */
const longestPauseSeconds = 60;

export class ApiClient {
  readonly base: string;
  readonly #key: string;

  constructor(base: string, key: string) {
    this.base = base.replace(/\/+$/, '');
    this.#key = key;
  }

  async get<T>(path: string): Promise<T> {
    return (await this.read<T>(path)).body;
  }

  async read<T>(path: string): Promise<ApiAnswer<T>> {
    return this.#call<T>('GET', path, undefined, {}, attempts);
  }

  /** Undefined: there is none. */
  async find<T>(path: string): Promise<ApiAnswer<T> | undefined> {
    try {
      return await this.read<T>(path);
    } catch (error) {
      if (error instanceof RemoteProblem && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All pages of a list. */
  async list<T>(path: string, query: Readonly<Record<string, string>> = { limit: '200' }): Promise<T[]> {
    const all: T[] = [];
    for await (const page of this.pages<T>(path, query)) all.push(...page);
    return all;
  }

  /** One page of a list after the other. */
  async *pages<T>(path: string, query: Readonly<Record<string, string>>): AsyncGenerator<readonly T[]> {
    let cursor: string | null | undefined;
    do {
      const asked = new URLSearchParams({ ...query, ...(cursor ? { cursor } : {}) });
      const page = await this.get<{ data: T[]; nextCursor: string | null }>(`${path}?${asked}`);
      yield page.data;
      cursor = page.nextCursor;
    } while (cursor);
  }

  /** @returns the new ETag. */
  async put(path: string, document: unknown, condition: Condition): Promise<string> {
    const header: Record<string, string> =
      'absent' in condition ? { 'if-none-match': '*' } : { 'if-match': `"${condition.etag}"` };
    return (await this.#call('PUT', path, document, header, 1)).etag ?? '';
  }

  /** PUT of what has no versions. */
  async set<T>(path: string, body: unknown): Promise<T> {
    return (await this.#call<T>('PUT', path, body, {}, 1)).body;
  }

  async patch<T>(path: string, body: unknown): Promise<T> {
    return (await this.#call<T>('PATCH', path, body, {}, 1)).body;
  }

  async post<T>(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    return (await this.#call<T>('POST', path, body, headers, 'idempotency-key' in headers ? attempts : 1)).body;
  }

  async remove<T = undefined>(path: string): Promise<T> {
    return (await this.#call<T>('DELETE', path, undefined, {}, 1)).body;
  }

  async #call<T>(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
    tries: number,
  ): Promise<ApiAnswer<T>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once<T>(method, path, body, headers);
      } catch (error) {
        const pauseSeconds = error instanceof RemoteProblem ? retryAfter(error, attempt) : undefined;
        if (pauseSeconds === undefined || attempt >= tries) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseSeconds * 1_000));
      }
    }
  }

  async #once<T>(method: string, path: string, body: unknown, headers: Readonly<Record<string, string>>) {
    const { response, text } = await send(this.base + path, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const etag = response.headers.get('etag')?.replace(/^"(.*)"$/, '$1');
    return { status: response.status, etag, body: (text === '' ? undefined : JSON.parse(text)) as T };
  }
}

interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Without a key: the request brings its own proof of who asks. */
export async function callOnce<T>(url: string, sent: Sent): Promise<T> {
  return JSON.parse((await send(url, sent)).text) as T;
}

async function send(url: string, sent: Sent): Promise<{ readonly response: Response; readonly text: string }> {
  const request = `${sent.method} ${url}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { ...sent, redirect: 'manual', signal: AbortSignal.timeout(requestTimeoutMs) });
    text = await response.text();
  } catch (error) {
    throw new RemoteProblem(request, `no answer: ${causeOf(error)}`);
  }
  if (!response.ok) throw refusal(request, response, text);
  return { response, text };
}

/** Seconds after which it is worth asking again: twice as long each time, and not before the API says. Undefined: never. */
function retryAfter({ status, code, retryAfterSeconds = 0 }: RemoteProblem, attempt: number): number | undefined {
  const passes = status === 429 || status === 502 || status === 503 || status === 504;
  if (!passes && status !== undefined && code !== 'request.in-progress') return undefined;
  return retryAfterSeconds > longestPauseSeconds ? undefined : Math.max(2 ** (attempt - 1) / 2, retryAfterSeconds);
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

function refusal(request: string, { status, headers }: Response, text: string): RemoteProblem {
  let body: { code?: string; detail?: string; requestId?: string; errors?: Problem[] } = {};
  try {
    body = JSON.parse(text) as typeof body;
  } catch {
    // Not from the API itself: a proxy, or another server at this address.
  }
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const detail = body.detail ?? `${status} and no problem document: is this the address of a Godwit API?`;
  return new RemoteProblem(request, detail, {
    status,
    code: body.code ?? 'remote.answer',
    problems: body.errors ?? [],
    ...(body.requestId !== undefined && { requestId: body.requestId }),
    // The API writes seconds, never a date.
    ...(seconds > 0 && { retryAfterSeconds: seconds }),
  });
}
