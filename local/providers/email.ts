import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import { AwsError } from '../gateway/aws-error.ts';

export interface Email {
  from: string;
  recipients: string[];
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
  tags: Record<string, string>;
  configurationSet: string | undefined;
}

const MAX_RECIPIENTS = 50;
const MAX_HEADER_LENGTH = 996;
/** Headers SES allows once only [E9]. */
const onceOnly = ['list-unsubscribe', 'list-unsubscribe-post'];

/** Reads and checks a SendEmail request; what SES would refuse is refused with its error names [E2]. */
export function readEmail(body: JsonObject): Email {
  const destination = (body['Destination'] ?? {}) as Record<string, string[] | undefined>;
  const recipients = [
    ...(destination['ToAddresses'] ?? []),
    ...(destination['CcAddresses'] ?? []),
    ...(destination['BccAddresses'] ?? []),
  ];
  if (recipients.length === 0) throw bad('Destination has no recipient.');
  if (recipients.length > MAX_RECIPIENTS) throw bad(`Recipient count exceeds ${MAX_RECIPIENTS}.`);
  for (const recipient of recipients) {
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(addressOf(recipient))) throw bad(`Illegal address ${recipient}`);
  }
  const tags: Record<string, string> = {};
  for (const { Name, Value } of (body['EmailTags'] ?? []) as { Name: string; Value: string }[]) {
    for (const text of [Name, Value]) {
      if (!/^[A-Za-z0-9_-]{1,256}$/.test(text))
        throw bad(`Tag name and value may have 1 to 256 characters of A-Z, a-z, 0-9, _ and -: ${text}`);
    }
    tags[Name] = Value;
  }
  const content = (body['Content'] ?? {}) as JsonObject;
  if (body['FromEmailAddress'] === undefined && !content['Raw']) throw bad('FromEmailAddress is missing.');
  const common = {
    from: String(body['FromEmailAddress'] ?? ''),
    recipients,
    tags,
    configurationSet: body['ConfigurationSetName'] as string | undefined,
  };
  if (content['Simple']) return { ...common, ...readSimple(content['Simple'] as JsonObject) };
  if (content['Raw']) return { ...common, ...readRaw(String((content['Raw'] as JsonObject)['Data']), common.from) };
  throw bad('The local cloud knows Simple and Raw content only.');
}

/** The address of `Name <address>`, as it is written. */
export function bareAddress(mailbox: string): string {
  return (/<([^>]+)>/.exec(mailbox)?.[1] ?? mailbox).trim();
}

/** The address in lower case, to compare with. */
export function addressOf(mailbox: string): string {
  return bareAddress(mailbox).toLowerCase();
}

function readSimple(simple: JsonObject): Pick<Email, 'subject' | 'text' | 'html' | 'headers'> {
  const data = (value: Json | undefined): string => String((value as JsonObject | undefined)?.['Data'] ?? '');
  const body = (simple['Body'] ?? {}) as JsonObject;
  if (!body['Text'] && !body['Html']) throw bad('Body needs Text or Html.');
  const headers: Record<string, string> = {};
  for (const { Name, Value } of (simple['Headers'] ?? []) as { Name: string; Value: string }[]) {
    if (!/^[\x21-\x39\x3b-\x7e]+$/.test(Name) || !/^[\x20-\x7e]*$/.test(Value))
      throw bad(`Header ${Name} must be ASCII.`);
    if (Name.length + Value.length > MAX_HEADER_LENGTH)
      throw bad(
        `Header ${Name}: name and value have ${Name.length + Value.length} characters, ${MAX_HEADER_LENGTH} are allowed.`,
      );
    if (
      onceOnly.includes(Name.toLowerCase()) &&
      Object.keys(headers).some((name) => name.toLowerCase() === Name.toLowerCase())
    ) {
      throw bad(`Header ${Name} is allowed once.`);
    }
    headers[Name] = Value;
  }
  return { subject: data(simple['Subject']), text: data(body['Text']), html: data(body['Html']), headers };
}

function readRaw(base64: string, from: string): Pick<Email, 'subject' | 'text' | 'html' | 'headers' | 'from'> {
  const source = Buffer.from(base64, 'base64').toString('utf8');
  const end = source.search(/\r?\n\r?\n/);
  const head = (end < 0 ? source : source.slice(0, end)).replace(/\r?\n[ \t]+/g, ' ');
  const headers = Object.fromEntries(
    head.split(/\r?\n/).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const text = end < 0 ? '' : source.slice(end).trimStart();
  const isHtml = /text\/html/i.test(headers['Content-Type'] ?? '');
  return {
    subject: headers['Subject'] ?? '',
    text: isHtml ? '' : text,
    html: isHtml ? text : '',
    headers,
    from: from || (headers['From'] ?? ''),
  };
}

function bad(message: string): AwsError {
  return new AwsError('BadRequestException', message, 400);
}
