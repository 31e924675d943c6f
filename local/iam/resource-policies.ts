import type { JsonObject } from '../assembly/read-assembly.ts';
import type { ResolvedAssembly } from '../assembly/resolve-assembly.ts';
import { listOf } from './policy-document.ts';
import { type Check, Statement } from './statement.ts';

/** What resources themselves allow: queue policies, key policies and Lambda permissions. */
export class ResourcePolicies {
  readonly #queues = new Map<string, Statement[]>();
  readonly #keys = new Map<string, Statement[]>();
  readonly #account: string;
  readonly #permissions: { functionName: string; principal: string; source: RegExp | undefined }[] = [];

  constructor(assembly: ResolvedAssembly) {
    this.#account = assembly.account;
    for (const key of assembly.ofType('AWS::KMS::Key')) {
      const document = key.properties['KeyPolicy'] as JsonObject | undefined;
      const statements = listOf(document?.['Statement']).map((source) => new Statement(source, key.logicalId));
      this.#keys.set(key.arn, statements);
    }
    for (const policy of assembly.ofType('AWS::SQS::QueuePolicy')) {
      const document = policy.properties['PolicyDocument'] as JsonObject;
      const statements = listOf(document['Statement']).map((source) => new Statement(source, policy.logicalId));
      for (const url of (policy.properties['Queues'] ?? []) as string[]) {
        const name = url.slice(url.lastIndexOf('/') + 1);
        this.#queues.set(name, [...(this.#queues.get(name) ?? []), ...statements]);
      }
    }
    for (const permission of assembly.ofType('AWS::Lambda::Permission')) {
      const { FunctionName, Principal, SourceArn } = permission.properties;
      this.#permissions.push({
        functionName: functionNameOf(String(FunctionName)),
        principal: String(Principal),
        source: typeof SourceArn === 'string' ? arnPattern(SourceArn) : undefined,
      });
    }
  }

  /** Whether a topic may put messages into a queue (SNS developer guide, "Subscribing a queue to a topic"). */
  mayDeliver(topicArn: string, queue: { name: string; arn: string }): boolean {
    const context = {
      'aws:sourcearn': topicArn,
      'aws:sourceaccount': this.#account,
      'aws:securetransport': 'true',
    };
    const check = { action: 'sqs:SendMessage', resource: queue.arn, context };
    const matching = (this.#queues.get(queue.name) ?? []).filter(
      (statement) => statement.isFor('sns.amazonaws.com') && statement.matches(check),
    );
    return matching.length > 0 && matching.every((statement) => statement.effect === 'Allow');
  }

  /**
   * Whether the key's own policy lets the role do it, so that the role needs no statement for it. A statement for the
   * account's root only hands the decision to the roles (KMS developer guide, "Default key policy").
   */
  keyAllows(roleName: string, check: Check): boolean {
    const role = `arn:aws:iam::${this.#account}:role/${roleName}`;
    const context = { 'kms:calleraccount': this.#account, ...check.context };
    const matching = (this.#keys.get(check.resource) ?? []).filter(
      (statement) => statement.isFor(role) && statement.matches({ ...check, context }),
    );
    return matching.length > 0 && matching.every((statement) => statement.effect === 'Allow');
  }

  mayInvoke(principal: string, functionName: string, sourceArn: string): boolean {
    return this.#permissions.some(
      (permission) =>
        permission.functionName === functionName &&
        permission.principal === principal &&
        (permission.source?.test(sourceArn) ?? true),
    );
  }
}

/** The function's name from a name, an ARN, or an ARN with version or alias. */
export function functionNameOf(reference: string): string {
  const parts = reference.split(':');
  return parts.length >= 7 ? parts[6]! : parts[0]!;
}

function arnPattern(arn: string): RegExp {
  return new RegExp(`^${arn.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`);
}
