import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { issueKey } from '../../shared/app/access/keys.ts';
import type { GrantedScope } from '../../shared/app/access/scopes.ts';
import { accessStore } from '../../shared/data/access-store.ts';
import type { Mail } from '../../shared/domain/mail-record.ts';
import { deadLetterQueues, tables, variables } from '../../shared/resources.ts';
import type { AccessSettings, Settings } from '../../shared/settings.ts';
import { createTable, startDynoxide } from '../emulators/dynamo.ts';
import { startQueues } from '../emulators/queues.ts';

export interface Request {
  readonly method?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object becomes JSON; text is sent as it is. */
  readonly body?: unknown;
  readonly base64?: boolean;
  /** The bearer; null for none. */
  readonly key?: string | null;
}

export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
  readonly json: any;
}

export const settings: Settings = {
  environment: 'test',
  delivery: { mode: 'sink', allow: [] },
  senders: [{ id: 'shop', from: 'Shop <shop@example.com>', postalAddress: 'Example Ltd, 1 High Street, London' }],
  configurationSets: { marketing: 'marketing', transactional: 'transactional' },
  linksBaseUrl: 'https://links.example.com',
  inbox: { origins: ['https://shop.example'], keptDays: 90 },
  retention: { logDays: 30, backupDays: 35 },
  journalRetentionDays: 90,
  messageRetentionDays: 90,
  zone: 'Europe/Berlin',
  locale: 'de',
};

export const accessSettings: AccessSettings = { auditRetentionDays: 400 };

/** The real handler over the real stores, on emulators; `stop` ends what was started. */
export async function startApi(over: Partial<Settings> = {}, access: Partial<AccessSettings> = {}) {
  const dynamo = await startDynoxide();
  const queues = await startQueues();
  const mailboxUrl = queues.createFifo('mailbox.fifo');
  const dead = Object.keys(deadLetterQueues).map((name) => (name === 'mailbox' ? 'mailbox-dead.fifo' : `${name}-dead`));
  for (const name of dead) name.endsWith('.fifo') ? queues.createFifo(name) : queues.create(name);
  queues.createBucket('files');
  const taken = new Set<string>();
  for (const table of Object.keys(tables) as (keyof typeof tables)[]) await createTable(dynamo.client, table);
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_ENDPOINT_URL_SQS: new URL(mailboxUrl).origin,
    AWS_ENDPOINT_URL_S3: queues.endpoint,
    [variables.filesBucket]: 'files',
    POWERTOOLS_DEV: 'false',
    [variables.mailboxRoom]: '6000',
    POWERTOOLS_LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'SILENT',
    [variables.settings]: JSON.stringify({ ...settings, ...over }),
    [variables.accessSettings]: JSON.stringify({ ...accessSettings, ...access }),
    [variables.mailboxQueues]: mailboxUrl,
    [variables.deadLetterQueues]: dead.join(','),
    [variables.scanMachine]: 'profile-scan',
    ...Object.fromEntries(
      Object.keys(tables).map((table) => [variables[`${table}Table` as keyof typeof variables], table]),
    ),
  });
  // Nothing here runs functions; what `api` starts runs in the scenarios.
  const executions: { readonly name: string; readonly input: { readonly job: string } }[] = [];
  mockClient(SFNClient)
    .on(StartExecutionCommand)
    .callsFake(({ name, input }) => {
      executions.push({ name, input: JSON.parse(input) });
      return {};
    });
  // Node loads a module once for each query: the handler makes its ports anew, for the emulators of this file.
  const { handler }: typeof import('../../functions/api/handler.ts') = await import(
    `../../functions/api/handler.ts?emulator=${new URL(dynamo.endpoint).port}`
  );
  const keys = accessStore(dynamo.client, 'access');
  let requests = 0;

  async function newKey(...scopes: GrantedScope[]): Promise<string> {
    const by = { id: 'test', scopes: ['*'] as const };
    return (await issueKey(keys, { name: 'test', kind: 'api', scopes }, by, 0)).secret;
  }
  const admin = await newKey('*');

  async function send(event: APIGatewayProxyEventV2): Promise<Response> {
    const result = (await handler(event, {} as Context)) as APIGatewayProxyStructuredResultV2;
    const text = result.body ?? '';
    const headers = (result.headers ?? {}) as Record<string, string>;
    const isJson = /json/.test(headers['content-type'] ?? '');
    return { status: result.statusCode!, headers, text, json: isJson ? JSON.parse(text) : undefined };
  }

  function request({
    method = 'GET',
    path,
    query,
    headers = {},
    body,
    base64 = false,
    key,
  }: Request): Promise<Response> {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const bearer = key === null ? {} : { authorization: `Bearer ${key ?? admin}` };
    const type = text === undefined ? {} : { 'content-type': 'application/json' };
    const sent = { ...type, ...bearer, ...lowerCase(headers) };
    return send({
      version: '2.0',
      routeKey: 'ANY /{proxy+}',
      rawPath: path,
      rawQueryString: new URLSearchParams(query).toString(),
      headers: sent,
      ...(query && { queryStringParameters: { ...query } }),
      pathParameters: { proxy: path.slice(1) },
      requestContext: {
        accountId: '000000000000',
        apiId: 'api',
        domainName: 'api.example.com',
        domainPrefix: 'api',
        http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
        requestId: `request-${++requests}`,
        routeKey: 'ANY /{proxy+}',
        stage: '$default',
        time: '22/Nov/2026:10:00:00 +0000',
        timeEpoch: 1_795_341_600_000,
      },
      ...(text !== undefined && { body: base64 ? Buffer.from(text).toString('base64') : text }),
      isBase64Encoded: base64,
    });
  }

  /** Mail that came since it was asked for last. */
  function takeMail(): Mail[] {
    const fresh = queues.mails('mailbox.fifo').filter(({ deduplicationId }) => !taken.has(deduplicationId));
    for (const { deduplicationId } of fresh) taken.add(deduplicationId);
    return fresh.map(({ mail }) => mail);
  }

  return {
    request,
    send,
    newKey,
    admin,
    access: keys,
    /** The other function that makes keys, for the emulators of this file. */
    issueKey: (): Promise<typeof import('../../functions/issue-key/handler.ts')> =>
      import(`../../functions/issue-key/handler.ts?emulator=${new URL(dynamo.endpoint).port}`),
    dynamo,
    takeMail,
    executions,
    create: (path: string, body: unknown) => request({ method: 'PUT', path, body, headers: { 'if-none-match': '*' } }),
    replace: (path: string, body: unknown, etag: string) =>
      request({ method: 'PUT', path, body, headers: { 'if-match': `"${etag}"` } }),
    post: (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
      request({ method: 'POST', path, body, headers }),
    async stop() {
      await queues.stop();
      await dynamo.stop();
    },
  };
}

export type Api = Awaited<ReturnType<typeof startApi>>;

const lowerCase = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
