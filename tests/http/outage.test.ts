import { expect, it } from 'vitest';
import { startApi } from './api.ts';

it('says 503 and Retry-After while DynamoDB does not answer, and reads no key as unknown', async () => {
  const api = await startApi();
  await api.dynamo.stop();
  for (const path of ['/v1/journeys', '/v1/health']) {
    const answer = await api.request({ path });
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(answer.headers['content-type']).toBe('application/problem+json');
  }
  await api.stop();
});
