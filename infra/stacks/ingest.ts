import * as cdk from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import * as events from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { FrontDoor } from '../constructs/front-door.ts';
import { Handler } from '../constructs/handler.ts';
import type { EnvironmentContext } from '../context.ts';

/** The paths that Segment's SDKs call: long names from servers, one letter and /b from browsers, /m for their metrics. */
const eventPaths = [
  ...['batch', 'identify', 'track', 'page', 'screen', 'group', 'alias'],
  ...['b', 'i', 't', 'p', 's', 'g', 'a', 'm'],
].map((path) => `/v1/${path}`);

/** Where events come in. Routes are explicit, so that anything else is refused before a function starts. */
export class IngestStack extends cdk.Stack {
  constructor(scope: Construct, context: EnvironmentContext) {
    super(scope, 'ingest', { description: `Godwit ${context.environment}: where events come in` });
    const handler = new Handler(this, 'Ingest', context, { name: 'ingest' });
    const domain = context.config.domains.ingest;
    const door = new FrontDoor(this, 'Door', context, {
      name: 'ingest',
      throttle: context.config.throttle.ingest,
      domains: domain === undefined ? [] : [domain],
    });
    for (const path of eventPaths) door.route(path, [HttpMethod.POST, HttpMethod.OPTIONS], handler);
    door.route('/v1/projects/{writeKey}/settings', [HttpMethod.GET, HttpMethod.OPTIONS], handler);
    context.publish(this, 'ingest/api', door.api.apiId);
    const ingestUrl = domain === undefined ? door.api.apiEndpoint : `https://${domain.name}`;
    new cdk.CfnOutput(this, 'IngestUrl', { description: 'Host for the SDKs of your applications', value: ingestUrl });
    const canary = new Handler(this, 'Canary', context, { name: 'canary', ingestUrl });
    if (!context.config.canary) return;
    new events.Rule(this, 'EveryFiveMinutes', {
      description: 'Sends an event as an app would, and looks whether the message of the one before has come round',
      schedule: events.Schedule.rate(cdk.Duration.minutes(5)),
      // One that is late looks for another event than it should: rather none.
      targets: [new LambdaFunction(canary.function, { retryAttempts: 0 })],
    });
  }
}
