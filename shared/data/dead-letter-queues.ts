import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { DeadLetterQueues, Letter } from '../app/dead-letters/ports.ts';
import { Conflict } from '../kernel/errors.ts';
import type { DeadLetterQueueName } from '../resources.ts';
import { awsCall } from './aws-call.ts';

/** A receive takes ten at most, of a standard queue from some of its servers (SQS, "Amazon SQS short and long polling"). */
const MAX_LOOKS = 5;

/**
 * Looking is a receive with a visibility time-out of zero, which hides a letter from nobody, a redrive included (SQS,
 * "Amazon SQS visibility timeout"). It is counted as a receive, which nothing here goes by: a dead-letter queue has none of its own. A
 * FIFO queue so shows the same ten again; what comes behind them shows when these have gone back.
 */
export function sqsDeadLetters(
  client: SQSClient,
  urls: Readonly<Record<DeadLetterQueueName, string>>,
): DeadLetterQueues {
  const attributes = async (queue: DeadLetterQueueName) => {
    const ask = new GetQueueAttributesCommand({
      QueueUrl: urls[queue],
      AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    });
    return (await awsCall(client.send(ask))).Attributes ?? {};
  };
  return {
    async depth(queue) {
      const found = await attributes(queue);
      return {
        waiting: Number(found['ApproximateNumberOfMessages'] ?? 0),
        inWork: Number(found['ApproximateNumberOfMessagesNotVisible'] ?? 0),
      };
    },
    async look(queue) {
      const letters = new Map<string, Letter>();
      for (let looks = 0; looks < MAX_LOOKS; looks++) {
        const before = letters.size;
        for (const letter of await receive(client, urls[queue])) letters.set(letter.id, letter);
        if (letters.size === before) break;
      }
      return [...letters.values()].sort((a, b) => a.sentAt - b.sentAt);
    },
    async redrive(queue) {
      const { QueueArn: SourceArn } = await attributes(queue);
      try {
        await awsCall(client.send(new StartMessageMoveTaskCommand({ SourceArn })));
      } catch (error) {
        // One task at a time for each queue (SQS API, StartMessageMoveTask).
        if (!(error instanceof Error) || error.name !== 'UnsupportedOperation') throw error;
        throw new Conflict('dead-letters.being-redriven', `SQS moves letters of "${queue}" already: ${error.message}`);
      }
    },
  };
}

async function receive(client: SQSClient, QueueUrl: string): Promise<Letter[]> {
  const ask = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
    WaitTimeSeconds: 0,
    MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
  });
  const { Messages = [] } = await awsCall(client.send(ask));
  return Messages.map(({ MessageId, Body, Attributes = {} }) => ({
    id: MessageId!,
    body: Body ?? '',
    receives: Number(Attributes.ApproximateReceiveCount ?? 0),
    sentAt: Number(Attributes.SentTimestamp ?? 0),
  }));
}
