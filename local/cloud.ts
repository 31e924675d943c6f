/**
 * The one-machine cloud: runs what `cdk synth` wrote, and nothing that is wired by hand.
 * What it imitates, and what it does not show, stands in README.md.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAssembly } from './assembly/read-assembly.ts';
import { type ResolvedAssembly, resolveAssembly } from './assembly/resolve-assembly.ts';
import { BucketStore } from './buckets/bucket-store.ts';
import { S3Service } from './buckets/s3-service.ts';
import { VirtualClock } from './clock/virtual-clock.ts';
import type { FaultInjector, FaultSeam } from './faults/fault-injector.ts';
import { findByName } from './find-by-name.ts';
import { connectEventSources } from './functions/connect-event-sources.ts';
import type { Capacity, EventSource } from './functions/event-source.ts';
import type { ExecutionEnvironment } from './functions/execution-environment.ts';
import { readFunctions } from './functions/function-definition.ts';
import type { MinuteOfFunction } from './functions/function-measures.ts';
import { FunctionPool } from './functions/function-pool.ts';
import { LambdaService } from './functions/lambda-service.ts';
import type { AwsService } from './gateway/aws-service.ts';
import type { FaultHook } from './gateway/faults.ts';
import { Gateway, type KnownCaller } from './gateway/gateway.ts';
import { HttpApi } from './http-api/http-api.ts';
import { readRoutes } from './http-api/routes.ts';
import type { Principal } from './http-api/signed-by.ts';
import { ResourcePolicies } from './iam/resource-policies.ts';
import { type DeniedCall, type RoleStatement, Roles } from './iam/roles.ts';
import { makeIds } from './ids.ts';
import { ConsoleServer } from './inbox/console-server.ts';
import { type CapturedMessage, Inbox } from './inbox/inbox.ts';
import { type Written, watchStoredMessages } from './inbox/stored-messages.ts';
import { Webhooks } from './inbox/webhooks.ts';
import { kmsService, parameterService, secretService } from './keys/key-services.ts';
import { Meter, type MeterReading } from './meter.ts';
import { type ProviderBehaviour, type ProviderCapture, providerCaptures } from './providers/provider-capture.ts';
import type { Queue } from './queues/queue.ts';
import { QueueStore } from './queues/queue-store.ts';
import { SqsService } from './queues/sqs-service.ts';
import { readState, writeState } from './saved-state.ts';
import { Schedules } from './schedules/schedules.ts';
import { deployMachines } from './step-functions/deploy-machines.ts';
import { type Execution, Executions } from './step-functions/executions.ts';
import { StatesService } from './step-functions/states-service.ts';
import { createTables } from './tables/create-tables.ts';
import { type DynamodbBackend, startDynamodb } from './tables/dynamodb-backend.ts';
import { DynamodbService } from './tables/dynamodb-service.ts';
import { SnsService } from './topics/sns-service.ts';
import { Topics } from './topics/topics.ts';
import { type Trace, Trail } from './trail.ts';

export { FaultInjector, type FaultKind, faultKinds } from './faults/fault-injector.ts';
export type { Fault, FaultHook, ObservedCall } from './gateway/faults.ts';
export type { WebhookFault } from './inbox/webhooks.ts';
export type { CapturedMessage, DeniedCall, Execution, MeterReading, ProviderBehaviour, Queue, RoleStatement, Trace };

export interface CloudOptions {
  /** The cloud assembly: the directory `cdk synth` wrote. */
  assembly: string;
  /** Port of the API; the inbox takes the next one. 0 or absent: any free ports. */
  port?: number;
  /** Keeps tables, queues, executions, inbox and clock between starts. */
  dataDir?: string;
  /** Environment variables that go over what the templates say, for every function. */
  env?: Record<string, string>;
  log?: (line: string) => void;
  /** Makes ids and jitter repeatable. */
  seed?: number;
  /** Virtual time at boot, epoch ms. */
  startTime?: number;
  /** A frozen clock moves by `advance` only; default is to run beside real time. */
  frozen?: boolean;
  overrides?: {
    /** Most worker threads of one function; default 2 to 4, by cores. */
    maxWorkers?: number;
    dynamodb?: 'dynoxide' | 'dynalite';
    /** Nothing fires by itself, so that no daily repair can hide what should not need one. */
    schedules?: 'off';
  };
}

export interface FunctionReport {
  logicalId: string;
  restarts: number;
  /** Longest chain of invocations of this function (what the recursion guard counts). */
  longestChain: number;
  cutChains: number;
  /** By the minute. */
  measures: readonly MinuteOfFunction[];
}

