import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { httpEdge } from '../../functions/edge/http.ts';
import type { Ports } from '../../shared/http/ports.ts';
import { route } from '../../shared/http/route.ts';
import { Conflict, Forbidden, InvalidInput, NotFound, Permanent, Transient } from '../../shared/kernel/errors.ts';

// The logger writes to the global console, where a test can listen, only in this mode.
vi.hoisted(() => {
  process.env['POWERTOOLS_DEV'] = 'true';
});

const event = (path: string) =>
  ({
    version: '2.0',
    routeKey: 'ANY /{proxy+}',
    headers: {},
    requestContext: { requestId: 'request-1', domainName: 'x', http: { method: 'GET', path } },
    isBase64Encoded: false,
  }) as unknown as APIGatewayProxyEventV2;

async function answerOf(error: unknown) {
  const failing = route({
    method: 'GET',
    path: '/fail',
    scope: 'public',
    tag: 'Test',
    summary: 'fails',
    answers: {},
    handle: () => Promise.reject(error),
  });
  const handler = httpEdge([failing], () => ({ now: () => 0 }) as Ports);
  const result = (await handler(event('/fail'), {} as Context)) as APIGatewayProxyStructuredResultV2;
  return { ...result, problem: JSON.parse(result.body!) as Record<string, unknown> };
}

describe('errors at the edge', () => {
  afterEach(() => vi.restoreAllMocks());

  it.each([
    [new InvalidInput('a.b', 'x'), 400],
    [new InvalidInput('a.b', 'x', [], 'invalid'), 422],
    [new InvalidInput('a.b', 'x', [], 'too-large'), 413],
    [new NotFound('a.b', 'x'), 404],
    [new Conflict('a.b', 'x'), 409],
    [new Conflict('a.b', 'x', 'precondition-failed'), 412],
    [new Conflict('a.b', 'x', 'precondition-required'), 428],
    [new Forbidden('a.b', 'x', 'unauthenticated'), 401],
    [new Forbidden('a.b', 'x', 'forbidden'), 403],
    [new Transient('a.b', 'x', 7), 503],
    [new Permanent('a.b', 'x'), 502],
  ])('%s (%#) is a problem document with status %i', async (error, status) => {
    vi.spyOn(console, 'warn').mockReturnValue();
    const { statusCode, headers, problem } = await answerOf(error);
    expect(statusCode).toBe(status);
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json', 'x-request-id': 'request-1' });
    expect(problem).toEqual({
      type: 'urn:godwit:problem:a.b',
      title: expect.any(String),
      status,
      code: 'a.b',
      detail: 'x',
      requestId: 'request-1',
      errors: [],
    });
    expect(headers!['retry-after']).toBe(status === 503 ? '7' : undefined);
  });

  it('a bug is 500: neither the answer nor the log says what a customer sent, both name the request (G13)', async () => {
    const lines: string[] = [];
    vi.spyOn(console, 'error').mockImplementation((...line: unknown[]) => void lines.push(line.join(' ')));
    const { statusCode, body, problem } = await answerOf(new TypeError('cannot read ann@example.com'));
    expect(statusCode).toBe(500);
    expect(problem).toMatchObject({ code: 'internal', requestId: 'request-1' });
    expect(lines.join()).toContain('request-1');
    expect(lines.join()).toContain('problem.test.ts');
    expect(`${body}${lines.join()}`).not.toContain('ann@');
  });

  it.each(['a text', undefined, null, { statusCode: 418 }])('whatever is thrown (%s) is answered', async (thrown) => {
    vi.spyOn(console, 'error').mockReturnValue();
    expect((await answerOf(thrown)).statusCode).toBe(500);
  });
});
