import * as cdk from 'aws-cdk-lib';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { Construct } from 'constructs';
import { FrontDoor } from '../constructs/front-door.ts';
import { Handler } from '../constructs/handler.ts';
import type { EnvironmentContext } from '../context.ts';

/** The management API, the public links of messages, and the function that issues the first key. */
export class ApiStack extends cdk.Stack {
  constructor(scope: Construct, context: EnvironmentContext) {
    super(scope, 'api', { description: `Godwit ${context.environment}: management API and public links` });
    const { api: apiDomain, links } = context.config.domains;
    const door = new FrontDoor(this, 'Door', context, {
      name: 'api',
      throttle: context.config.throttle.api,
      domains: [apiDomain, links].filter((domain) => domain !== undefined),
    });
    const linksDomain = links ?? apiDomain;
    const linksBaseUrl = linksDomain === undefined ? door.api.apiEndpoint : `https://${linksDomain.name}`;
    const handler = new Handler(this, 'Management', context, { name: 'api', linksBaseUrl });
    door.route('/v1/{proxy+}', [HttpMethod.ANY], handler);
    door.route('/docs', [HttpMethod.GET], handler);
    for (const page of ['u', 'preferences', 'confirm']) door.route(`/${page}/{token}`, [HttpMethod.ANY], handler);
    door.route('/inbox', [HttpMethod.ANY], handler);
    door.route('/inbox/{proxy+}', [HttpMethod.ANY], handler);
    const sessions = new Handler(this, 'Sessions', context, { name: 'open-session' });
    door.route('/v1/sessions', [HttpMethod.POST], sessions, new HttpIamAuthorizer());
    new Handler(this, 'IssueKey', context, { name: 'issue-key' });

    context.publish(this, 'api/api', door.api.apiId);
    context.publish(this, 'links/url', linksBaseUrl);
    new cdk.CfnOutput(this, 'ApiUrl', {
      description: 'Management API; its documentation is at /docs',
      value: apiDomain === undefined ? door.api.apiEndpoint : `https://${apiDomain.name}`,
    });
    new cdk.CfnOutput(this, 'FirstKey', {
      description: 'Prints the first key of this environment, once',
      value: [
        `aws lambda invoke --function-name ${context.functionName('issue-key')}`,
        `--cli-binary-format raw-in-base64-out --payload '{"name":"first","kind":"api","scopes":["*"]}' /dev/stdout`,
      ].join(' '),
    });
  }
}
