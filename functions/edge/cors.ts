import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/**
 * CORS (WHATWG Fetch, "CORS protocol") for what web pages of the configured origins call. No cookies are read, so no
 * credentials are allowed; who asks is in the header Authorization, which a page can send only if the preflight says so.
 */
export function corsHeaders(event: APIGatewayProxyEventV2, origins: readonly string[]): Record<string, string> {
  // The answer differs by it, also where there is none: a cache may not give one page's to another.
  const vary = { vary: 'origin' };
  const origin = event.headers['origin'];
  const allowed = origins.includes('*') ? '*' : origins.find((one) => one === origin);
  if (origin === undefined || allowed === undefined) return vary;
  return {
    ...vary,
    'access-control-allow-origin': allowed,
    'access-control-expose-headers': 'retry-after, x-request-id',
  };
}

/** Two hours: some browsers keep the answer no longer (MDN, Access-Control-Max-Age). */
const preflightSeconds = 7_200;

export function preflight(
  event: APIGatewayProxyEventV2,
  methods: readonly string[],
  origins: readonly string[],
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: 204,
    headers: {
      ...corsHeaders(event, origins),
      'access-control-allow-methods': methods.join(', '),
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-max-age': String(preflightSeconds),
    },
  };
}
