import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { QueuedMessage } from '../../shared/app/ports.ts';
import { settleUndelivered } from '../../shared/app/settle-undelivered.ts';
import { settleUndeliveredPorts } from '../edge/actor-ports.ts';
import { withPrivateErrors } from '../edge/private-errors.ts';
import { each } from '../edge/sqs-batch.ts';

const ports = settleUndeliveredPorts();

/** Dead-letter queues of the messages (SQS) → recorded outcomes. What must come again comes after the visibility time-out. */
export const handler = withPrivateErrors(
  (event: SQSEvent, { awsRequestId }: Context): Promise<SQSBatchResponse> =>
    each<QueuedMessage>(event, ({ id, receives, body }, index) =>
      settleUndelivered({ copy: id, ...body, receives, by: `${awsRequestId}/${index}` }, ports),
    ),
);
