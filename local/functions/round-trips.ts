import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';

/** How long the longest chain of calls is, of which each began after the one before was answered: what an invocation waits for. */
export class RoundTrips {
  #answered = 0;
  #longest = 0;

  get longest(): number {
    return this.#longest;
  }

  reset(): void {
    this.#answered = 0;
    this.#longest = 0;
  }

  /** A call begins; the answer ends it. Calls that are under way together share a place in the chain. */
  begin(): () => void {
    const place = this.#answered + 1;
    this.#longest = Math.max(this.#longest, place);
    return () => {
      this.#answered = Math.max(this.#answered, place);
    };
  }
}

/**
 * Signed calls of this thread, seen where they are made (node:diagnostics_channel, "HTTP"): at the gateway two calls that
 * were made together may come one after the other. What goes through `fetch` is no call to AWS here.
 */
export function watchRoundTrips(): RoundTrips {
  const trips = new RoundTrips();
  const ends = new WeakMap<ClientRequest, () => void>();
  subscribe('http.client.request.start', (message) => {
    const { request } = message as { request: ClientRequest };
    if (String(request.getHeader('authorization') ?? '').startsWith('AWS4-')) ends.set(request, trips.begin());
  });
  subscribe('http.client.response.finish', (message) => {
    ends.get((message as { request: ClientRequest }).request)?.();
  });
  return trips;
}
