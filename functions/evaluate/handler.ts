import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { evaluate } from '../../shared/app/evaluate.ts';
import type { Mail } from '../../shared/domain/mail-record.ts';
import { evaluatePorts } from '../edge/actor-ports.ts';
import { withPrivateErrors } from '../edge/private-errors.ts';
import { inBatch } from '../edge/sqs-batch.ts';

const ports = evaluatePorts();

/** Mailbox (SQS FIFO) → decided, committed, performed. */
export const handler = withPrivateErrors(
  (event: SQSEvent): Promise<SQSBatchResponse> =>
    inBatch<Mail>(event, (received) =>
      evaluate(
        received.map(({ id, receives, body }) => ({ id, receives, mail: body })),
        ports,
      ),
    ),
);
