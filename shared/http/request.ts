import type { APIGatewayProxyEventV2, APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda';
import { InvalidInput } from '../kernel/errors.ts';

/** A request as the routes see it. API Gateway has decoded the path already (payload format 2.0), so nobody decodes it again. */
export interface HttpRequest {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Bytes as they came; undefined for none. */
  readonly body: Buffer | undefined;
  /** Public address of this API, without a trailing slash. */
  readonly origin: string;
  /** Who signed it, where the route has the IAM authorizer: only the gateway can say so. */
  readonly callerArn?: string;
}

type SignedContext = APIGatewayProxyEventV2WithIAMAuthorizer['requestContext'];

/** Of the body as sent, checked before it is parsed. */
export const MAX_BODY_BYTES = 1024 * 1024;

export function readRequest(event: APIGatewayProxyEventV2): HttpRequest {
  const { requestContext } = event;
  // Lambda, "Working with AWS Lambda proxy integrations for HTTP APIs", payload format 2.0.
  const callerArn = (requestContext as Partial<SignedContext>).authorizer?.iam?.userArn;
  const headers = Object.fromEntries(
    Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const body = event.body ? Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8') : undefined;
  if (body !== undefined && body.length > MAX_BODY_BYTES) throw bodyTooLarge(body.length);
  return {
    id: requestContext.requestId,
    method: requestContext.http.method,
    path: requestContext.http.path,
    params: definedOnly(event.pathParameters),
    query: definedOnly(event.queryStringParameters),
    headers,
    body,
    origin: `https://${requestContext.domainName}`,
    ...(callerArn && { callerArn }),
  };
}

export function bodyTooLarge(bytes: number): InvalidInput {
  const problem = { pointer: '', code: 'request.too-large', detail: 'body too large', limit: MAX_BODY_BYTES };
  const detail = `a body has at most ${MAX_BODY_BYTES} bytes; this one has ${bytes}`;
  return new InvalidInput('request.too-large', detail, [{ ...problem, actual: bytes }], 'too-large');
}

/** The body as JSON; undefined when there is none. */
export function readJson(body: Buffer | undefined): unknown {
  if (body === undefined) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new InvalidInput('request.encoding', 'the body is not UTF-8');
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The parser's message quotes the text around the fault, which may be a customer's data: only where it is.
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    throw new InvalidInput('request.json', `the body is not JSON${position ? `: at character ${position}` : ''}`);
  }
}

/** Undefined is what a gateway writes for a parameter that is not there. */
function definedOnly(values: Record<string, string | undefined> | null | undefined): Record<string, string> {
  const defined = Object.entries(values ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(defined);
}
