import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { WakeRequest } from '../../shared/app/ports.ts';
import { wakeSoon } from '../../shared/app/wake-soon.ts';
import { wakePorts } from '../edge/actor-ports.ts';
import { withPrivateErrors } from '../edge/private-errors.ts';
import { inBatch } from '../edge/sqs-batch.ts';

const ports = wakePorts();

/** Delay queue (SQS) → mailbox. */
export const handler = withPrivateErrors(
  (event: SQSEvent): Promise<SQSBatchResponse> =>
    inBatch<WakeRequest & { schema: 1 }>(event, async (received) => {
      await wakeSoon(
        received.map(({ id, body: { key, due } }) => ({ id, key, due })),
        ports,
      );
      return [];
    }),
);
