import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { suppressionStore } from '../../../shared/data/suppression-store.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../../emulators/dynamo.ts';
import { type QueueEmulator, startQueues } from '../../emulators/queues.ts';

type Handler = (event: SQSEvent) => Promise<SQSBatchResponse>;

/** The deployed function on tables and a mailbox of its own, anew for each test. */
export function receiptsWorld() {
  let dynamo: DynamoEmulator;
  let queues: QueueEmulator;
  let handler: Handler;
  let names: { readonly messages: string; readonly suppressions: string; readonly mailbox: string };
  let containers = 0;

  /** Node loads a module once for each query, and a handler makes its ports when it is loaded. */
  async function restart() {
    ({ handler } = await import(`../../../functions/receipts/handler.ts?container=${++containers}`));
  }

  beforeAll(async () => {
    [dynamo, queues] = await Promise.all([startDynoxide(), startQueues()]);
  });
  afterAll(() => Promise.all([dynamo.stop(), queues.stop()]));
  beforeEach(async () => {
    const of = (name: string) => `${name}-${containers + 1}`;
    names = { messages: of('messages'), suppressions: of('suppressions'), mailbox: `${of('mailbox')}.fifo` };
    await Promise.all([
      createTable(dynamo.client, 'messages', names.messages),
      createTable(dynamo.client, 'suppressions', names.suppressions),
    ]);
    const environment = {
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
      AWS_ENDPOINT_URL_SQS: queues.endpoint,
      MESSAGES_TABLE: names.messages,
      SUPPRESSIONS_TABLE: names.suppressions,
      MAILBOX_QUEUES: queues.createFifo(names.mailbox),
      POWERTOOLS_DEV: 'true',
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    for (const method of ['warn', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => {});
    await restart();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  return {
    restart,
    /** Ids of the queue's messages that must come again. */
    async receive(...bodies: string[]): Promise<string[]> {
      const Records = bodies.map((body, n) => ({ messageId: `sqs-${n}`, body, attributes: {} }));
      const { batchItemFailures } = await handler({ Records } as unknown as SQSEvent);
      return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    },
    mails: () => queues.mails(names.mailbox),
    suppressionStore: () => suppressionStore(dynamo.client, names.suppressions),
    client: () => dynamo.client,
    names: () => names,
  };
}
