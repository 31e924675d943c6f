/** The management API as the demo uses it: JSON in and out, the problem's own words when it refuses. */
export class ApiClient {
  readonly base: string;
  readonly #key: string;

  constructor(base: string, key: string) {
    this.base = base;
    this.#key = key;
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#call('GET', path)).body as T;
  }

  /** Creates or replaces, whatever is there; returns the new ETag. */
  async put(path: string, document: unknown): Promise<string> {
    const found = await this.#call('LOOK-UP', path);
    const condition: Record<string, string> =
      found.etag === null ? { 'if-none-match': '*' } : { 'if-match': found.etag };
    return (await this.#call('PUT', path, document, condition)).etag ?? '';
  }

  async post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
    return (await this.#call('POST', path, body, headers)).body as T;
  }

  async delete<T>(path: string): Promise<T> {
    return (await this.#call('DELETE', path)).body as T;
  }

  async #call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const lookUp = method === 'LOOK-UP';
    const response = await fetch(this.base + path, {
      method: lookUp ? 'GET' : method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok && !(lookUp && response.status === 404))
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return {
      etag: response.ok ? response.headers.get('etag') : null,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }
}
