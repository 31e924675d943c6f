import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Backlog } from '../app/scans/scan-kind.ts';
import { awsCall } from './aws-call.ts';

const name = 'ApproximateNumberOfMessages';

/** What waits, without what is in work. */
export const mailboxBacklog = (client: SQSClient, queueUrls: readonly string[], most: number): Backlog => ({
  most,
  async waiting() {
    const each = await Promise.all(
      queueUrls.map(async (QueueUrl) => {
        const ask = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] });
        return Number((await awsCall(client.send(ask))).Attributes?.[name] ?? 0);
      }),
    );
    return Math.max(0, ...each);
  },
});
