import { describe, expect, it } from 'vitest';
import { fullConfig, synthesize } from './synthesize.ts';

const environment = synthesize(fullConfig);
const plain = synthesize();
const routes = (api: string) =>
  plain
    .ofType('AWS::ApiGatewayV2::Route')
    .filter(({ stack }) => stack === `godwit-test-${api}`)
    .map(({ properties }) => properties['RouteKey'] as string);

describe('ingest', () => {
  const served = routes('ingest');

  it.each([
    ...['batch', 'identify', 'track', 'page', 'screen', 'group', 'alias', 'b', 'i', 't', 'p', 's', 'g', 'a', 'm'],
  ])('serves POST and preflights of /v1/%s', (path) => {
    expect(served).toContain(`POST /v1/${path}`);
    expect(served).toContain(`OPTIONS /v1/${path}`);
  });

  it('serves the settings that browsers load, and nothing else', () => {
    expect(served).toContain('GET /v1/projects/{writeKey}/settings');
    expect(served).toHaveLength(2 * 15 + 2);
  });
});

describe('api', () => {
  it('serves the management API, its documentation, the links of messages and the inbox of apps', () => {
    expect(routes('api').sort()).toEqual([
      'ANY /confirm/{token}',
      'ANY /inbox',
      'ANY /inbox/{proxy+}',
      'ANY /preferences/{token}',
      'ANY /u/{token}',
      'ANY /v1/{proxy+}',
      'GET /docs',
      'POST /v1/sessions',
    ]);
  });

  it('lets nobody reach the function that opens sessions but by a signature of AWS', () => {
    const all = plain.ofType('AWS::ApiGatewayV2::Route').map(({ properties }) => properties);
    const signed = all.filter(({ AuthorizationType }) => AuthorizationType === 'AWS_IAM');
    expect(signed.map(({ RouteKey }) => RouteKey)).toEqual(['POST /v1/sessions']);
    const target = signed[0]!['Target'];
    expect(all.filter(({ Target }) => JSON.stringify(Target) === JSON.stringify(target))).toHaveLength(1);
    expect(all.filter(({ AuthorizationType }) => AuthorizationType !== 'NONE')).toEqual(signed);
  });
});

describe('both', () => {
  it('leave CORS and keys to the function, as there is one place for each', () => {
    for (const { properties } of plain.ofType('AWS::ApiGatewayV2::Api')) {
      expect(properties).not.toHaveProperty('CorsConfiguration');
    }
    for (const { properties } of plain.ofType('AWS::ApiGatewayV2::Route')) {
      const isForPeople = properties['RouteKey'] === 'POST /v1/sessions';
      expect(properties['AuthorizationType']).toBe(isForPeople ? 'AWS_IAM' : 'NONE');
    }
  });

  it('are throttled as configured', () => {
    const config = { throttle: { ingest: { rate: 7, burst: 8 }, api: { rate: 9, burst: 10 } } };
    const settings = synthesize(config)
      .ofType('AWS::ApiGatewayV2::Stage')
      .map(({ properties }) => properties['DefaultRouteSettings']);
    expect(settings).toEqual(
      expect.arrayContaining([
        { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 8 },
        { ThrottlingRateLimit: 9, ThrottlingBurstLimit: 10 },
      ]),
    );
  });

  it('log no path, query or address: they hold tokens and ids of customers (G12)', () => {
    const stages = plain.ofType('AWS::ApiGatewayV2::Stage');
    expect(stages).toHaveLength(2);
    for (const { properties } of stages) {
      const variables = properties['AccessLogSettings'].Format.match(/\$context\.[a-zA-Z.]+/g);
      expect(variables).toEqual([
        '$context.requestId',
        '$context.routeKey',
        '$context.status',
        '$context.responseLength',
        '$context.responseLatency',
        '$context.integrationErrorMessage',
      ]);
    }
  });

  it('need one permission for each function, however many routes they have', () => {
    const permissions = plain
      .ofType('AWS::Lambda::Permission')
      .filter(({ properties }) => properties['Principal'] === 'apigateway.amazonaws.com');
    expect(permissions).toHaveLength(3);
  });
});

describe('custom domains', () => {
  it('are none by default', () => {
    expect(plain.ofType('AWS::ApiGatewayV2::DomainName')).toEqual([]);
  });

  it('serve the API they belong to', () => {
    const domains = environment
      .ofType('AWS::ApiGatewayV2::DomainName')
      .map(({ stack, properties }) => [stack, properties['DomainName']]);
    expect(domains.sort()).toEqual([
      ['godwit-test-api', 'godwit.example.com'],
      ['godwit-test-api', 'links.example.com'],
      ['godwit-test-ingest', 'events.example.com'],
    ]);
    expect(environment.ofType('AWS::ApiGatewayV2::ApiMapping')).toHaveLength(3);
  });

  it('get a certificate and a record in their hosted zone, or show the record to write', () => {
    const certified = environment
      .ofType('AWS::CertificateManager::Certificate')
      .map(({ properties }) => properties['DomainName']);
    expect(certified.sort()).toEqual(['events.example.com', 'links.example.com']);
    const aliases = environment
      .ofType('AWS::Route53::RecordSet')
      .filter(({ properties }) => properties['Type'] === 'A')
      .map(({ properties }) => properties['Name']);
    expect(aliases.sort()).toEqual(['events.example.com.', 'links.example.com.']);
    const outputs = Object.values(environment.templates['godwit-test-api']!['Outputs']) as { Description: string }[];
    expect(outputs.map(({ Description }) => Description).join('\n')).toContain('godwit.example.com →');
  });
});
