import type { Ids } from '../ids.ts';

export interface CapturedMessage {
  /** The inbox's own id. */
  id: string;
  channel: string;
  to: string;
  from: string;
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
  tags: Record<string, string>;
  /** The sender's id of the message: the tag `godwit_message` or a header of that name. */
  messageId: string | undefined;
  providerMessageId: string;
  at: string;
  events: { type: string; at: string; link?: string }[];
}

/** Everything that providers and webhook endpoints would have received, oldest first. */
export class Inbox {
  isDirty = false;
  onAdded: ((message: CapturedMessage) => void) | undefined;
  #messages: CapturedMessage[] = [];
  readonly #byId = new Map<string, CapturedMessage>();
  readonly #ids: Ids;

  constructor(ids: Ids) {
    this.#ids = ids;
  }

  add(message: Omit<CapturedMessage, 'id' | 'events'>): CapturedMessage {
    const captured: CapturedMessage = { id: this.#ids.uuid(), ...message, events: [] };
    this.#messages.push(captured);
    this.#byId.set(captured.id, captured);
    this.isDirty = true;
    this.onAdded?.(captured);
    return captured;
  }

  note(message: CapturedMessage, event: CapturedMessage['events'][number]): void {
    message.events.push(event);
    this.isDirty = true;
  }

  find(id: string): CapturedMessage | undefined {
    return this.#byId.get(id);
  }

  list(filter: { to?: string | undefined; channel?: string | undefined } = {}): CapturedMessage[] {
    return this.#messages.filter(
      (message) => (!filter.to || message.to === filter.to) && (!filter.channel || message.channel === filter.channel),
    );
  }

  clear(): void {
    this.#messages = [];
    this.#byId.clear();
    this.isDirty = true;
  }

  restore(messages: CapturedMessage[]): void {
    this.#messages = messages;
    for (const message of messages) this.#byId.set(message.id, message);
  }
}
