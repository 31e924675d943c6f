import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import type { ResolvedAssembly } from '../assembly/resolve-assembly.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { listOf } from './policy-document.ts';
import type { ResourcePolicies } from './resource-policies.ts';
import { type Check, Statement } from './statement.ts';

export interface DeniedCall {
  role: string;
  principal: string;
  action: string;
  resource: string;
  at: number;
}

export interface RoleStatement {
  role: string;
  /** Functions, state machines and schedules that run under the role. */
  usedBy: string[];
  sid: string;
  effect: 'Allow' | 'Deny';
  actions: string[];
  resources: string[];
  isUsed: boolean;
  unusedActions: string[];
}

/** Managed policies by the end of their ARN: what they allow, from the AWS managed policy reference. */
const managedPolicies: Record<string, JsonObject> = {
  'service-role/AWSLambdaBasicExecutionRole': {
    Effect: 'Allow',
    Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: '*',
  },
  'service-role/AWSLambdaSQSQueueExecutionRole': {
    Effect: 'Allow',
    Action: [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'logs:CreateLogGroup',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ],
    Resource: '*',
  },
  AWSXRayDaemonWriteAccess: {
    Effect: 'Allow',
    Action: [
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:GetSamplingStatisticSummaries',
    ],
    Resource: '*',
  },
};

/** Roles of the assembly: who may do what, what was refused, and which statements were ever needed. */
export class Roles {
  readonly denied: DeniedCall[] = [];
  readonly #statements = new Map<string, { statement: Statement; isManaged: boolean }[]>();
  readonly #principals = new Map<string, Set<string>>();
  readonly #account: string;
  readonly #now: () => number;
  readonly #policies: ResourcePolicies;

  constructor(assembly: ResolvedAssembly, policies: ResourcePolicies, now: () => number) {
    this.#policies = policies;
    this.#account = assembly.account;
    this.#now = now;
    for (const role of assembly.ofType('AWS::IAM::Role')) {
      this.#statements.set(role.name, []);
      for (const policy of listOf(role.properties['Policies'])) this.#add(role.name, policy['PolicyDocument']);
      for (const arn of (role.properties['ManagedPolicyArns'] ?? []) as string[]) {
        const key = arn.slice(arn.indexOf('policy/') + 'policy/'.length);
        if (managedPolicies[key]) this.#add(role.name, { Statement: managedPolicies[key] }, true);
        else if (
          !assembly.resources.some((resource) => resource.type === 'AWS::IAM::ManagedPolicy' && resource.arn === arn)
        ) {
          throw new Error(`${role.logicalId}: the managed policy ${arn} is not known to the local cloud`);
        } else
          this.#add(
            role.name,
            assembly.resources.find((resource) => resource.arn === arn)!.properties['PolicyDocument'],
          );
      }
    }
    for (const policy of assembly.ofType('AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy')) {
      for (const role of (policy.properties['Roles'] ?? []) as string[])
        this.#add(role, policy.properties['PolicyDocument']);
    }
  }

  /** Remembers that a function, state machine or schedule runs under the role; returns the role's name. */
  assume(roleArn: string, principal: string): string {
    const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    if (!this.#statements.has(role)) throw new Error(`${principal}: its role ${roleArn} is not in the assembly`);
    const principals = this.#principals.get(role) ?? new Set();
    this.#principals.set(role, principals.add(principal));
    return role;
  }

  allows(role: string, check: Check): boolean {
    const matching = (this.#statements.get(role) ?? []).filter(({ statement }) => statement.matches(check));
    const use = `${check.action} ${check.resource}`;
    for (const { statement } of matching) statement.uses.set(use, (statement.uses.get(use) ?? 0) + 1);
    return matching.length > 0 && matching.every(({ statement }) => statement.effect === 'Allow');
  }

  /** Throws what AWS answers, and remembers it, unless the role allows every one of the checks. */
  require(role: string, principal: string, checks: Check[]): void {
    for (const check of checks) {
      if (check.action.startsWith('kms:') && this.#policies.keyAllows(role, check)) continue;
      if (this.allows(role, check)) continue;
      const { action, resource } = check;
      this.denied.push({ role, principal, action, resource, at: this.#now() });
      throw new AwsError(
        'AccessDeniedException',
        `User: arn:aws:sts::${this.#account}:assumed-role/${role}/${principal} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
        403,
      );
    }
  }

  /** Every statement of the assembly's own policies, and whether a call has needed it. */
  statements(): RoleStatement[] {
    return [...this.#statements].flatMap(([role, entries]) =>
      entries
        .filter(({ isManaged }) => !isManaged)
        .map(({ statement }) => ({
          role,
          usedBy: [...(this.#principals.get(role) ?? [])],
          sid: statement.sid,
          effect: statement.effect,
          actions: statement.actions,
          resources: statement.resources,
          isUsed: statement.uses.size > 0,
          unusedActions: statement.unusedActions(),
        })),
    );
  }

  #add(role: string, document: Json | undefined, isManaged = false): void {
    const statements = this.#statements.get(role);
    if (!statements) throw new Error(`A policy is attached to the role ${role}, which is not in the assembly`);
    for (const source of listOf((document as JsonObject)['Statement'])) {
      statements.push({ statement: new Statement(source, `role ${role}`), isManaged });
    }
  }
}
