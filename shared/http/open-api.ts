import * as z from 'zod';
import type { Route } from './route.ts';
import { ProblemSchema } from './schemas.ts';

type JsonObject = { [key: string]: unknown };

/** OpenAPI 3.1, whose schemas are JSON Schema 2020-12 and so what zod writes. Schemas with an id stand once, in components. */
export function openApi(routes: readonly Route[], version: string): object {
  const components: JsonObject = {};
  const schemaOf = (schema: z.ZodType, io: 'input' | 'output', place: string) => hoisted(schema, io, place, components);
  const paths: { [path: string]: JsonObject } = {};
  for (const route of routes) {
    const operation = operationOf(route, schemaOf);
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation };
  }
  const problem = schemaOf(ProblemSchema, 'output', 'Problem');
  return {
    openapi: '3.1.0',
    info: {
      title: 'Godwit',
      version,
      description: 'Customer journeys in your own AWS account: the management API. Events are sent to the ingest API.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'a key, gw_api_…, or a session, gw_session_…' },
        signature: {
          ...{ type: 'apiKey', name: 'Authorization', in: 'header' },
          description: 'Signature Version 4 of AWS, service execute-api',
        },
        inbox: { type: 'http', scheme: 'bearer', description: 'a token of POST /v1/profiles/{id}/inbox-tokens' },
      },
      responses: {
        Problem: {
          description: 'What went wrong (RFC 9457)',
          content: { 'application/problem+json': { schema: problem } },
        },
      },
      schemas: components,
    },
  };
}

type SchemaOf = (schema: z.ZodType, io: 'input' | 'output', place: string) => JsonObject;

function operationOf(route: Route, schemaOf: SchemaOf): JsonObject {
  const id = operationId(route);
  const parameters = [
    ...parametersOf(route.params, 'path', id, schemaOf),
    ...parametersOf(route.query, 'query', id, schemaOf),
    ...headersOf(route),
  ];
  const mediaType = route.bodyType === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
  const answers = Object.entries(route.answers).map(([status, { description, schema }]) => [
    status,
    Number(status) >= 400
      ? { description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } }
      : {
          description,
          ...(schema && { content: { 'application/json': { schema: schemaOf(schema, 'output', `${id}Answer`) } } }),
        },
  ]);
  return {
    operationId: id,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, route.scope === 'public' || route.scope === 'iam' ? undefined : scopeOf(route)]
      .filter(Boolean)
      .join('\n\n'),
    ...(route.scope !== 'public' && { security: [{ [route.scope === 'iam' ? 'signature' : 'key']: [] }] }),
    ...(route.forApps && { security: [{ inbox: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && {
      requestBody: { required: true, content: { [mediaType]: { schema: schemaOf(route.body, 'input', `${id}Body`) } } },
    }),
    responses: { ...Object.fromEntries(answers), default: { $ref: '#/components/responses/Problem' } },
  };
}

const scopeOf = ({ scope, ofOwnSession }: Route): string =>
  `Scope: \`${scope}\`${ofOwnSession ? '; whoever signed in needs none for what is theirs' : ''}.`;

/** `getV1JourneysIdVersions` */
export function operationId({ method, path }: Route): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query', id: string, schemaOf: SchemaOf) {
  if (schema === undefined) return [];
  return Object.entries(schema.shape).map(([name, value]) => {
    const type = value as z.ZodType;
    const required = place === 'path' || (!type.safeParse(undefined).success && type._zod.optin === undefined);
    return { name, in: place, required, schema: schemaOf(type, 'input', `${id}${name}`) };
  });
}

function headersOf({ preconditions, idempotency, method, scope }: Route): JsonObject[] {
  const header = (name: string, required: boolean, description: string) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  const parameters: JsonObject[] = [];
  if (preconditions !== undefined) {
    parameters.push(header('If-Match', false, 'the ETag of what you read: replaces it'));
  }
  if (preconditions === 'required') {
    parameters.push(header('If-None-Match', false, '* creates; this or If-Match is required'));
  }
  if (method === 'POST' && scope !== 'public' && idempotency !== 'none') {
    const description = 'repetitions within 24 hours get the first answer';
    parameters.push(header('Idempotency-Key', idempotency === 'required', description));
  }
  return parameters;
}

/** Definitions move to components; one without an id of its own is named after the place that uses it. */
function hoisted(schema: z.ZodType, io: 'input' | 'output', place: string, components: JsonObject): JsonObject {
  const {
    $defs = {},
    $schema: _,
    ...root
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonObject & {
    $defs?: JsonObject;
  };
  const nameOf = (name: string) => (name.startsWith('__') ? `${place}${name.replaceAll('_', '')}` : name);
  const { id, title } = schema.meta() ?? {};
  const own = id ?? title?.replaceAll(/[^A-Za-z0-9]+/g, '');
  const moved = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, child]) => {
        if (key !== '$ref' || typeof child !== 'string') return [key, moved(child)];
        if (child === '#') return [key, `#/components/schemas/${own ?? place}`];
        return [key, `#/components/schemas/${nameOf(child.replace('#/$defs/', ''))}`];
      }),
    );
  };
  for (const [name, definition] of Object.entries($defs)) components[nameOf(name)] = withoutId(moved(definition));
  const body = withoutId(moved(root));
  if (own === undefined && !JSON.stringify(body).includes(`#/components/schemas/${place}"`)) return body;
  // Already hoisted by its id: what is left is a reference to it.
  if (body['$ref'] !== `#/components/schemas/${own ?? place}`) components[own ?? place] = body;
  return { $ref: `#/components/schemas/${own ?? place}` };
}

/** zod repeats the id as a keyword that JSON Schema does not have. */
function withoutId(schema: unknown): JsonObject {
  const { id: _, ...rest } = schema as JsonObject;
  return rest;
}
