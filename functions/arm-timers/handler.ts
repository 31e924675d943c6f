import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { armTimers } from '../../shared/app/arm-timers.ts';
import type { WakeRequest } from '../../shared/app/ports.ts';
import { Transient } from '../../shared/kernel/errors.ts';
import { armTimersPorts } from '../edge/actor-ports.ts';
import { withPrivateErrors } from '../edge/private-errors.ts';
import { inBatch } from '../edge/sqs-batch.ts';

const ports = armTimersPorts();

/** Wakes queue (SQS) → one execution per cohort. */
export const handler = withPrivateErrors(
  (event: SQSEvent, { awsRequestId }: Context): Promise<SQSBatchResponse> =>
    inBatch<WakeRequest & { schema: 1 }>(event, async (received) => {
      const wakes = received.map(({ id, body: { key, due } }) => ({ id, key, due }));
      const failed = await armTimers(wakes, awsRequestId, ports);
      return failed.length === 0
        ? []
        : [{ ids: failed, error: new Transient('timers.not-armed', `${failed.length} of ${wakes.length} waits`) }];
    }),
);
