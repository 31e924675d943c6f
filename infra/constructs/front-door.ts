import * as cdk from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import type { EnvironmentConfig } from '../config.ts';
import type { EnvironmentContext } from '../context.ts';
import type { Handler } from './handler.ts';

type CustomDomain = NonNullable<EnvironmentConfig['domains']['api']>;

export interface FrontDoorProps {
  readonly name: string;
  readonly throttle: { readonly rate: number; readonly burst: number };
  /** The same API under names of our own, besides the one that API Gateway gives. */
  readonly domains: readonly CustomDomain[];
}

/**
 * An HTTP API before one function. CORS and authorization are the function's: API Gateway would answer preflights itself
 * and ignore the function's headers (API Gateway, "Configuring CORS for HTTP APIs"), and keys are checked in one place.
 */
export class FrontDoor extends Construct {
  readonly api: apigateway.HttpApi;
  readonly #integrations = new Map<Handler, HttpLambdaIntegration>();

  constructor(scope: Construct, id: string, context: EnvironmentContext, props: FrontDoorProps) {
    super(scope, id);
    this.api = new apigateway.HttpApi(this, 'Api', {
      apiName: context.physicalName(props.name),
      createDefaultStage: false,
    });
    // Names under /aws/vendedlogs/ keep the account's log resource policy from growing with every API (API Gateway,
    // "Logging for HTTP APIs").
    const logGroup = new logs.LogGroup(this, 'Logs', {
      logGroupName: `/aws/vendedlogs/${context.id}/${props.name}`,
      retention: context.config.retention.logDays,
      encryptionKey: context.key(this),
      removalPolicy: cdk.RemovalPolicy.DESTROY,
    });
    const stage = new apigateway.HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: props.throttle.rate, burstLimit: props.throttle.burst },
      accessLogSettings: { destination: new apigateway.LogGroupLogDestination(logGroup), format: accessLog },
    });
    for (const domain of props.domains) this.#serveAt(domain, stage);
  }

  /** @param authorizer absent: the function checks who asks. */
  route(
    path: string,
    methods: readonly apigateway.HttpMethod[],
    handler: Handler,
    authorizer?: apigateway.IHttpRouteAuthorizer,
  ): void {
    let integration = this.#integrations.get(handler);
    if (integration === undefined) {
      // One permission for the whole API: one per route would fill the function's policy (20 KB) with 32 routes.
      integration = new HttpLambdaIntegration(
        this.#integrations.size === 0 ? 'Function' : handler.node.id,
        handler.function,
        { scopePermissionToRoute: false },
      );
      this.#integrations.set(handler, integration);
    }
    this.api.addRoutes({ path, methods: [...methods], integration, ...(authorizer !== undefined && { authorizer }) });
  }

  #serveAt(domain: CustomDomain, stage: apigateway.HttpStage): void {
    const scope = new Construct(this, `Domain-${domain.name}`);
    const zone =
      domain.hostedZone &&
      route53.PublicHostedZone.fromPublicHostedZoneAttributes(scope, 'Zone', {
        hostedZoneId: domain.hostedZone.id,
        zoneName: domain.hostedZone.name,
      });
    const certificate =
      domain.certificateArn === undefined
        ? new acm.Certificate(scope, 'Certificate', {
            domainName: domain.name,
            validation: acm.CertificateValidation.fromDns(zone),
          })
        : acm.Certificate.fromCertificateArn(scope, 'Certificate', domain.certificateArn);
    const domainName = new apigateway.DomainName(scope, 'Name', { domainName: domain.name, certificate });
    new apigateway.ApiMapping(scope, 'Mapping', { api: this.api, domainName, stage });
    if (zone === undefined) {
      new cdk.CfnOutput(scope, 'Target', {
        description: `CNAME record to write: ${domain.name} → this name`,
        value: domainName.regionalDomainName,
      });
    } else {
      new route53.ARecord(scope, 'Alias', {
        zone,
        recordName: `${domain.name}.`,
        target: route53.RecordTarget.fromAlias(
          new ApiGatewayv2DomainProperties(domainName.regionalDomainName, domainName.regionalHostedZoneId),
        ),
      });
    }
  }
}

/** The route's pattern, not the path: a path holds profile ids and link tokens. No address of a caller either. */
const accessLog = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    route: '$context.routeKey',
    status: '$context.status',
    responseBytes: '$context.responseLength',
    latencyMs: '$context.responseLatency',
    integrationError: '$context.integrationErrorMessage',
  }),
);
