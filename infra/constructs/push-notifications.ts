import * as cdk from 'aws-cdk-lib';
import * as pinpoint from 'aws-cdk-lib/aws-pinpoint';
import { Construct } from 'constructs';
import type { EnvironmentContext } from '../context.ts';
import type { Push } from '../push-config.ts';
import type { Handler } from './handler.ts';

/** The application of End User Messaging Push, which has the keys of Apple and Google. */
export class PushNotifications extends Construct {
  readonly applicationId: string;

  constructor(scope: Construct, id: string, context: EnvironmentContext, { app }: Push) {
    super(scope, id);
    this.applicationId = app === 'create' ? this.#create(context) : app;
  }

  /** Service Authorization Reference, "Amazon Pinpoint": SendMessages is granted on the application's messages. */
  grantSend(send: Handler): void {
    const arn = cdk.Stack.of(this).formatArn({
      service: 'mobiletargeting',
      resource: 'apps',
      resourceName: `${this.applicationId}/messages`,
    });
    send.allow('SendMessages', ['mobiletargeting:SendMessages'], [arn]);
  }

  /** Its keys are given by hand and cannot be read back, so it stays when the stack goes. */
  #create(context: EnvironmentContext): string {
    const app = new pinpoint.CfnApp(this, 'App', { name: context.physicalName('push') });
    app.applyRemovalPolicy(context.removalPolicy);
    new cdk.CfnOutput(this, 'ApplicationId', {
      description: 'Application of End User Messaging Push that the keys of Apple and Google are given to',
      value: app.ref,
    });
    return app.ref;
  }
}
