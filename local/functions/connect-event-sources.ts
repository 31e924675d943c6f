import type { ResolvedAssembly } from '../assembly/resolve-assembly.ts';
import { functionNameOf } from '../iam/resource-policies.ts';
import type { Roles } from '../iam/roles.ts';
import type { QueueStore } from '../queues/queue-store.ts';
import { EventSource, type EventSourceSurroundings } from './event-source.ts';
import type { FunctionPool } from './function-pool.ts';

/** Creates the pollers, and refuses those whose function may not read the queue, as CreateEventSourceMapping does. */
export function connectEventSources(
  assembly: ResolvedAssembly,
  queues: QueueStore,
  pools: Map<string, FunctionPool>,
  roles: Roles,
  around: Omit<EventSourceSurroundings, 'deadLetterQueue'>,
): EventSource[] {
  return assembly.ofType('AWS::Lambda::EventSourceMapping').map((resource) => {
    const source = String(resource.properties['EventSourceArn']);
    const queue = queues.byArn(source);
    if (!queue)
      throw new Error(`${resource.logicalId}: the local cloud knows event sources of SQS only, not ${source}`);
    const pool = pools.get(functionNameOf(String(resource.properties['FunctionName'])));
    if (!pool) throw new Error(`${resource.logicalId}: its function is not in the assembly`);
    const { roleArn, name } = pool.definition;
    const role = roles.assume(roleArn, name);
    const key = queue.settings.keyId;
    roles.require(role, name, [
      ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((action) => ({
        action: `sqs:${action}`,
        resource: source,
      })),
      ...(key && !key.startsWith('alias/aws/')
        ? [
            {
              action: 'kms:Decrypt',
              resource: key,
              context: { 'kms:viaservice': `sqs.${around.region}.amazonaws.com` },
            },
          ]
        : []),
    ]);
    return new EventSource(resource, queue, pool, { ...around, deadLetterQueue: (arn) => queues.byArn(arn) });
  });
}
