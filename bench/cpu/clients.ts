// What a call of DynamoDB costs its caller, with each option of the SDK's client and with all of them: CPU of one thread,
// against a server that answers at once from another.
import { createHmac, hash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { Worker } from 'node:worker_threads';
import { DynamoDBClient, type DynamoDBClientConfig, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SignatureV4 } from '@smithy/signature-v4';
import { quickly } from '../../shared/aws/quick-calls.ts';

export interface ClientRow {
  readonly what: string;
  /** The least of all rounds: what else the machine does only adds. */
  readonly micros: number;
}

export const BARE = 'Node’s `http` alone: the same bytes, neither signed nor understood';
export const DEFAULT = 'the SDK as it comes';
export const SHORT = 'the short way (`shared/aws`)';

const CALLS = 200;
const AT_ONCE = 4;
const WARM_UP_ROUNDS = 4;

const text = JSON.stringify({ traits: { about: 'x'.repeat(900) } });
const key = { pk: { S: 'a'.repeat(43) } };
const item = { ...key, v: { N: '8' }, at: { N: '1790000000000' }, ep: { N: '12' }, doc: { S: text } };
const TableName = 'profiles';
const put = () =>
  new PutItemCommand({
    TableName,
    Item: item,
    ConditionExpression: 'v = :before',
    ExpressionAttributeValues: { ':before': { N: '7' } },
  });
const get = () => new GetItemCommand({ TableName, Key: key, ConsistentRead: true });

const answering = `
const { createServer } = require('node:http');
const { parentPort, workerData } = require('node:worker_threads');
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const body = request.headers['x-amz-target'].endsWith('GetItem') ? workerData : '{}';
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': Buffer.byteLength(body) }).end(body);
  });
});
server.keepAliveTimeout = 600000;
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

export async function measureClients(rounds: number): Promise<ClientRow[]> {
  const server = new Worker(answering, { eval: true, workerData: JSON.stringify({ Item: item }) });
  const port = await new Promise<number>((resolve) => server.once('message', resolve));
  const calls = callers(`http://127.0.0.1:${port}`, port);
  const least = new Map<string, number>();
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round++) {
    for (const [what, call] of Object.entries(calls)) {
      const before = process.threadCpuUsage();
      for (let done = 0; done < CALLS; done += AT_ONCE)
        await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => call(i % 2 === 0)));
      const { user, system } = process.threadCpuUsage(before);
      if (round >= WARM_UP_ROUNDS) least.set(what, Math.min(least.get(what) ?? Infinity, (user + system) / CALLS));
    }
  }
  await server.terminate();
  return [...least].map(([what, micros]) => ({ what, micros }));
}

type Call = (isRead: boolean) => Promise<unknown>;

function callers(endpoint: string, port: number): Record<string, Call> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  // As a function has them: from its environment.
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
  });
  const by =
    (client: DynamoDBClient): Call =>
    (isRead) =>
      isRead ? client.send(get()) : client.send(put());
  const sdk = (config: DynamoDBClientConfig, ...without: string[]): Call => {
    const client = new DynamoDBClient(config);
    for (const name of without) if (!client.middlewareStack.remove(name)) throw new Error(`there is no ${name}`);
    return by(client);
  };
  const signer = new SignatureV4({ region: 'us-east-1', service: 'dynamodb', credentials, sha256: OneShotSha256 });
  const all = { cacheMiddleware: true, endpoint, credentials, signer };
  return {
    [BARE]: bare(port),
    [DEFAULT]: sdk({}),
    '`cacheMiddleware`': sdk({ cacheMiddleware: true }),
    '`endpoint` given, instead of looked up': sdk({ endpoint }),
    '`credentials` given': sdk({ credentials }),
    '`sha256`: one-shot hashes': sdk({ sha256: OneShotSha256 }),
    '`signer`: one, instead of one for each call': sdk({ signer }),
    'without `loggerMiddleware`': sdk({}, 'loggerMiddleware'),
    'without the user agent': sdk({}, 'getUserAgentMiddleware'),
    '`requestHandler` with an agent without a limit': sdk({
      requestHandler: { httpAgent: new Agent({ keepAlive: true }) },
    }),
    'all of these together': sdk(all, 'loggerMiddleware', 'getUserAgentMiddleware'),
    [SHORT]: by(quickly(new DynamoDBClient({}))),
  };
}

function bare(port: number): Call {
  const agent = new Agent({ keepAlive: true });
  const bodies = { GetItem: JSON.stringify(get().input), PutItem: JSON.stringify(put().input) };
  return (isRead) =>
    new Promise((resolve, reject) => {
      const operation = isRead ? 'GetItem' : 'PutItem';
      const headers = {
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        authorization: 'x'.repeat(220),
        'user-agent': 'x'.repeat(180),
      };
      const outgoing = request({ host: '127.0.0.1', port, agent, method: 'POST', headers }, (incoming) => {
        incoming.on('error', reject).on('end', resolve).resume();
      });
      outgoing.on('error', reject).end(bodies[operation]);
    });
}

/** As the SDK's clients take one (`sha256`). */
class OneShotSha256 {
  readonly #secret: Parameters<typeof createHmac>[1] | undefined;
  #parts: Uint8Array[] = [];

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret as string | undefined;
  }

  update(part: Uint8Array): void {
    this.#parts.push(part);
  }

  async digest(): Promise<Uint8Array> {
    const data = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    if (this.#secret === undefined) return hash('sha256', data, 'buffer');
    return createHmac('sha256', this.#secret).update(data).digest();
  }

  reset(): void {
    this.#parts = [];
  }
}
