import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { quickly } from '../../shared/aws/quick-calls.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** Only the SDK's own way numbers its attempts. */
const isQuick = ({ headers }: Pick<IncomingMessage, 'headers'>) => headers['amz-sdk-request'] === undefined;
const answer =
  (status: number, body: object): Answering =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
  };
const refuse = (status: number, code: string) => answer(status, { __type: `com.amazonaws#${code}`, message: code });
const reset: Answering = (request) => request.socket.destroy();

describe('calls that go the short way', () => {
  const seen: IncomingMessage[] = [];
  const scripted: Answering[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      seen.push(request);
      (scripted.shift() ?? answer(200, {}))(request, response);
    });
  });
  let endpoint = '';
  let dynamo: DynamoEmulator;
  const clients: { destroy(): void }[] = [];
  beforeAll(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    dynamo = await startDynoxide();
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    server.closeAllConnections();
    server.close();
    await dynamo.stop();
  });
  afterEach(() => {
    seen.length = 0;
    scripted.length = 0;
  });

  const setting = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  /** One that has made its first call. */
  const learned = async (config: DynamoDBClientConfig = {}) => {
    const client = quickly(new DynamoDBClient({ endpoint, ...setting, ...config }));
    clients.push(client);
    await client.send(get);
    seen.length = 0;
    return client;
  };
  const get = new GetItemCommand({ TableName: 'any', Key: { pk: { S: 'a' } } });

  it('from the second on, signed as the first', async () => {
    const client = quickly(new DynamoDBClient({ endpoint, ...setting }));
    clients.push(client);
    for (const _ of [1, 2, 3]) await client.send(get);
    expect(seen.map(isQuick)).toEqual([false, true, true]);
    const [first, second] = seen.map(({ headers }) => headers);
    for (const name of ['host', 'user-agent', 'x-amz-target', 'content-type', 'content-length']) {
      expect(second![name]).toBe(first![name]);
    }
    expect(second!.authorization).toContain('Credential=test/');
  });

  it('say the same as the SDK of what is there, what is not, and of a lost condition', async () => {
    const TableName = await createTable(dynamo.client, 'profiles');
    const plain = dynamo.client;
    const quick = quickly(new DynamoDBClient({ endpoint: dynamo.endpoint, ...setting }));
    clients.push(quick);
    const item = {
      pk: { S: 'ä"\\\u2028😀' },
      v: { N: '7' },
      doc: { B: new Uint8Array([0, 1, 255]) },
      no: { NULL: true },
    };
    const put = () => new PutItemCommand({ TableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' });
    const read = (pk: string) => new GetItemCommand({ TableName, Key: { pk: { S: pk } }, ConsistentRead: true });
    await quick.send(read('none'));
    await quick.send(put());
    for (const pk of [item.pk.S, 'none']) {
      const { $metadata: _, ...found } = await quick.send(read(pk));
      const { $metadata: __, ...expected } = await plain.send(read(pk));
      expect(found).toEqual(expected);
    }
    const error = await quick.send(put()).catch((thrown: unknown) => thrown);
    await quick.send(new DeleteItemCommand({ TableName, Key: { pk: item.pk } }));
    expect((await plain.send(read(item.pk.S))).Item).toBeUndefined();
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({ name: 'ConditionalCheckFailedException', $metadata: { httpStatusCode: 400 } });
  });

  it.each([
    ['a broken connection', reset],
    ['5xx', refuse(500, 'InternalServerError')],
    ['throttling', refuse(400, 'ProvisionedThroughputExceededException')],
    ['a signature of another time', refuse(400, 'InvalidSignatureException')],
  ])('%s is left to the SDK', async (_, fault) => {
    const client = await learned();
    scripted.push(fault);
    await client.send(get);
    expect(seen.map(isQuick)).toEqual([true, false]);
  });

  it('what the SDK gives up has been asked once more than it asks', async () => {
    const client = await learned({ maxAttempts: 2 });
    for (const _ of [1, 2, 3]) scripted.push(refuse(500, 'InternalServerError'));
    await expect(client.send(get)).rejects.toMatchObject({ name: 'InternalServerError' });
    expect(seen.map(isQuick)).toEqual([true, false, false]);
  });

  it('who asks once only is asked once', async () => {
    const client = await learned({ maxAttempts: 1 });
    scripted.push(reset);
    await expect(client.send(get)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(seen.map(isQuick)).toEqual([true]);
  });

  it('what is refused is not asked again', async () => {
    const client = await learned();
    scripted.push(refuse(400, 'ValidationException'));
    await expect(client.send(get)).rejects.toMatchObject({ name: 'ValidationException' });
    expect(seen.map(isQuick)).toEqual([true]);
  });

  it('a token that the SDK fills in, and a signal, are its own business', async () => {
    const client = await learned();
    await client.send(new TransactWriteItemsCommand({ TransactItems: [] }));
    await client.send(get, { abortSignal: AbortSignal.timeout(60_000) });
    await client.send(get);
    expect(seen.map(isQuick)).toEqual([false, false, true]);
  });

  it('a queue elsewhere is asked there', async () => {
    const client = quickly(new SQSClient({ endpoint, useQueueUrlAsEndpoint: true, ...setting }));
    clients.push(client);
    const send = (origin: string) =>
      client.send(new SendMessageCommand({ QueueUrl: `${origin}/1/queue`, MessageBody: 'a' }));
    scripted.push(
      ...Array.from({ length: 3 }, () => answer(200, { MD5OfMessageBody: '0cc175b9c0f1b6a831c399e269772661' })),
    );
    await send(endpoint);
    await send(endpoint);
    await send('https://elsewhere.example');
    expect(seen.map(isQuick)).toEqual([false, true, false]);
  });

  it('a client with a handler of its own goes over that, and its time-outs count', async () => {
    const client = quickly(
      new SESv2Client({
        endpoint: `${endpoint}/below`,
        ...setting,
        maxAttempts: 1,
        requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true },
      }),
      'its-own-handler',
    );
    clients.push(client);
    const mail = new SendEmailCommand({ Content: { Raw: { Data: new Uint8Array([0, 255]) } } });
    scripted.push(answer(200, { MessageId: 'first' }), answer(200, { MessageId: 'second' }), () => {});
    for (const MessageId of ['first', 'second']) expect(await client.send(mail)).toMatchObject({ MessageId });
    await expect(client.send(mail)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(seen.map(isQuick)).toEqual([false, true, true]);
    expect(new Set(seen.map(({ url }) => url))).toEqual(new Set(['/below/v2/email/outbound-emails']));
  });
});
