import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Ids } from '../ids.ts';
import type { CapturedMessage, Inbox } from './inbox.ts';

/** Headers that may carry the sender's own message id. */
const idHeaders = ['webhook-id', 'idempotency-key'];

export interface WebhookAnswer {
  status: number;
  body: string;
}

/** Takes every webhook that would have left, by host; each host answers as it was told to, else 200 and `{}`. */
export class Webhooks {
  readonly #inbox: Inbox;
  readonly #clock: VirtualClock;
  readonly #ids: Ids;
  readonly #answers = new Map<string, WebhookAnswer>();

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
