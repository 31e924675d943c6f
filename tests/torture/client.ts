import { type ProfileKey, profileKey } from '../../shared/kernel/ids.ts';
import type { WireEvent } from './population.ts';

export interface Door {
  readonly api: string;
  readonly ingestKey: string;
  readonly adminKey: string;
  now(): number;
}

/** An event that was answered as accepted, and how often it was sent. */
export interface Accepted {
  readonly event: WireEvent;
  times: number;
}

const MOST_TRIES = 60;
const BAD_EVERY = 3;
/** Who has nothing but events that cannot be accepted. */
const nobody = (n: number): string => `nobody-${n}`;

/**
 * A client that keeps what it was promised: an event is accepted when the request that carries it was answered 200, and
 * whatever is answered otherwise is sent again as it was (Segment Spec, HTTP tracking API).
 */
export class Client {
  readonly accepted = new Map<string, Accepted>();
  /** Requests that had to be sent again. */
  retries = 0;
  /** Events that could not be accepted. */
  bad = 0;
  #requests = 0;
  readonly #door: Door;

  constructor(door: Door) {
    this.#door = door;
  }

  async post(events: readonly WireEvent[]): Promise<void> {
    const batch = [...events, ...this.#bad()];
    const body = JSON.stringify({ batch, sentAt: new Date(this.#door.now()).toISOString() });
    const authorization = `Basic ${btoa(`${this.#door.ingestKey}:`)}`;
    await this.#insist('POST', '/v1/batch', body, { authorization }, (status) => status === 200);
    for (const event of events) {
      const known = this.accepted.get(event.messageId);
      if (known === undefined) this.accepted.set(event.messageId, { event, times: 1 });
      else known.times += 1;
    }
  }

  /** Keys of profiles that nobody may have. */
  nobodies(): ProfileKey[] {
    return Array.from({ length: this.bad }, (_, n) => profileKey('user', nobody(n + 1)));
  }

  /** In every third request one that nobody can accept, of somebody who is never heard of otherwise (G13). */
  #bad(): object[] {
    if (++this.#requests % BAD_EVERY > 0) return [];
    const userId = nobody(++this.bad);
    const made = [{ event: '' }, { event: 5 }, { event: 'x'.repeat(40_000) }];
    return [{ type: 'track', messageId: userId, userId, ...made[this.bad % made.length] }];
  }

  /** The management API; the command's key makes that it is done once. Undefined: nobody there of that name yet. */
  async command(method: string, path: string, body: object | undefined, key: string): Promise<number> {
    const headers = { authorization: `Bearer ${this.#door.adminKey}`, 'idempotency-key': key };
    return this.#insist(
      method,
      `/v1/${path}`,
      body === undefined ? undefined : JSON.stringify(body),
      headers,
      (status) => status < 300 || status === 404,
    );
  }

  /** Whatever a mail program does with a link. */
  async press(url: string): Promise<void> {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    await this.#insist(
      'POST',
      url.replace(/^https?:\/\/[^/]+/, ''),
      'List-Unsubscribe=One-Click',
      form,
      (s) => s < 300,
    );
  }

  async #insist(
    method: string,
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
    isDone: (status: number) => boolean,
  ): Promise<number> {
    let last = '';
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const answer = await fetch(this.#door.api + path, {
        method,
        ...(body !== undefined && { body }),
        headers: { 'content-type': 'application/json', ...headers },
      });
      const text = await answer.text();
      if (isDone(answer.status)) return answer.status;
      if (answer.status < 429) throw new Error(`${method} ${path} was answered ${answer.status}: ${text}`);
      last = `${answer.status} ${text}`;
      this.retries += 1;
    }
    throw new Error(`${method} ${path} was answered ${last} ${MOST_TRIES} times`);
  }
}
