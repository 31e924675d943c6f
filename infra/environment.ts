import * as cdk from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type AcknowledgedRule, acknowledgedRules, acknowledgeRules } from './acknowledged-rules.ts';
import { bundledCode, type CodeSource } from './bundle.ts';
import type { EnvironmentConfig, EnvironmentInput } from './config.ts';
import { EnvironmentContext } from './context.ts';
import { readEnvironmentConfig, readEnvironmentName } from './read-config.ts';
import { ApiStack } from './stacks/api.ts';
import { DataStack } from './stacks/data.ts';
import { IngestStack } from './stacks/ingest.ts';
import { JourneysStack } from './stacks/journeys.ts';
import { MessagingStack } from './stacks/messaging.ts';
import { ObservabilityStack } from './stacks/observability.ts';

export interface GodwitEnvironmentProps {
  /** Name of the environment: a-z, 0-9 and hyphens, at most 16 characters. */
  readonly environment: string;
  readonly config: EnvironmentInput;
  /** Default: bundles functions/<name>/handler.ts. */
  readonly codeFor?: CodeSource;
  /** Rules of cdk-nag that are broken on purpose. Default: those of acknowledged-rules.ts. */
  readonly acknowledgements?: readonly AcknowledgedRule[];
}

/** One deployment of Godwit: the stacks `<prefix>-<environment>-data` and so on. Several fit into one app and account. */
export class GodwitEnvironment extends cdk.Stage {
  readonly config: EnvironmentConfig;
  readonly data: DataStack;
  readonly ingest: IngestStack;
  readonly journeys: JourneysStack;
  readonly messaging: MessagingStack;
  readonly api: ApiStack;
  readonly observability: ObservabilityStack;

  constructor(scope: Construct, props: GodwitEnvironmentProps) {
    const config = readEnvironmentConfig(props.config);
    const context = new EnvironmentContext(
      readEnvironmentName(props.environment),
      config,
      props.codeFor ?? bundledCode,
    );
    super(scope, context.id, {
      env: {
        ...(config.account === undefined ? {} : { account: config.account }),
        ...(config.region === undefined ? {} : { region: config.region }),
      },
      ...boundary(config.permissionsBoundary),
    });
    this.config = config;
    const tags = { 'godwit:environment': context.id, ...config.tags };
    for (const [key, value] of Object.entries(tags)) cdk.Tags.of(this).add(key, value);

    this.data = new DataStack(this, context);
    this.api = new ApiStack(this, context);
    this.ingest = new IngestStack(this, context);
    this.journeys = new JourneysStack(this, context);
    this.messaging = new MessagingStack(this, context);
    this.observability = new ObservabilityStack(this, context);

    for (const stack of [this.api, this.ingest, this.journeys, this.messaging]) stack.addStackDependency(this.data);
    this.messaging.addStackDependency(this.api);
    for (const stack of [this.data, this.api, this.ingest]) this.observability.addStackDependency(stack);
    acknowledgeRules(this, props.acknowledgements ?? acknowledgedRules);
  }
}

function boundary(nameOrArn: string | undefined): Pick<cdk.StageProps, 'permissionsBoundary'> {
  if (nameOrArn === undefined) return {};
  const { fromArn, fromName } = cdk.PermissionsBoundary;
  return { permissionsBoundary: nameOrArn.startsWith('arn:') ? fromArn(nameOrArn) : fromName(nameOrArn) };
}
