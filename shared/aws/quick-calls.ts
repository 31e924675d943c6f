/**
 * The short way of AWS calls. The SDK does everything anew for each call: it resolves the endpoint, chooses among ways to
 * authenticate, makes a signer and writes down who it is; that is 60 to 80 % of the CPU of a call (bench/cpu, ADR 45).
 * Here this is learned from the first call of a client and used again.
 *
 * 1. What an operation looks like on the wire, and which error an answer is, stays with the SDK's own protocol classes.
 * 2. Whatever is not an answer (throttled, 5xx, no connection, a clock that is off) is left to the SDK, which begins
 *    anew with all its retries: it may be asked once more than without the short way, never less.
 * 3. Only operations of which a second request with the same input is the same call: the SDK fills in no token for them.
 *    Mails, which are none, make one attempt (`maxAttempts`), and errors of that are thrown.
 * 4. A call with options of its own, such as a signal that ends it, goes the SDK's way.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { SESv2Client } from '@aws-sdk/client-sesv2';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { type Address, exchange } from './exchange.ts';
import { isTransient } from './is-transient.ts';
import { type Credentials, isPlainPath, type Signable, signer } from './signature.ts';

/** None of them has an idempotency token [3]. */
const operations = new Set([
  'GetItem',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'BatchGetItem',
  'BatchWriteItem',
  'SendMessage',
  'SendMessageBatch',
  'ChangeMessageVisibilityBatch',
  'SendEmail',
]);

/** What the SDK makes of a clock that is off, or of credentials that have been renewed. */
const ofTheSignature =
  /^(InvalidSignature|SignatureDoesNotMatch|RequestTimeTooSkewed|RequestExpired|RequestInTheFuture|AuthFailure|ExpiredToken)/;

/** One SDK client, as far as its documented points of extension show it (smithy-typescript, middleware stack). */
interface Extended {
  readonly config: {
    cacheMiddleware?: boolean;
    readonly systemClockOffset: number;
    readonly useQueueUrlAsEndpoint?: boolean;
    credentials(): Promise<Credentials>;
    maxAttempts(): Promise<number>;
    readonly protocol: {
      serializeRequest(operation: Operation, input: object, context: object): Promise<Signable>;
      deserializeResponse(operation: Operation, context: object, answer: object): Promise<object>;
    };
    readonly requestHandler: { handle(request: Signable): Promise<{ readonly response: object }> };
  };
  readonly middlewareStack: {
    add(
      middleware: (next: Handler, context: Context) => Handler,
      where: { step: string; priority: string; name: string },
    ): void;
  };
}

type Handler = (args: { readonly input: object; readonly request?: unknown }) => Promise<object>;
type Operation = Readonly<Record<'namespace' | 'name' | 'traits' | 'input' | 'output', unknown>>;

interface Context {
  readonly endpointV2?: { readonly url: URL };
  readonly __smithy_context?: { readonly operationSchema?: readonly unknown[]; readonly abortSignal?: unknown };
}

/** What the first call of a client went by. */
interface Learned {
  readonly address: Address;
  readonly origin: string;
  readonly host: string;
  readonly userAgent: string;
  readonly sign: ReturnType<typeof signer>;
  /** Of serialising: where to, below which path. */
  readonly context: object;
}

/**
 * The client, whose calls go the short way from the second on.
 *
 * @param over its handler, if it was given one whose time-outs matter.
 */
export function quickly<Client extends DynamoDBClient | SQSClient | SESv2Client>(
  client: Client,
  over: 'shared-sockets' | 'its-own-handler' = 'shared-sockets',
): Client {
  const { config, middlewareStack } = client as unknown as Extended;
  // Middleware is put together once for each command and not for each call (smithy-typescript, `cacheMiddleware`).
  config.cacheMiddleware = true;
  const exchangeOver: Exchange =
    over === 'its-own-handler'
      ? async (_, request) => (await config.requestHandler.handle(request)).response
      : exchange;
  let learned: Learned | undefined;
  middlewareStack.add(
    (next, context) => (args) => {
      learned ??= learn(args.request as Sent, context.endpointV2?.url.pathname ?? '/', config);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low', name: 'learnMiddleware' },
  );
  middlewareStack.add(
    (next, context) => {
      const operation = operationOf(context);
      return async (args) => {
        if (learned === undefined || operation === undefined || !isFor(learned, args.input, config)) return next(args);
        try {
          return await call(operation, args.input, learned, config, exchangeOver);
        } catch (error) {
          if (!isForTheSdk(error) || (await config.maxAttempts()) <= 1) throw error;
          return next(args);
        }
      };
    },
    { step: 'initialize', priority: 'high', name: 'quickMiddleware' },
  );
  return client;
}

type Exchange = (address: Address, request: Signable) => Promise<object>;

async function call(
  operation: Operation,
  input: object,
  learned: Learned,
  config: Extended['config'],
  exchangeOver: Exchange,
): Promise<object> {
  const request = await config.protocol.serializeRequest(operation, input, learned.context);
  const { headers } = request;
  headers['host'] = learned.host;
  learned.sign(request, await config.credentials(), Date.now() + config.systemClockOffset);
  // Not signed, as the SDK does: proxies may change them.
  headers['user-agent'] = learned.userAgent;
  // By which Lambda recognises its own chains (Lambda, "Use Lambda recursive loop detection").
  const trace = process.env['_X_AMZN_TRACE_ID'];
  if (trace) headers['x-amzn-trace-id'] = trace;
  const response = await exchangeOver(learned.address, request);
  return { response, output: await config.protocol.deserializeResponse(operation, learned.context, response) };
}

interface Sent extends Address {
  readonly headers: Record<string, string>;
}

function learn(
  { protocol, hostname, port, headers }: Sent,
  path: string,
  config: Extended['config'],
): Learned | undefined {
  const [, region, service] =
    /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(headers['authorization'] ?? '') ?? [];
  const host = headers['host'];
  if (region === undefined || service === undefined || host === undefined || !isPlainPath(path)) return undefined;
  const address = { protocol, hostname, ...(port !== undefined && { port }) };
  return {
    address,
    origin: `${protocol}//${host}`,
    host,
    userAgent: headers['user-agent'] ?? '',
    sign: signer({ region, service }),
    context: { ...config, endpoint: async () => ({ ...address, path }) },
  };
}

function operationOf({ __smithy_context: own }: Context): Operation | undefined {
  const [, namespace, name, traits, input, output] = own?.operationSchema ?? [];
  if (own?.abortSignal !== undefined || typeof name !== 'string' || !operations.has(name)) return undefined;
  return { namespace, name, traits, input, output };
}

/** A queue may lie elsewhere than the client's endpoint (SQS, `useQueueUrlAsEndpoint`). */
function isFor({ origin }: Learned, input: object, { useQueueUrlAsEndpoint }: Extended['config']): boolean {
  if (useQueueUrlAsEndpoint !== true || !('QueueUrl' in input)) return true;
  return String(input.QueueUrl).startsWith(`${origin}/`);
}

const isForTheSdk = (error: unknown): boolean =>
  isTransient(error) || (error instanceof Error && ofTheSignature.test(error.name));
