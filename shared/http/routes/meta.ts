import * as z from 'zod';
import { jsonSchemas } from '../../domain/json-schemas.ts';
import { NotFound } from '../../kernel/errors.ts';
import { docsPage } from '../docs-page.ts';
import { openApi } from '../open-api.ts';
import { ok, type Route, route } from '../route.ts';

const tag = 'About';
/** Of the API, not of the software: it changes when a client must. */
export const API_VERSION = '1.0.0';
const cacheable = { 'cache-control': 'public, max-age=300' };

/** They describe the table that they are part of, so they look at it when they are asked. */
export function metaRoutes(routes: () => readonly Route[]): readonly Route[] {
  let document: object | undefined;
  let schemas: Record<string, object> | undefined;
  return [
    route({
      method: 'GET',
      path: '/v1/health',
      scope: 'public',
      tag,
      summary: 'Whether the API answers and reaches its catalog',
      answers: { 200: { description: 'it does', schema: z.object({ status: z.literal('ok'), epoch: z.int() }) } },
      handle: async (_, ports) => ok({ status: 'ok', epoch: await ports.catalog.readEpoch() }),
    }),
    route({
      method: 'GET',
      path: '/v1/version',
      scope: 'public',
      tag,
      summary: 'Which version of the API, in which environment',
      answers: { 200: { description: 'versions', schema: z.object({ api: z.string(), environment: z.string() }) } },
      handle: async (_, ports) => ok({ api: API_VERSION, environment: ports.settings.environment }),
    }),
    route({
      method: 'GET',
      path: '/v1/openapi.json',
      scope: 'public',
      tag,
      summary: 'This API as an OpenAPI 3.1 document',
      answers: { 200: { description: 'OpenAPI 3.1' } },
      async handle() {
        document ??= openApi(routes(), API_VERSION);
        return ok(document, cacheable);
      },
    }),
    route({
      method: 'GET',
      path: '/v1/schemas',
      scope: 'public',
      tag,
      summary: 'Which JSON Schemas there are',
      answers: { 200: { description: 'names and paths' } },
      async handle() {
        schemas ??= jsonSchemas();
        return ok(
          { data: Object.keys(schemas).map((name) => ({ name, path: `/v1/schemas/${name}.json` })) },
          cacheable,
        );
      },
    }),
    route({
      method: 'GET',
      path: '/v1/schemas/{name}.json',
      scope: 'public',
      tag,
      summary: 'JSON Schema of a document, for editors',
      params: z.strictObject({ name: z.string().min(1).max(64) }),
      answers: { 200: { description: 'JSON Schema, draft 2020-12' } },
      async handle({ params }) {
        schemas ??= jsonSchemas();
        if (!Object.hasOwn(schemas, params.name)) {
          throw new NotFound('schema.not-found', `the schemas are ${Object.keys(schemas).join(', ')}`);
        }
        return ok(schemas[params.name], { ...cacheable, 'content-type': 'application/schema+json' });
      },
    }),
    ...['/docs', '/v1/docs'].map((path) =>
      route({
        method: 'GET',
        path,
        scope: 'public',
        tag,
        summary: 'This API as a page',
        answers: { 200: { description: 'HTML' } },
        handle: async () => ({
          status: 200,
          headers: {
            ...cacheable,
            'content-security-policy':
              "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
          },
          html: docsPage(routes(), API_VERSION),
        }),
      }),
    ),
  ];
}
