import { AwsError } from '../gateway/aws-error.ts';
import type { MessageAttribute, QueueSettings } from './message.ts';

export interface SendEntry {
  MessageBody?: string;
  MessageAttributes?: Record<string, MessageAttribute>;
  MessageGroupId?: string;
  MessageDeduplicationId?: string;
  DelaySeconds?: number;
}

// The characters SQS accepts: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF (SendMessage).
const forbiddenInBody = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;
/** Group and deduplication ids: up to 128 alphanumeric and punctuation characters [Q1, Q13]. */
const idShape = /^[\x21-\x7e]{1,128}$/;
export const MAX_DELAY_SECONDS = 900;
export const MAX_BATCH_BYTES = 1_048_576;

/** Body and attributes, as SQS counts and bills them. */
export function messageSize(body: string, attributes: Record<string, MessageAttribute> | undefined): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes ?? {})) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue ?? '');
    if (BinaryValue !== undefined) bytes += Buffer.from(BinaryValue, 'base64').length;
  }
  return bytes;
}

/** Throws what SQS answers when a message may not enter the queue [Q13]. */
export function checkEntry(entry: SendEntry, queue: QueueSettings): void {
  const body = entry.MessageBody;
  if (!body) throw missing('MessageBody');
  if (forbiddenInBody.test(body)) {
    throw new AwsError('InvalidMessageContents', 'The message contains characters outside the allowed set.');
  }
  const size = messageSize(body, entry.MessageAttributes);
  if (size > queue.maximumMessageBytes) {
    throw invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${queue.maximumMessageBytes} bytes.`,
    );
  }
  if (Object.keys(entry.MessageAttributes ?? {}).length > 10) {
    throw invalid('Number of message attributes exceeds the allowed maximum [10].');
  }
  const delay = entry.DelaySeconds;
  if (delay !== undefined && (!Number.isInteger(delay) || delay < 0 || delay > MAX_DELAY_SECONDS)) {
    throw invalid(
      `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${MAX_DELAY_SECONDS}.`,
    );
  }
  checkIds(entry, queue);
}

function checkIds(entry: SendEntry, queue: QueueSettings): void {
  if (queue.fifo) {
    if (entry.MessageGroupId === undefined) throw missing('MessageGroupId');
    if (entry.MessageDeduplicationId === undefined && !queue.contentBasedDeduplication) {
      throw invalid(
        'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
      );
    }
    // FIFO queues know a delay for the whole queue only.
    if (entry.DelaySeconds) {
      throw invalid(
        `Value ${entry.DelaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
      );
    }
  } else if (entry.MessageDeduplicationId !== undefined) {
    throw invalid(
      `Value ${entry.MessageDeduplicationId} for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    );
  }
  for (const name of ['MessageGroupId', 'MessageDeduplicationId'] as const) {
    const id = entry[name];
    if (id !== undefined && !idShape.test(id)) {
      throw invalid(
        `Value ${id} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
      );
    }
  }
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

function missing(name: string): AwsError {
  return new AwsError('MissingParameter', `The request must contain the parameter ${name}.`);
}
