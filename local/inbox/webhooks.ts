import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Ids } from '../ids.ts';
import type { CapturedMessage, Inbox } from './inbox.ts';

/** Headers that may carry the sender's own message id. */
const idHeaders = ['webhook-id', 'idempotency-key'];

export interface WebhookAnswer {
  status: number;
  body: string;
}

/**
 * What becomes of one call in the place of an answer.
 *
 * - `reset`: the connection breaks before the endpoint has read anything;
 * - `lose-answer`, `hang`: the endpoint has it, and its answer breaks off, or never comes;
 * - `{ status }`: refused, and not taken;
 * - `{ delayMs: n }`: taken, and answered after n milliseconds of real time.
 */
export type WebhookFault =
  | 'pass'
  | 'reset'
  | 'lose-answer'
  | 'hang'
  | { status: number; headers?: Record<string, string> }
  | { delayMs: number };

/** Takes every webhook that would have left, by host; each host answers as it was told to, else 200 and `{}`. */
export class Webhooks {
  readonly #inbox: Inbox;
  readonly #clock: VirtualClock;
  readonly #ids: Ids;
  readonly #answers = new Map<string, WebhookAnswer>();
  /** One hook at a time; undefined takes it away. */
  onCall: ((host: string) => WebhookFault) | undefined;

  constructor(inbox: Inbox, clock: VirtualClock, ids: Ids) {
    this.#inbox = inbox;
    this.#clock = clock;
    this.#ids = ids;
  }

  answerWith(host: string, status: number, body: unknown = {}): void {
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new RangeError(`status must be a whole number from 200 to 599, not ${JSON.stringify(status)}`);
    }
    this.#answers.set(host, { status, body: JSON.stringify(body) });
  }

  receive(host: string, path: string, headers: Record<string, string>, body: string): WebhookAnswer {
    const message: CapturedMessage = this.#inbox.add({
      channel: 'webhook',
      to: host + path,
      from: headers['user-agent'] ?? '',
      subject: host + path,
      text: body,
      html: '',
      headers,
      tags: {},
      messageId: idHeaders.map((header) => headers[header]).find(Boolean),
      providerMessageId: this.#ids.uuid(),
      at: new Date(this.#clock.now()).toISOString(),
    });
    const answer = this.#answers.get(host) ?? { status: 200, body: '{}' };
    this.#inbox.note(message, { type: `answered ${answer.status}`, at: message.at });
    return answer;
  }
}
