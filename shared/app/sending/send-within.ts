import { timing } from '../../resources.ts';
import type { HandResult, QueuedMessage } from '../ports.ts';
import { type MessageDelivery, type SendPorts, type SendResult, sendMessage } from '../send.ts';
import type { Sending } from './sending.ts';

export interface SendWithinPorts extends SendPorts {
  readonly sending: Sending;
  /** Puts a copy of the message into its own queue. */
  readonly again: (message: QueuedMessage) => Promise<void>;
}

/**
 * Hands a message over, unless a rate or an outage is against it: then it lies in the queue, and comes again.
 *
 * SQS keeps a message for some days and for so many receives. What has waited often is put into the queue anew, and begins
 * again in both. Between the copy and the end of this one both may be
 * there: claims know copies (guarantee G3).
 */
export async function sendWithin(delivery: MessageDelivery, ports: SendWithinPorts): Promise<SendResult> {
  const { request, receives } = delivery;
  const early = await ports.sending.admit(request, receives);
  if (early !== undefined) return wait(delivery, early.seconds, ports);
  let parked: HandResult | undefined;
  const sent = await sendMessage(delivery, {
    ...ports,
    hand: async (...given) => {
      const result = await ports.hand(...given);
      if ('throttled' in result && result.parked === true) parked = result;
      return result;
    },
  });
  if (sent === 'ack' || parked === undefined || !('throttled' in parked)) return sent;
  return wait(delivery, parked.retryAfterSeconds ?? sent.nackAfterSeconds, ports);
}

async function wait(
  { schema, hop, request, unasked, entry, receives }: MessageDelivery,
  seconds: number,
  ports: SendWithinPorts,
): Promise<SendResult> {
  if (receives < timing.messageFreshFromReceives) return { nackAfterSeconds: seconds };
  await ports.again({ schema, hop, request, ...(unasked && { unasked }), ...(entry && { entry }) });
  return 'ack';
}
