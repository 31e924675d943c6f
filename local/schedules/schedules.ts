import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import type { ResolvedAssembly, ResolvedResource } from '../assembly/resolve-assembly.ts';
import type { Timer, VirtualClock } from '../clock/virtual-clock.ts';
import type { FunctionPool } from '../functions/function-pool.ts';
import { invokeLater } from '../functions/invoke-later.ts';
import { functionNameOf, type ResourcePolicies } from '../iam/resource-policies.ts';
import type { Roles } from '../iam/roles.ts';
import type { Ids } from '../ids.ts';
import type { QueueStore } from '../queues/queue-store.ts';
import type { Executions } from '../step-functions/executions.ts';
import { type NextFiring, parseSchedule } from './schedule-expression.ts';

export interface ScheduleSurroundings {
  clock: VirtualClock;
  ids: Ids;
  pools: Map<string, FunctionPool>;
  queues: QueueStore;
  executions: Executions;
  roles: Roles;
  policies: ResourcePolicies;
  log: (line: string) => void;
}

interface Schedule {
  name: string;
  next: NextFiring;
  fire: (at: number) => void;
}

/** Rules with a schedule, and schedules of EventBridge Scheduler, on the virtual clock. */
export class Schedules {
  readonly #around: ScheduleSurroundings;
  readonly #schedules: Schedule[] = [];
  readonly #timers = new Map<Schedule, Timer>();

  constructor(assembly: ResolvedAssembly, around: ScheduleSurroundings) {
    this.#around = around;
    for (const rule of assembly.ofType('AWS::Events::Rule')) {
      const { ScheduleExpression, EventPattern, State, Targets } = rule.properties;
      if (EventPattern !== undefined)
        throw new Error(`${rule.logicalId}: event patterns are not known to the local cloud`);
      if (State === 'DISABLED') continue;
      const targets = ((Targets ?? []) as JsonObject[]).map((target) => this.#ruleTarget(rule, target));
      this.#schedules.push({
        name: rule.name,
        next: parseSchedule(String(ScheduleExpression), rule.logicalId),
        fire: (at) => {
          for (const fire of targets) fire(at);
        },
      });
    }
    for (const schedule of assembly.ofType('AWS::Scheduler::Schedule')) {
      const { ScheduleExpression, ScheduleExpressionTimezone, State, Target } = schedule.properties;
      const zone = ScheduleExpressionTimezone ?? 'UTC';
      if (zone !== 'UTC' && zone !== 'Etc/UTC')
        throw new Error(`${schedule.logicalId}: time zone ${String(zone)} is not known to the local cloud`);
      if (State === 'DISABLED') continue;
      this.#schedules.push({
        name: schedule.name,
        next: parseSchedule(String(ScheduleExpression), schedule.logicalId),
        fire: this.#scheduleTarget(schedule, Target as JsonObject),
      });
    }
  }

  start(): void {
    const origin = this.#around.clock.now();
    for (const schedule of this.#schedules) this.#arm(schedule, origin, origin);
  }

  #arm(schedule: Schedule, after: number, origin: number): void {
    const at = schedule.next(after, origin);
    if (at === undefined) return;
    this.#timers.set(
      schedule,
      this.#around.clock.at(at, () => {
        schedule.fire(at);
        this.#arm(schedule, at, origin);
      }),
    );
  }

  #ruleTarget(rule: ResolvedResource, target: JsonObject): (at: number) => void {
    const { clock, ids, pools, policies, log } = this.#around;
    const arn = String(target['Arn']);
    const pool = pools.get(functionNameOf(arn));
    if (!pool) throw new Error(`${rule.logicalId}: its target ${arn} is no function of the assembly`);
    return (at) => {
      if (!policies.mayInvoke('events.amazonaws.com', pool.definition.name, rule.arn)) {
        log(`rule ${rule.name}: no permission to invoke ${pool.definition.name}`);
        return;
      }
      const event = {
        version: '0',
        id: ids.uuid(),
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        account: rule.account,
        time: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
        region: rule.region,
        resources: [rule.arn],
        detail: {},
      };
      const input = target['Input'];
      invokeLater(pool, typeof input === 'string' ? input : JSON.stringify(event), clock);
    };
  }

  #scheduleTarget(schedule: ResolvedResource, target: JsonObject): (at: number) => void {
    const { clock, pools, queues, executions, roles } = this.#around;
    const arn = String(target['Arn']);
    const input = typeof target['Input'] === 'string' ? target['Input'] : '{}';
    const role = roles.assume(String(target['RoleArn']), schedule.name);
    const pool = pools.get(functionNameOf(arn));
    const queue = queues.byArn(arn);
    const mustAllow = (action: string): void => roles.require(role, schedule.name, [{ action, resource: arn }]);
    const fire = (): void => {
      if (pool) {
        mustAllow('lambda:InvokeFunction');
        invokeLater(pool, input, clock);
      } else if (queue) {
        mustAllow('sqs:SendMessage');
        const parameters = target['SqsParameters'] as Record<string, Json> | undefined;
        queue.send({ body: input, groupId: parameters?.['MessageGroupId'] as string | undefined });
      } else {
        mustAllow('states:StartExecution');
        executions.start(arn, undefined, input);
      }
    };
    if (!pool && !queue && !executions.machine(arn))
      throw new Error(`${schedule.logicalId}: its target ${arn} is not in the assembly`);
    return () => {
      try {
        fire();
      } catch (error) {
        this.#around.log(`schedule ${schedule.name}: ${(error as Error).message}`);
      }
    };
  }
}
