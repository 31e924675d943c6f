import type { JsonObject } from '../assembly/read-assembly.ts';
import type { ResolvedAssembly } from '../assembly/resolve-assembly.ts';
import { listOf } from './policy-document.ts';
import { type Check, Statement } from './statement.ts';

/** What resources themselves allow: policies of queues, topics, buckets and keys, and Lambda permissions. */
export class ResourcePolicies {
  readonly #queues = new Map<string, Statement[]>();
  readonly #buckets = new Map<string, Statement[]>();
  readonly #keys = new Map<string, Statement[]>();
  readonly #topics = new Map<string, { statements: Statement[]; key: string | undefined }>();
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
    for (const policy of assembly.ofType('AWS::S3::BucketPolicy')) {
      const document = policy.properties['PolicyDocument'] as JsonObject;
      const statements = listOf(document['Statement']).map((source) => new Statement(source, policy.logicalId));
      this.#buckets.set(String(policy.properties['Bucket']), statements);
    }
    for (const topic of assembly.ofType('AWS::SNS::Topic')) {
      const key = topic.properties['KmsMasterKeyId'];
      this.#topics.set(topic.arn, {
        statements: [],
        key: key === undefined ? undefined : keyArn(assembly, String(key)),
      });
    }
    for (const policy of assembly.ofType('AWS::SNS::TopicPolicy')) {
      const document = policy.properties['PolicyDocument'] as JsonObject;
      const statements = listOf(document['Statement']).map((source) => new Statement(source, policy.logicalId));
      // CloudFormation sets the topic's one policy, so a second resource for it would win over the first.
      for (const arn of (policy.properties['Topics'] ?? []) as string[]) {
        const topic = this.#topics.get(arn);
        if (topic) topic.statements = statements;
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
    return allows(this.#queues.get(queue.name) ?? [], 'sns.amazonaws.com', check);
  }

  /**
   * What keeps a service from publishing for `sourceArn`, undefined when nothing does. It has no role: the topic's policy
   * must name it, and that of its key, for two actions (SNS developer guide, "Managing encryption keys and costs",
   * compatibility with AWS services). A key that is not in the assembly is AWS's own, which no service may use.
   */
  forbidsPublishing(service: string, sourceArn: string, topicArn: string): string | undefined {
    const { statements, key } = this.#topics.get(topicArn) ?? { statements: [], key: undefined };
    const context = { 'aws:sourcearn': sourceArn, 'aws:sourceaccount': this.#account, 'aws:securetransport': 'true' };
    if (!allows(statements, service, { action: 'sns:Publish', resource: topicArn, context })) return 'its policy';
    if (key === undefined) return undefined;
    const mayUseKey = ['kms:GenerateDataKey', 'kms:Decrypt'].every((action) =>
      allows(this.#keys.get(key) ?? [], service, { action, resource: key, context }),
    );
    return mayUseKey ? undefined : 'the policy of its key';
  }

  /**
   * Whether the key's own policy lets the role do it, so that the role needs no statement for it. A statement for the
   * account's root only hands the decision to the roles (KMS developer guide, "Default key policy").
   */
  keyAllows(roleName: string, check: Check): boolean {
    const role = `arn:aws:iam::${this.#account}:role/${roleName}`;
    const context = { 'kms:calleraccount': this.#account, ...check.context };
    return allows(this.#keys.get(check.resource) ?? [], role, { ...check, context });
  }

  /** Whether the bucket's own policy forbids it, whoever asks. What it allows beyond the roles is not imitated. */
  bucketDenies(bucket: string, action: string, resource: string): boolean {
    const check = { action, resource, context: { 'aws:securetransport': 'true' } };
    return (this.#buckets.get(bucket) ?? []).some((one) => one.effect === 'Deny' && one.matches(check));
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

function allows(statements: readonly Statement[], principal: string, check: Check): boolean {
  const matching = statements.filter((statement) => statement.isFor(principal) && statement.matches(check));
  return matching.length > 0 && matching.every((statement) => statement.effect === 'Allow');
}

/** Keys are named by ARN, id, or alias. */
function keyArn(assembly: ResolvedAssembly, reference: string): string {
  const alias = assembly
    .ofType('AWS::KMS::Alias')
    .find(({ name }) => name === reference.slice(reference.indexOf('alias/')));
  const key = alias === undefined ? reference : String(alias.properties['TargetKeyId']);
  return assembly.ofType('AWS::KMS::Key').find(({ arn, name }) => arn === key || name === key)?.arn ?? key;
}

/** The function's name from a name, an ARN, or an ARN with version or alias. */
export function functionNameOf(reference: string): string {
  const parts = reference.split(':');
  return parts.length >= 7 ? parts[6]! : parts[0]!;
}

function arnPattern(arn: string): RegExp {
  return new RegExp(`^${arn.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`);
}