export interface LocalCloud {
  api: string;
  inbox: string;
  clock: string;
  /** Endpoint and credentials for SDK clients of a test; they act as an operator who may do everything. */
  operator: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Credentials of somebody of the account, known by this ARN to routes with the IAM authorizer. */
  principal(arn: string): { accessKeyId: string; secretAccessKey: string };
  now(): number;
  advance(byMs: number): Promise<void>;
  /** Jumps forward while work is going on. */
  step(byMs: number): void;
  settle(): Promise<void>;
  /** Lets a frozen clock run beside real time. */
  thaw(): void;
  messages(filter?: { to?: string; channel?: string }): CapturedMessage[];
  /** Invokes a function by name, logical id, or the beginning of a logical id; throws what it throws. */
  invoke(logicalOrFunctionName: string, payload: unknown): Promise<unknown>;
  /** A queue by name, logical id, or the beginning of a logical id. */
  queue(name: string): Queue;
  executions(): Execution[];
  /** What lies in buckets, whose time is not over. */
  objects(): ReturnType<BucketStore['objects']>;
  /** All that was logged, and what queues show of messages beside their bodies. */
  traces(): readonly Trace[];
  outputs: Record<string, string>;
  assembly: ResolvedAssembly;
  meter: Meter;
  /** One hook at a time; undefined takes it away. */
  onCall(hook: FaultHook | undefined): void;
  /** Faults of all kinds, in place of the hook; undefined takes them away. */
  inject(injector: FaultInjector | undefined): void;
  /** What the function takes from its queues, by name as `invoke`; undefined: as much as this machine does. */
  limit(logicalOrFunctionName: string, capacity: Capacity | undefined): void;
  /** Sees every message that is captured; one at a time. */
  onMessage(listener: ((message: CapturedMessage) => void) | undefined): void;
  /** Sees every call that changed a table; one at a time. */
  onWritten(listener: ((written: Written) => void) | undefined): void;
  denied: DeniedCall[];
  statements(): RoleStatement[];
  /** By function name. */
  functions(): Record<string, FunctionReport>;
  /** The pollers of queues, to be switched off and on. */
  eventSources(): readonly EventSource[];
  /** CPU time of the workers that live, so far, in µs, by function name. */
  workerCpuMicros(): Promise<Record<string, number>>;
  /** Profiles the workers that live, until the answer is called: by function name, one for each worker. */
  startProfiles(): Promise<() => Promise<Record<string, string[]>>>;
  /** The process of DynamoDB's emulator, where it has one of its own. */
  databasePid: number | undefined;
  provider(channel: string): ProviderCapture;
  ses: { behave(behaviour: ProviderBehaviour, times?: number): void };
  webhooks: Webhooks;
  stop(): Promise<void>;
}

const OPERATOR = 'OPERATOR';
const OPERATOR_SECRET = 'local';
const operator: KnownCaller = {
  functionName: '-',
  role: undefined,
  requestId: undefined,
  chain: {},
  environment: undefined,
};
const SAVE_EVERY_MS = 2000;
const DEFAULT_WORKERS = Math.min(4, Math.max(2, availableParallelism()));

