import { type FauxqsServer, interceptLocalhostDns, startFauxqs } from 'fauxqs';
import { readBody } from '../../shared/data/queue-body.ts';
import type { Mail } from '../../shared/domain/mail-record.ts';

export interface QueueEmulator {
  readonly endpoint: string;
  create(name: string): string;
  createFifo(name: string): string;
  /** It is a stand-in for S3 as well. */
  createBucket(name: string): void;
  /** Bodies in a standard queue. */
  bodies(name: string): string[];
  /** Mail that lies in a mailbox, in its order. */
  mails(name: string): { readonly group: string; readonly deduplicationId: string; readonly mail: Mail }[];
  stop(): Promise<void>;
}

/** fauxqs, a stand-in for SQS, in this process. */
export async function startQueues(): Promise<QueueEmulator> {
  // URLs of queues are sqs.<region>.localhost, which not every machine resolves, and the SDK sends to them.
  const restoreDns = interceptLocalhostDns();
  const server: FauxqsServer = await startFauxqs({ port: 0, logger: false });
  return {
    endpoint: `http://127.0.0.1:${server.port}`,
    create: (name) => server.createQueue(name).queueUrl,
    createFifo: (name) =>
      server.createQueue(name, {
        attributes: {
          FifoQueue: 'true',
          ContentBasedDeduplication: 'false',
          DeduplicationScope: 'messageGroup',
          FifoThroughputLimit: 'perMessageGroupId',
        },
      }).queueUrl,
    createBucket: (name) => void server.createBucket(name),
    bodies: (name) => (server.inspectQueue(name)?.messages.ready ?? []).map(({ body }) => body),
    mails: (name) =>
      (server.inspectQueue(name)?.messages.ready ?? []).map(({ body, messageGroupId, messageDeduplicationId }) => ({
        group: messageGroupId!,
        deduplicationId: messageDeduplicationId!,
        mail: readBody<Mail>(body),
      })),
    async stop() {
      await server.stop();
      restoreDns();
    },
  };
}
