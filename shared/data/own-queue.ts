import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Clock, QueuedMessage } from '../app/ports.ts';
import { Transient } from '../kernel/errors.ts';
import { awsCall } from './aws-call.ts';
import { messageQueues } from './message-queues.ts';

/** The figures are approximate and up to a minute old as they come (SQS API, GetQueueAttributes). */
const REFRESH_MS = 15_000;

/** The queue that a function is fed from, as it sees it itself. */
export interface OwnQueue {
  /** How many messages lie there, in work or not. */
  waiting(): Promise<number>;
  /** A copy that begins anew. */
  again(message: QueuedMessage): Promise<void>;
}

export function ownQueue(client: SQSClient, url: () => string, clock: Clock): OwnQueue {
  let last: { readonly at: number; readonly count: Promise<number> } | undefined;
  const count = async (): Promise<number> => {
    const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    const ask = new GetQueueAttributesCommand({ QueueUrl: url(), AttributeNames: [...names] });
    const { Attributes = {} } = await awsCall(client.send(ask));
    return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  };
  return {
    waiting() {
      const now = clock();
      if (last === undefined || now - last.at >= REFRESH_MS) {
        const asked = { at: now, count: count() };
        asked.count.catch(() => {
          if (last === asked) last = undefined;
        });
        last = asked;
      }
      return last.count;
    },
    async again(message) {
      const refused = await messageQueues(client, { [message.request.channel]: url() }).send([message]);
      if (refused.length > 0) throw new Transient('queue.refused', `its own queue refuses a copy: ${refused[0]!.code}`);
    },
  };
}
