import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import type { AwsCall } from '../gateway/aws-service.ts';
import { shortly } from './dice.ts';

/** What a call is about, without what changes from one run to the next: request ids, times, signatures. */
export function identityOf({ operation, body, path, raw, caller }: AwsCall): string {
  return `${caller.functionName} ${operation} ${about(body) ?? shortly(path.join('/') + raw.length)}`;
}

/** Whether it does nothing when the table says so: those that lose are tried by answers that get lost. */
export const isConditional = ({ body }: AwsCall): boolean => body['ConditionExpression'] !== undefined;

function about(body: JsonObject): string | undefined {
  const { TableName, Item, Key, QueueUrl, Entries, MessageBody, MessageDeduplicationId, name, EmailTags } = body;
  if (TableName !== undefined)
    return shortly(JSON.stringify([TableName, Key ?? keyIn(Item as JsonObject | undefined)]));
  if (Entries !== undefined)
    return shortly(JSON.stringify([queueIn(QueueUrl), (Entries as JsonObject[]).map(message)]));
  if (QueueUrl !== undefined)
    return shortly(JSON.stringify([queueIn(QueueUrl), MessageDeduplicationId ?? MessageBody]));
  if (name !== undefined) return shortly(JSON.stringify(name));
  return EmailTags === undefined ? undefined : shortly(JSON.stringify(EmailTags));
}

/** The host of a queue's URL has another port in each run. */
const queueIn = (url: Json | undefined): string => String(url).slice(String(url).lastIndexOf('/') + 1);

const message = ({ Id, MessageBody, MessageDeduplicationId, ReceiptHandle }: JsonObject): Json =>
  MessageDeduplicationId ?? MessageBody ?? ReceiptHandle ?? Id ?? null;

/** The names of keys in the tables of the stacks; of an item more is not needed to tell it from others. */
const keyIn = (item: JsonObject = {}): Json => ['pk', 'sk', 'jk', 'id', 'v'].map((name) => item[name] ?? null);
