import * as z from 'zod';
import type { Route } from './route.ts';

/**
 * Each route a second time, with a parameter in the query instead of the path: `/v1/profiles/by/timeline?id=`. API
 * Gateway decodes the path before it is routed, so an id that holds a slash can stand nowhere else. It comes first: of two
 * paths with parameters the router takes the first one that fits.
 */
export function alsoByQuery(routes: readonly Route[], parameter: string): Route[] {
  return routes.flatMap((one) => (one.params?.shape[parameter] === undefined ? [one] : [byQuery(one, parameter), one]));
}

function byQuery(one: Route, parameter: string): Route {
  const { [parameter]: schema, ...others } = one.params!.shape;
  const { params: _, ...rest } = one;
  return {
    ...rest,
    path: one.path.replace(`{${parameter}}`, 'by'),
    byQuery: { path: one.path, parameter },
    summary: `${one.summary} (for an id with a slash: it stands in the query)`,
    ...(Object.keys(others).length > 0 && { params: z.strictObject(others) }),
    query: (one.query ?? z.strictObject({})).extend({ [parameter]: schema! }),
    handle(call, ports) {
      const { [parameter]: value, ...query } = call.query as Record<string, unknown>;
      return one.handle({ ...call, query, params: { ...(call.params as object), [parameter]: value } }, ports);
    },
  };
}
