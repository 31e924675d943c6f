import { timing } from '../../resources.ts';
import type { QueuedMessage } from '../ports.ts';
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
  const sent = await sendMessage(delivery, ports);
  return sent === 'ack' || sent.parked !== true ? sent : wait(delivery, sent.nackAfterSeconds, ports);
}

async function wait(
  { schema, hop, request, copy, unasked, entry, receives }: MessageDelivery,
  seconds: number,
  ports: SendWithinPorts,
): Promise<SendResult> {
  if (receives < timing.messageFreshFromReceives) return { nackAfterSeconds: seconds };
  await ports.again({ schema, hop, request, copy, ...(unasked && { unasked }), ...(entry && { entry }) });
  return 'ack';
}
