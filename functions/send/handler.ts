import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { QueuedMessage } from '../../shared/app/ports.ts';
import { sendWithin } from '../../shared/app/sending/send-within.ts';
import { sqsClient } from '../edge/aws-clients.ts';
import { withPrivateErrors } from '../edge/private-errors.ts';
import { sendPorts } from '../edge/send-ports.ts';
import { each, queueUrl } from '../edge/sqs-batch.ts';

// The mapping names the queue by ARN; whichever endpoint the client resolves is the queue's.
const queues = sqsClient({ useQueueUrlAsEndpoint: false });
let queue = '';
const ports = await sendPorts(queues, () => queueUrl(queue));

/** Messages of one channel (SQS) → its provider. */
export const handler = withPrivateErrors((event: SQSEvent, { awsRequestId }: Context): Promise<SQSBatchResponse> => {
  queue = event.Records[0]?.eventSourceARN ?? queue;
  return each<QueuedMessage>(
    event,
    ({ id, receives, body }, index) =>
      sendWithin({ copy: id, ...body, receives, by: `${awsRequestId}/${index}` }, ports),
    queues,
  );
});
