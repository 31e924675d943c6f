import * as cdk from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { type DeliveryChannel, defaultDays, tables, timing } from '../shared/resources.ts';
import type { AccessSettings, CoreSettings, PushSettings, Settings, SmsSettings } from '../shared/settings.ts';
import type { CodeSource } from './bundle.ts';
import { type EnvironmentConfig, sendersForFunctions } from './config.ts';
import type { FunctionName, TableName } from './functions.ts';
import type { Push } from './push-config.ts';
import { hasPace, sendingForFunctions } from './sending-config.ts';
import type { Sms } from './sms-config.ts';

export type MachineName = 'journey-wait' | 'profile-scan';

export interface QueueReference {
  readonly arn: string;
  readonly name: string;
  readonly url: string;
}

/**
 * What all stacks of one environment share: its configuration, its names, and what the data stack made.
 *
 * Stacks know each other through SSM parameters, read when a stack is deployed. A CloudFormation export would be
 * shorter, but it locks the exporting resource for as long as anybody imports it: removing a channel or replacing a queue
 * then fails half-way through a deployment, which begins with the exporter. A parameter is also what the command line
 * and a script can read. Names that we set ourselves (functions, state machine, configuration sets) need no parameter.
 */
export class EnvironmentContext {
  readonly environment: string;
  readonly config: EnvironmentConfig;
  readonly codeFor: CodeSource;

  constructor(environment: string, config: EnvironmentConfig, codeFor: CodeSource) {
    this.environment = environment;
    this.config = config;
    this.codeFor = codeFor;
  }

  /** `godwit-dev`: begins every physical name. */
  get id(): string {
    return `${this.config.prefix}-${this.environment}`;
  }

  get isRetained(): boolean {
    return this.config.removalPolicy === 'retain';
  }

  get removalPolicy(): cdk.RemovalPolicy {
    return this.isRetained ? cdk.RemovalPolicy.RETAIN : cdk.RemovalPolicy.DESTROY;
  }

  physicalName(name: string): string {
    return `${this.id}-${name}`;
  }

  get mailboxes(): string[] {
    return Array.from({ length: this.config.mailboxShards }, (_, shard) => `mailbox-${shard}`);
  }

  publish(scope: Construct, path: string, value: string): void {
    new ssm.StringParameter(scope, `Parameter${constructId(path)}`, {
      parameterName: this.#parameter(path),
      stringValue: value,
    });
  }

  lookUp(scope: Construct, path: string): string {
    return ssm.StringParameter.valueForStringParameter(scope, this.#parameter(path));
  }

  /** The key of the data stack; what it encrypts elsewhere, it encrypts by its own policy. */
  key(scope: Construct): kms.IKey {
    return kms.Key.fromKeyArn(scope, 'Key', this.lookUp(scope, 'key'));
  }

  table(scope: Construct, name: TableName): { name: string; arn: string } {
    const tableName = this.lookUp(scope, `tables/${name}`);
    return { name: tableName, arn: arn(scope, 'dynamodb', 'table', tableName) };
  }

  queue(scope: Construct, name: string): QueueReference {
    const queueName = this.lookUp(scope, `queues/${name}`);
    const { region, account, urlSuffix } = cdk.Stack.of(scope);
    return {
      name: queueName,
      arn: cdk.Stack.of(scope).formatArn({ service: 'sqs', resource: queueName }),
      url: `https://sqs.${region}.${urlSuffix}/${account}/${queueName}`,
    };
  }

  functionName(name: FunctionName | `send-${string}`): string {
    return this.physicalName(name);
  }

  functionArn(scope: Construct, name: FunctionName): string {
    return cdk.Stack.of(scope).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: this.functionName(name),
      arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  machineArn(scope: Construct, name: MachineName): string {
    return cdk.Stack.of(scope).formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: this.physicalName(name),
      arnFormat: cdk.ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  configurationSet(purpose: keyof Settings['configurationSets'] | 'sms'): string {
    return this.physicalName(purpose);
  }

  /** Whether `send` of this channel counts against a rate or a warm-up. */
  paces(channel: DeliveryChannel): boolean {
    return hasPace(this.config, channel);
  }

  /** Three rounds of all who work it off: a moment, whatever `concurrency.evaluate` is; and seconds of the least of them. */
  mailboxRoom(): number {
    return Math.max(1_000, 3 * timing.mailboxBatchSize * this.config.concurrency.evaluate);
  }

  coreSettings(): CoreSettings {
    const { retention, zone, locale, compressProfiles } = this.config;
    const { journalDays, messageDays, jobDays } = retention;
    const job = jobDays === defaultDays.job ? {} : { jobRetentionDays: jobDays };
    const plain = compressProfiles ? {} : ({ compressProfiles: false } as const);
    return { journalRetentionDays: journalDays, messageRetentionDays: messageDays, ...job, ...plain, zone, locale };
  }

  /** To each function what it checks: roles may be longer than what `api` has room for beside its tables. */
  accessSettings(name: FunctionName): AccessSettings {
    const { retention, roles, throttle, approval } = this.config;
    const perMinute = name === 'api' || name === 'ingest' ? throttle.perKey[name] : undefined;
    const isAudited = name !== 'ingest' && retention.auditDays !== 'none';
    return {
      ...(isAudited && { auditRetentionDays: retention.auditDays as number }),
      ...(perMinute !== undefined && { perMinute }),
      ...(name === 'api' && approval !== 'none' && { approval }),
      ...(name === 'open-session' && { roles }),
    };
  }

  settings(linksBaseUrl = '', pushApplication?: string): Settings {
    const { config } = this;
    const { logDays, backupDays, answerDays } = config.retention;
    const sending = sendingForFunctions(config);
    return {
      ...this.coreSettings(),
      environment: this.environment,
      delivery: config.delivery,
      senders: sendersForFunctions(config.senders),
      configurationSets: {
        marketing: this.configurationSet('marketing'),
        transactional: this.configurationSet('transactional'),
      },
      ...(config.sms === undefined ? {} : { sms: this.#sms(config.sms) }),
      ...(config.push === undefined ? {} : { push: pushSettings(config.push, pushApplication) }),
      linksBaseUrl,
      inbox: config.inbox,
      retention: { logDays, backupDays, ...(answerDays !== defaultDays.answer && { answerDays }) },
      ...(sending === undefined ? {} : { sending }),
    };
  }

  #sms({ transport, senders, applicationId, maxPriceUsd }: Sms): SmsSettings {
    return {
      transport,
      senders,
      ...(transport === 'end-user-messaging' && { configurationSet: this.configurationSet('sms') }),
      ...(applicationId !== undefined && { application: applicationId }),
      ...(maxPriceUsd !== undefined && { maxPrice: maxPriceUsd.toFixed(5) }),
    };
  }

  #parameter(path: string): string {
    return `/${this.config.prefix}/${this.environment}/${path}`;
  }
}

/** `messages-email` → `MessagesEmail`. Logical ids are made of construct ids, so this never changes either. */
export function constructId(name: string): string {
  return name.replace(/(^|[^a-zA-Z0-9])([a-zA-Z0-9])/g, (_, _separator, letter: string) => letter.toUpperCase());
}

const pushSettings = ({ apns }: Push, application: string | undefined): PushSettings => ({
  apns,
  ...(application !== undefined && { application }),
});

export const tableNames = Object.keys(tables) as TableName[];

function arn(scope: Construct, service: string, resource: string, resourceName: string): string {
  return cdk.Stack.of(scope).formatArn({ service, resource, resourceName });
}
