/** Runs inside a worker thread: one execution environment of one function, one invocation at a time. */
import { createRequire, flushCompileCache, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { patchDate } from '../clock/patched-date.ts';
import { watchRoundTrips } from './round-trips.ts';
import type { WorkerAnswer, WorkerCall, WorkerData, WorkerError } from './worker-protocol.ts';

type Handler = (event: unknown, context: unknown, callback?: (error: unknown, result: unknown) => void) => unknown;

// Ours, and nothing that a function sees on AWS.
delete process.env['NODE_COMPILE_CACHE'];

const data = workerData as WorkerData;
const port = parentPort!;
patchDate(data.clock, data.skew);

// The Lambda runtime contains the AWS SDK (Lambda developer guide, nodejs-handler): bundles may leave it out.
const runtimeRequire = createRequire(data.runtimeModules);
const runtimeParent = pathToFileURL(data.runtimeModules).href;
registerHooks({
  resolve(specifier, context, nextResolve) {
    try {
      return nextResolve(specifier, context);
    } catch (error) {
      if (!/^@(aws-sdk|smithy|aws-crypto)\//.test(specifier)) throw error;
      // require() takes no other parent, import no path of another module system.
      if (context.conditions.includes('require')) return nextResolve(runtimeRequire.resolve(specifier), context);
      return nextResolve(specifier, { ...context, parentURL: runtimeParent });
    }
  },
});

const trips = watchRoundTrips();
const answer = (message: WorkerAnswer): void => port.postMessage(message);

let handler: Handler;
try {
  const loaded = (await import(pathToFileURL(data.file).href)) as Record<string, unknown> & {
    default?: Record<string, unknown>;
  };
  const found = loaded[data.exportName] ?? loaded.default?.[data.exportName];
  if (typeof found !== 'function') throw new Error(`${data.exportName} is undefined or not exported`);
  handler = found as Handler;
} catch (error) {
  answer({ kind: 'error', requestId: undefined, error: describe(error, 'Runtime.ImportModuleError') });
  throw error;
}

// Otherwise it is kept at the end of the process only, and the next worker of this function compiles again.
flushCompileCache();
port.on('message', (call: WorkerCall) => void run(call));
answer({ kind: 'ready' });

async function run(call: WorkerCall): Promise<void> {
  process.env['_X_AMZN_TRACE_ID'] = call.traceHeader;
  const deadline = performance.now() + call.timeoutMs;
  const context = {
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.functionArn,
    memoryLimitInMB: String(data.memoryMb),
    awsRequestId: call.requestId,
    logGroupName: `/aws/lambda/${data.functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  };
  trips.reset();
  try {
    const result = await handler(JSON.parse(call.payload), context);
    const payload = JSON.stringify(result);
    answer({ kind: 'result', requestId: call.requestId, payload, roundTrips: trips.longest });
  } catch (error) {
    answer({ kind: 'error', requestId: call.requestId, error: describe(error, 'Error') });
  }
}

function describe(error: unknown, otherwise: string): WorkerError {
  if (!(error instanceof Error)) return { errorType: 'string', errorMessage: String(error), trace: [] };
  return {
    errorType: error.name && error.name !== 'Error' ? error.name : otherwise,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n'),
  };
}
