import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { CustomerEvent } from '../../shared/domain/customer-event.ts';
import type { Mail, MailRecord } from '../../shared/domain/mail-record.ts';
import { type ProfileKey, profileKey } from '../../shared/kernel/ids.ts';
import { formatInstant } from '../../shared/kernel/time.ts';
import type { Environment } from './environment.ts';

/** The mailbox by hand: what lies in it, what AWS might hand out of it, and what an operator may put into it. */
export const mailboxQueue = (env: Environment) => env.cloud.queue('Mailbox0Queue');
export const deadMailbox = (env: Environment) => env.cloud.queue('MailboxDead');

export const userKey = (id: string) => profileKey('user', id);

export function mailOf(env: Environment, key: ProfileKey, ...records: MailRecord[]): Mail {
  return { schema: 1, key, received: env.cloud.now(), hop: 0, records };
}

/** As `ingest` would write it. */
export function eventRecord(env: Environment, event: Partial<CustomerEvent> & { readonly id: string }): MailRecord {
  const kind = event.kind ?? 'track';
  const name = kind === 'identify' ? 'Identified' : 'Started';
  const sent = formatInstant(env.cloud.now());
  return { t: 'event', event: { sent, at: env.cloud.now(), kind, name, data: {}, context: {}, ...event } };
}

let handed = 0;

/** A receive as Lambda shows it: several messages of one group, or of several, in one batch. */
export function batchOf(env: Environment, mails: readonly Mail[], receives = 1) {
  const { arn } = mailboxQueue(env).settings;
  return {
    Records: mails.map((mail) => ({
      messageId: `00000000-0000-4000-8000-${String(++handed).padStart(12, '0')}`,
      receiptHandle: `handle-${handed}`,
      body: JSON.stringify(mail),
      attributes: {
        ApproximateReceiveCount: String(receives),
        SentTimestamp: String(env.cloud.now()),
        SenderId: 'AROALOCAL:local',
        ApproximateFirstReceiveTimestamp: String(env.cloud.now()),
        SequenceNumber: String(handed).padStart(20, '0'),
        MessageDeduplicationId: `d${handed}`,
        MessageGroupId: mail.key,
      },
      messageAttributes: {},
      md5OfBody: '',
      eventSource: 'aws:sqs',
      eventSourceARN: arn,
      awsRegion: 'us-east-1',
    })),
  };
}

/** Evaluates one batch directly; throws when any of it would come again. */
export async function evaluateBatch(env: Environment, mails: readonly Mail[]): Promise<void> {
  const answer = (await env.cloud.invoke('evaluate', batchOf(env, mails))) as { batchItemFailures: object[] };
  if (answer.batchItemFailures.length > 0) throw new Error(`${answer.batchItemFailures.length} records failed`);
}

/** As an operator does, into the mailbox or another queue of its kind. */
export async function sendMail(
  env: Environment,
  mail: Mail | string,
  group: ProfileKey = (mail as Mail).key,
  queue = mailboxQueue(env),
): Promise<void> {
  const client = new SQSClient(env.cloud.operator);
  await client.send(
    new SendMessageCommand({
      QueueUrl: queue.settings.url,
      MessageGroupId: group,
      MessageDeduplicationId: `operator-${++handed}`,
      MessageBody: typeof mail === 'string' ? mail : JSON.stringify(mail),
    }),
  );
  client.destroy();
}

/** Every message that anybody sends to the mailbox from now on, and a way to take the ear away again. */
export function overhear(env: Environment, onSend: (body: string, group: ProfileKey) => void): () => void {
  const queue = mailboxQueue(env);
  const send = queue.send;
  queue.send = (message) => {
    const answer = send.call(queue, message);
    if (!answer.duplicate) onSend(message.body, message.groupId!);
    return answer;
  };
  return () => {
    queue.send = send;
  };
}
