import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import type { ResolvedAssembly } from '../assembly/resolve-assembly.ts';
import type { FaultSeam } from '../faults/fault-injector.ts';
import type { FunctionPool } from '../functions/function-pool.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { functionNameOf } from '../iam/resource-policies.ts';
import type { Roles } from '../iam/roles.ts';
import type { Meter } from '../meter.ts';
import { checkEntry, messageSize, type SendEntry } from '../queues/message-rules.ts';
import type { QueueStore } from '../queues/queue-store.ts';
import type { DeployedMachine } from './executions.ts';
import { readMachine } from './state-language.ts';
import { StateFailure, type TaskRunner } from './state-steps.ts';

export interface MachineSurroundings {
  pools: Map<string, FunctionPool>;
  queues: QueueStore;
  roles: Roles;
  meter: Meter;
  faults: FaultSeam;
}

export function deployMachines(assembly: ResolvedAssembly, around: MachineSurroundings): DeployedMachine[] {
  return assembly.ofType('AWS::StepFunctions::StateMachine').map((resource) => {
    const { properties, logicalId } = resource;
    if (properties['StateMachineType'] === 'EXPRESS')
      throw new Error(`${logicalId}: express state machines are not known to the local cloud`);
    const source = properties['DefinitionString'] ?? JSON.stringify(properties['Definition'] ?? null);
    if (typeof source !== 'string' || source === 'null')
      throw new Error(`${logicalId}: only DefinitionString and Definition are known to the local cloud`);
    const substitutions = (properties['DefinitionSubstitutions'] ?? {}) as Record<string, string>;
    const definition = source.replace(/\$\{([^}]+)\}/g, (whole, key: string) => substitutions[key] ?? whole);
    const role = around.roles.assume(String(properties['RoleArn']), resource.name);
    return {
      arn: resource.arn,
      name: resource.name,
      definition: readMachine(definition, logicalId),
      tasks: taskRunner(role, resource.name, around),
    };
  });
}

function taskRunner(
  role: string,
  machine: string,
  { pools, queues, roles, meter, faults }: MachineSurroundings,
): TaskRunner {
  const mustAllow = (action: string, resource: string): void => {
    try {
      roles.require(role, machine, [{ action, resource }]);
    } catch (error) {
      throw new StateFailure(
        action.startsWith('lambda') ? 'Lambda.AWSLambdaException' : 'SQS.SqsException',
        (error as Error).message,
      );
    }
  };
  return async (resource, args) => {
    const fault = faults.current?.task(machine, JSON.stringify(args));
    if (fault !== undefined) throw new StateFailure(fault, 'The local cloud was told to fail');
    if (resource.endsWith(':lambda:invoke')) {
      const pool = pools.get(functionNameOf(String(args['FunctionName'])));
      if (!pool)
        throw new StateFailure(
          'Lambda.ResourceNotFoundException',
          `Function not found: ${String(args['FunctionName'])}`,
        );
      mustAllow('lambda:InvokeFunction', invokedArn(String(args['FunctionName']), pool.definition.arn));
      return invoke(pool, args);
    }
    const queue = queues.byUrl(String(args['QueueUrl']));
    if (!queue) throw new StateFailure('SQS.QueueDoesNotExistException', 'The specified queue does not exist.');
    mustAllow('sqs:SendMessage', queue.settings.arn);
    return send(queue, args, meter);
  };
}

async function invoke(pool: FunctionPool, args: JsonObject): Promise<Json> {
  // Step Functions is none of the services that the recursion guard follows, so a new chain starts here [L10].
  const outcome = await pool.invoke(JSON.stringify(args['Payload'] ?? {}));
  if (outcome.ok) {
    const Payload = outcome.payload === undefined ? null : (JSON.parse(outcome.payload) as Json);
    return { ExecutedVersion: '$LATEST', Payload, StatusCode: 200 };
  }
  const { errorType, errorMessage, trace } = outcome.error;
  if (outcome.kind === 'timeout')
    throw new StateFailure('Sandbox.Timedout', JSON.stringify({ errorType, errorMessage }));
  throw new StateFailure(
    outcome.kind === 'killed' ? 'Lambda.Unknown' : errorType,
    JSON.stringify({ errorMessage, errorType, trace }),
  );
}

function send(queue: NonNullable<ReturnType<QueueStore['byUrl']>>, args: JsonObject, meter: Meter): Json {
  const given = args['MessageBody'];
  const body = typeof given === 'string' ? given : JSON.stringify(given);
  const entry = { ...args, MessageBody: body } as unknown as SendEntry;
  try {
    checkEntry(entry, queue.settings);
  } catch (error) {
    if (error instanceof AwsError) throw new StateFailure(`SQS.${error.code}Exception`, error.message);
    throw error;
  }
  meter.queueRequest('SendMessage', queue.settings, messageSize(body, undefined));
  const { message } = queue.send({
    body,
    groupId: entry.MessageGroupId,
    deduplicationId: entry.MessageDeduplicationId,
    delaySeconds: queue.settings.fifo ? undefined : entry.DelaySeconds,
  });
  return { MessageId: message.id, MD5OfMessageBody: message.md5 };
}

/** IAM compares the ARN as it was called: with version or alias, if it has one. */
function invokedArn(reference: string, arn: string): string {
  return reference.startsWith('arn:') ? reference : arn;
}
