const WINDOW_MS = 5 * 60_000;

export interface Sent {
  id: string;
  sequence: number | undefined;
}

export type SavedSent = [key: string, sent: Sent & { until: number }][];

/** What a FIFO queue has accepted in the last five minutes, also if it was received and deleted since [Q3, Q15]. */
export class Deduplication {
  /** In the order of sending, so that expired entries lie in front. */
  readonly #sent = new Map<string, Sent & { until: number }>();
  readonly #scope: 'queue' | 'messageGroup';

  constructor(scope: 'queue' | 'messageGroup') {
    this.#scope = scope;
  }

  earlier(groupId: string | undefined, id: string, now: number): Sent | undefined {
    for (const [key, sent] of this.#sent) {
      if (sent.until > now) break;
      this.#sent.delete(key);
    }
    return this.#sent.get(this.#key(groupId, id));
  }

  remember(groupId: string | undefined, id: string, sent: Sent, now: number): void {
    this.#sent.set(this.#key(groupId, id), { ...sent, until: now + WINDOW_MS });
  }

  save(): SavedSent {
    return [...this.#sent];
  }

  restore(saved: SavedSent): void {
    for (const [key, sent] of saved) this.#sent.set(key, sent);
  }

  #key(groupId: string | undefined, id: string): string {
    return this.#scope === 'messageGroup' ? `${groupId} ${id}` : id;
  }
}
