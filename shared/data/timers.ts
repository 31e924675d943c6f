import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock, Timers, WaitMachine } from '../app/ports.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { timing } from '../resources.ts';
import { awsCall } from './aws-call.ts';
import { writeBody } from './queue-body.ts';
import { sendBatches } from './send-batches.ts';

export interface TimerQueues {
  /** Standard queue into arm-timers. */
  readonly wakes: string;
  /** Standard queue with a delay of each message's own, into wake-soon. */
  readonly soon: string;
}

/** Waits up to 15 minutes lie in the delay queue (the limit of DelaySeconds), longer ones become part of a cohort. */
export function timers(client: SQSClient, queues: TimerQueues, clock: Clock): Timers {
  return {
    async arm(wakes) {
      const now = clock();
      const indexed = wakes.map((wake, index) => {
        const seconds = Math.max(0, Math.ceil((wake.due - now) / SECOND_MS));
        return { index, seconds, MessageBody: writeBody({ schema: 1, ...wake }) };
      });
      const [soon, later] = [true, false].map((isSoon) =>
        indexed.filter(({ seconds }) => seconds <= timing.soonSeconds === isSoon),
      ) as [typeof indexed, typeof indexed];
      const refusals = await Promise.all([
        sendBatches(
          client,
          queues.soon,
          soon.map(({ seconds, MessageBody }) => ({ DelaySeconds: seconds, MessageBody })),
          { ordered: false },
        ),
        sendBatches(
          client,
          queues.wakes,
          later.map(({ MessageBody }) => ({ MessageBody })),
          { ordered: false },
        ),
      ]);
      return refusals.flatMap((refused, which) =>
        refused.map(({ index, code }) => ({ index: (which === 0 ? soon : later)[index]!.index, code })),
      );
    },
  };
}

export function waitMachine(client: SFNClient, stateMachineArn: string): WaitMachine {
  return {
    async start(name, cohort) {
      try {
        await awsCall(client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(cohort) })));
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      }
    },
  };
}
