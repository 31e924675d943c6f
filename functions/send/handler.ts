import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { QueuedMessage } from '../../shared/app/ports.ts';
import { sendMessage } from '../../shared/app/send.ts';
import { sendPorts } from '../edge/send-ports.ts';
import { each } from '../edge/sqs-batch.ts';

// The mapping names the queue by ARN; whichever endpoint the client resolves is the queue's.
const queues = new SQSClient({ useQueueUrlAsEndpoint: false });
const ports = sendPorts(queues);

/** Messages of one channel (SQS) → its provider. */
export const handler = (event: SQSEvent, { awsRequestId }: Context): Promise<SQSBatchResponse> =>
  each<QueuedMessage>(
    event,
    ({ id, receives, body }, index) =>
      sendMessage({ ...body, receives, by: `${awsRequestId}/${index}`, copy: id }, ports),
    queues,
  );
