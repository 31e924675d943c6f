import type { Json, JsonObject } from '../assembly/read-assembly.ts';
import type { ResolvedAssembly } from '../assembly/resolve-assembly.ts';
import { functionNameOf, type ResourcePolicies } from '../iam/resource-policies.ts';

export interface Route {
  key: string;
  method: string;
  /** Undefined for $default. */
  segments: string[] | undefined;
  apiId: string;
  functionName: string;
  timeoutMs: number;
  authorizer: Authorizer | undefined;
  /** AuthorizationType AWS_IAM. */
  signed: boolean;
  cors: Cors | undefined;
}

export interface Authorizer {
  functionName: string;
  identitySources: string[];
  ttlSeconds: number;
  id: string;
}

export interface Cors {
  origins: string[];
  methods: string[];
  headers: string[];
  exposed: string[];
  maxAge: number | undefined;
  credentials: boolean;
}

export interface Match {
  route: Route;
  parameters: Record<string, string>;
}

const INTEGRATION_LIMIT_MS = 30_000;

/** The routes of every HTTP API of the assembly, served by one listener. */
export function readRoutes(assembly: ResolvedAssembly, policies: ResourcePolicies): Route[] {
  const apis = new Map(assembly.ofType('AWS::ApiGatewayV2::Api').map((api) => [api.name, api]));
  const integrations = new Map(assembly.ofType('AWS::ApiGatewayV2::Integration').map((one) => [one.name, one]));
  const authorizers = new Map(assembly.ofType('AWS::ApiGatewayV2::Authorizer').map((one) => [one.name, one]));
  const seen = new Map<string, string>();
  return assembly.ofType('AWS::ApiGatewayV2::Route').map((resource) => {
    const { RouteKey, ApiId, Target, AuthorizationType, AuthorizerId } = resource.properties;
    const key = String(RouteKey);
    const apiId = String(ApiId);
    const api = apis.get(apiId);
    const integration = integrations.get(String(Target).replace('integrations/', ''));
    if (!api || !integration) throw new Error(`${resource.logicalId}: its API or integration is not in the assembly`);
    if (api.properties['ProtocolType'] !== 'HTTP')
      throw new Error(`${api.logicalId}: only HTTP APIs are known to the local cloud`);
    const other = seen.get(key);
    if (other !== undefined)
      throw new Error(`${key} is a route of two APIs (${other}, ${apiId}), which share one address here`);
    seen.set(key, apiId);
    const { IntegrationType, IntegrationUri, PayloadFormatVersion, TimeoutInMillis } = integration.properties;
    if (IntegrationType !== 'AWS_PROXY' || PayloadFormatVersion !== '2.0') {
      throw new Error(
        `${integration.logicalId}: only Lambda integrations with payload format 2.0 are known to the local cloud`,
      );
    }
    const functionName = functionNameOf(functionArnOf(String(IntegrationUri)));
    const [method = '', path] = key === '$default' ? ['ANY'] : key.split(' ');
    const source = `arn:aws:execute-api:${resource.region}:${resource.account}:${apiId}/*/*${path ?? '/$default'}`;
    if (!policies.mayInvoke('apigateway.amazonaws.com', functionName, source)) {
      throw new Error(`${key}: no AWS::Lambda::Permission lets this API invoke ${functionName}`);
    }
    const kind = AuthorizationType ?? 'NONE';
    const authorizer = authorizers.get(String(AuthorizerId));
    if (kind !== 'NONE' && kind !== 'AWS_IAM' && (kind !== 'CUSTOM' || !authorizer))
      throw new Error(`${key}: authorization ${String(kind)} is not known to the local cloud`);
    return {
      key,
      method,
      segments: path?.split('/').slice(1),
      apiId,
      functionName,
      timeoutMs: Math.min(Number(TimeoutInMillis ?? INTEGRATION_LIMIT_MS), INTEGRATION_LIMIT_MS),
      authorizer:
        authorizer && kind === 'CUSTOM' ? readAuthorizer(authorizer.properties, authorizer.logicalId) : undefined,
      signed: kind === 'AWS_IAM',
      cors: readCors(api.properties['CorsConfiguration']),
    };
  });
}

/**
 * A route that matches literally, then one with path variables, then a greedy one, then $default
 * (HTTP API developer guide, "Routing API requests"); a method of its own goes before ANY.
 */
export function matchRoute(routes: Route[], method: string, path: string): Match | undefined {
  const parts = path.split('/').slice(1);
  let best: (Match & { rank: string }) | undefined;
  for (const route of routes) {
    if (route.method !== 'ANY' && route.method !== method) continue;
    const found = route.segments === undefined ? { rank: '0', parameters: {} } : matchSegments(route.segments, parts);
    if (!found) continue;
    const rank = `${found.rank}${route.method === 'ANY' ? '0' : '1'}`;
    if (!best || rank > best.rank) best = { route, parameters: found.parameters, rank };
  }
  return best;
}

/** Rank, segment by segment: 3 literal, 2 variable, 1 greedy; whatever matches without greed goes first. */
function matchSegments(
  segments: string[],
  parts: string[],
): { rank: string; parameters: Record<string, string> } | undefined {
  const parameters: Record<string, string> = {};
  let rank = '';
  for (const [index, segment] of segments.entries()) {
    const greedy = /^\{(.+)\+\}$/.exec(segment);
    if (greedy) {
      if (index >= parts.length || parts.slice(index).join('/') === '') return undefined;
      parameters[greedy[1]!] = decode(parts.slice(index).join('/'));
      return { rank: `1${rank}1`, parameters };
    }
    const part = parts[index];
    if (part === undefined) return undefined;
    const variable = /^\{(.+)\}$/.exec(segment);
    if (variable && part !== '') {
      parameters[variable[1]!] = decode(part);
      rank += '2';
    } else if (segment === part) rank += '3';
    else return undefined;
  }
  return segments.length === parts.length ? { rank: `2${rank}`, parameters } : undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function readAuthorizer(properties: JsonObject, where: string): Authorizer {
  const {
    AuthorizerType,
    AuthorizerUri,
    AuthorizerPayloadFormatVersion,
    EnableSimpleResponses,
    IdentitySource,
    AuthorizerResultTtlInSeconds,
    Name,
  } = properties;
  if (AuthorizerType !== 'REQUEST' || AuthorizerPayloadFormatVersion !== '2.0' || EnableSimpleResponses !== true) {
    throw new Error(
      `${where}: only REQUEST authorizers with payload format 2.0 and simple responses are known to the local cloud`,
    );
  }
  return {
    id: String(Name),
    functionName: functionNameOf(functionArnOf(String(AuthorizerUri))),
    identitySources: ((IdentitySource ?? []) as Json[]).map(String),
    ttlSeconds: Number(AuthorizerResultTtlInSeconds ?? 0),
  };
}

function functionArnOf(uri: string): string {
  return /functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
}

function readCors(source: Json | undefined): Cors | undefined {
  if (source === undefined) return undefined;
  const cors = source as Record<string, string[] | undefined> & { MaxAge?: number; AllowCredentials?: boolean };
  return {
    origins: cors['AllowOrigins'] ?? [],
    methods: cors['AllowMethods'] ?? [],
    headers: cors['AllowHeaders'] ?? [],
    exposed: cors['ExposeHeaders'] ?? [],
    maxAge: cors.MaxAge,
    credentials: cors.AllowCredentials === true,
  };
}