export async function bootCloud(options: CloudOptions): Promise<LocalCloud> {
  const log = options.log ?? (() => {});
  const { dataDir } = options;
  if (dataDir) mkdirSync(dataDir, { recursive: true });
  const saved = dataDir ? readState(dataDir) : undefined;
  const boots = (saved?.boots ?? 0) + 1;
  const source = readAssembly(options.assembly);
  const gateway = new Gateway();
  const httpApi = new HttpApi();
  const consoleServer = new ConsoleServer();
  const stops: (() => Promise<void> | void)[] = [];
  try {
    stops.push(
      () => gateway.stop(),
      () => httpApi.stop(),
      () => consoleServer.stop(),
    );
    const endpoint = await gateway.listen(0);
    const api = await httpApi.listen(options.port ?? 0);
    const consoleUrl = await consoleServer.listen(options.port ? options.port + 1 : 0);
    const assembly = resolveAssembly(source, { gateway: endpoint, api });

    // Time never runs backwards for stored data, even if the machine was off.
    const startTime = saved ? Math.max(saved.now, options.startTime ?? Date.now()) : options.startTime;
    const clock = new VirtualClock({ startTime, frozen: options.frozen });
    stops.push(() => clock.stop());
    const ids = makeIds(options.seed, String(boots));
    const meter = new Meter();
    const trail = new Trail(() => clock.now());
    const faults: FaultSeam = { current: undefined };
    const policies = new ResourcePolicies(assembly);
    const roles = new Roles(assembly, policies, () => clock.now());
    const queues = new QueueStore(assembly, endpoint, clock, ids, trail, faults);

    const backend: DynamodbBackend = await startDynamodb(
      dataDir && join(dataDir, 'tables'),
      options.overrides?.dynamodb,
    );
    stops.push(() => backend.stop());
    const tables = await createTables(assembly, backend);

    const buckets = new BucketStore(assembly, dataDir ? join(dataDir, 'buckets') : makeScratch(stops), () =>
      clock.now(),
    );

    const pools = new Map<string, FunctionPool>();
    const callers = new Map<string, { environment: ExecutionEnvironment; pool: FunctionPool; role: string }>();
    for (const definition of readFunctions(assembly, { assets: source.assets, scratch: () => makeScratch(stops) })) {
      const role = roles.assume(definition.roleArn, definition.name);
      const logStream = `${definition.logGroupArn}:log-stream:local`;
      const pool = new FunctionPool(definition, {
        clock,
        ids,
        meter,
        gateway: endpoint,
        region: assembly.region,
        // Whatever leaves for the world ends here: this variable is the only thing that a template does not say.
        extraEnvironment: { GODWIT_WEBHOOK_CAPTURE: `${consoleUrl}/inbox/hooks`, ...options.env },
        faults,
        maxWorkers: options.overrides?.maxWorkers ?? DEFAULT_WORKERS,
        log,
        logged: (functionName, line) => trail.add('log', functionName, line),
        mayLog: (action) => roles.allows(role, { action, resource: logStream }),
        introduce: (environment, pool) => callers.set(environment.accessKeyId, { environment, pool, role }),
      });
      pools.set(definition.name, pool);
    }
    stops.push(async () => {
      await Promise.all([...pools.values()].map((pool) => pool.stop()));
    });
    const executions = new Executions(deployMachines(assembly, { pools, queues, roles, meter, faults }), {
      clock,
      ids,
      meter,
      log,
    });
    const topics = new Topics(assembly, { clock, ids, meter, queues, pools, policies, log });
    const inbox = new Inbox(ids);
    const webhooks = new Webhooks(inbox, clock, ids);
    const captures = providerCaptures.map((capture) => capture({ assembly, inbox, topics, clock, ids, meter, log }));

    const watch = watchStoredMessages(assembly, inbox, clock);
    let onWritten: ((written: Written) => void) | undefined;
    const services = new Map<string, AwsService>([
      [
        'dynamodb',
        new DynamodbService(backend, tables, meter, assembly.region, (written) => {
          watch(written);
          onWritten?.(written);
        }),
      ],
      ['sqs', new SqsService(queues, meter, assembly.region)],
      ['s3', new S3Service(buckets, { policies, roles, region: assembly.region, now: () => clock.now() })],
      ['states', new StatesService(executions, () => clock.now())],
      ['lambda', new LambdaService(pools, clock)],
      ['sns', new SnsService(topics)],
      ['kms', kmsService(assembly)],
      ['ssm', parameterService(assembly)],
      ['secretsmanager', secretService(assembly)],
      ...captures.map((capture) => [capture.signingName, capture.service] as const),
    ]);
    const identify = (accessKeyId: string): KnownCaller | undefined => {
      if (accessKeyId === OPERATOR) return operator;
      const caller = callers.get(accessKeyId);
      if (!caller) return undefined;
      const { environment, pool, role } = caller;
      const { requestId } = environment;
      return { functionName: pool.definition.name, role, requestId, chain: pool.chainOf(requestId), environment };
    };
    gateway.serve({ services, roles, meter, clock, identify, log });
    const { account } = assembly;
    const self = { arn: `arn:aws:iam::${account}:user/operator`, secretAccessKey: OPERATOR_SECRET };
    const principals = new Map<string, Principal>([[OPERATOR, self]]);
    httpApi.serve({ routes: readRoutes(assembly, policies), pools, clock, ids, meter, account, principals, log });
    consoleServer.serve({ inbox, webhooks, clock, captures });

    const around = { clock, meter, region: assembly.region, faults, log };
    const sources = connectEventSources(assembly, queues, pools, roles, around);
    stops.push(() => {
      for (const eventSource of sources) eventSource.stop();
    });
    const schedules = new Schedules(assembly, { clock, ids, pools, queues, executions, roles, policies, log });
    if (saved) {
      queues.restore(saved.queues);
      inbox.restore(saved.messages);
      executions.restore(saved.executions);
    }
    if (options.overrides?.schedules !== 'off') schedules.start();
    for (const eventSource of sources) eventSource.start();

    const save = (): void => {
      if (!dataDir) return;
      queues.isDirty = false;
      executions.isDirty = false;
      inbox.isDirty = false;
      writeState(dataDir, {
        boots,
        now: clock.now(),
        queues: queues.save(),
        executions: executions.list(),
        messages: inbox.list(),
      });
    };
    const saving = setInterval(() => {
      if (queues.isDirty || executions.isDirty || inbox.isDirty) save();
    }, SAVE_EVERY_MS);
    saving.unref();
    log(`local cloud: api ${api}, inbox ${consoleUrl}/inbox/, DynamoDB by ${backend.kind}`);

    const byFunction = async <T>(work: (pool: FunctionPool) => Promise<T>): Promise<Record<string, T>> =>
      Object.fromEntries(
        await Promise.all([...pools.values()].map(async (pool) => [pool.definition.name, await work(pool)] as const)),
      );
    const poolOf = (name: string): FunctionPool =>
      findByName([...pools.values()], name, (pool) => [pool.definition.name, pool.definition.logicalId], 'function');

    return {
      api,
      inbox: `${consoleUrl}/inbox`,
      clock: `${consoleUrl}/clock`,
      operator: {
        endpoint,
        region: assembly.region,
        credentials: { accessKeyId: OPERATOR, secretAccessKey: OPERATOR_SECRET },
      },
      principal(arn) {
        const accessKeyId = `AKIALOCAL${principals.size}`;
        const secretAccessKey = ids.uuid();
        principals.set(accessKeyId, { arn, secretAccessKey });
        return { accessKeyId, secretAccessKey };
      },
      now: () => clock.now(),
      advance: (byMs) => clock.advance(byMs),
      step: (byMs) => clock.step(byMs),
      settle: () => clock.settle(),
      thaw: () => clock.thaw(),
      messages: (filter) => inbox.list(filter),
      async invoke(name, payload) {
        const outcome = await poolOf(name).invoke(JSON.stringify(payload ?? null));
        if (outcome.ok) return outcome.payload === undefined ? undefined : (JSON.parse(outcome.payload) as unknown);
        throw Object.assign(new Error(outcome.error.errorMessage), { name: outcome.error.errorType });
      },
      queue(name) {
        const resource = findByName(
          assembly.ofType('AWS::SQS::Queue'),
          name,
          (one) => [one.name, one.logicalId],
          'queue',
        );
        return queues.byName(resource.name)!;
      },
      executions: () => executions.list(),
      objects: () => buckets.objects(),
      traces: () => trail.list(),
      outputs: assembly.outputs,
      assembly,
      meter,
      onCall(hook) {
        gateway.faultHook = hook;
      },
      inject(injector) {
        faults.current = injector;
        gateway.faultHook = injector && ((call) => injector.call(call));
      },
      limit(name, capacity) {
        const pool = poolOf(name);
        for (const eventSource of sources) if (eventSource.pool === pool) eventSource.limit(capacity ?? {});
      },
      onMessage(listener) {
        inbox.onAdded = listener;
      },
      onWritten(listener) {
        onWritten = listener;
      },
      denied: roles.denied,
      statements: () => roles.statements(),
      functions: () =>
        Object.fromEntries(
          [...pools.values()].map(
            ({ definition: { name, logicalId }, restarts, longestChain, cutChains, measures }) => [
              name,
              { logicalId, restarts, longestChain, cutChains, measures: measures.list() },
            ],
          ),
        ),
      eventSources: () => sources,
      workerCpuMicros: () => byFunction((pool) => pool.cpuMicros()),
      async startProfiles() {
        const stops = await byFunction((pool) => pool.startProfiles());
        return () => byFunction(({ definition }) => stops[definition.name]!());
      },
      databasePid: backend.pid,
      provider(channel) {
        return findByName(captures, channel, (capture) => [capture.channel], 'provider');
      },
      ses: {
        behave(behaviour, times) {
          for (const capture of captures) if (capture.channel === 'email') capture.behave(behaviour, times);
        },
      },
      webhooks,
      async stop() {
        clearInterval(saving);
        for (const eventSource of sources) eventSource.stop();
        clock.stop();
        save();
        for (const stop of stops.reverse()) await stop();
      },
    };
  } catch (error) {
    for (const stop of stops.reverse()) await Promise.resolve(stop()).catch(() => undefined);
    throw error;
  }
}

/** A directory that goes when the cloud stops. */
function makeScratch(stops: (() => Promise<void> | void)[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'godwit-code-'));
  stops.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
