import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Ids } from '../ids.ts';
import type { CapturedMessage, Inbox } from './inbox.ts';

/** Headers that may carry the sender's own message id. */
const idHeaders = [
  'godwit_message',
  'godwit-message',
  'godwit-message-id',
  'x-godwit-message',
  'webhook-id',
  'idempotency-key',
];

/** Endpoints that take any webhook: one per name, each with the status it shall answer. */
export class Webhooks {
  readonly #inbox: Inbox;
  readonly #clock: VirtualClock;
  readonly #ids: Ids;
  readonly #answers = new Map<string, number>();

  constructor(inbox: Inbox, clock: VirtualClock, ids: Ids) {
    this.#inbox = inbox;
    this.#clock = clock;
    this.#ids = ids;
  }

  answerWith(name: string, status: number): void {
    this.#answers.set(name, status);
  }

  receive(name: string, headers: Record<string, string>, body: string): { status: number; message: CapturedMessage } {
    const message = this.#inbox.add({
      channel: 'webhook',
      to: name,
      from: headers['user-agent'] ?? '',
      subject: name,
      text: body,
      html: '',
      headers,
      tags: {},
      messageId: idHeaders.map((header) => headers[header]).find(Boolean),
      providerMessageId: this.#ids.uuid(),
      at: new Date(this.#clock.now()).toISOString(),
    });
    const status = this.#answers.get(name) ?? 200;
    this.#inbox.note(message, { type: `answered ${status}`, at: message.at });
    return { status, message };
  }
}
