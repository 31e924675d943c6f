import { afterEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from '../../cli/remote/api-client.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Answers one after the other, and the pauses in between, in milliseconds. */
function answering(...answers: [status: number, retryAfter?: string | undefined][]) {
  const pauses: number[] = [];
  vi.stubGlobal('fetch', async () => {
    const [status, retryAfter] = answers.shift()!;
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
    return new Response(JSON.stringify({ code: 'x', detail: 'no' }), { status, headers });
  });
  vi.stubGlobal('setTimeout', (then: () => void, ms: number) => {
    pauses.push(ms);
    then();
  });
  return { api: new ApiClient('https://api.example', 'key'), pauses };
}

describe('asking again', () => {
  it('waits twice as long each time, and as long as Retry-After says', async () => {
    const { api, pauses } = answering([503], [503, '7'], [429, '1'], [200]);
    await api.get('/v1/health');
    expect(pauses).toEqual([500, 7_000, 2_000]);
  });

  it.each<[why: string, status: number, retryAfter: string | undefined]>([
    ['a refusal', 422, undefined],
    ['what is not to be tried again for an hour', 503, '3600'],
  ])('not after %s', async (_why, status, retryAfter) => {
    const { api, pauses } = answering([status, retryAfter]);
    await expect(api.get('/v1/health')).rejects.toMatchObject({ status });
    expect(pauses).toEqual([]);
  });
});
