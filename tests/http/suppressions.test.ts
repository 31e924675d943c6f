import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { suppressionList } from '../../shared/data/suppression-list.ts';
import { addressHash, hashedAddress, saltedAddress } from '../../shared/domain/messaging/address.ts';
import { type Api, startApi } from './api.ts';

describe('suppressions', () => {
  let api: Api;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.stop());

  it('are listed page by page, with hashes for who may see personal data, and that stands in the audit log', async () => {
    const hex = 'ab'.repeat(32);
    const store = suppressionList(api.dynamo.client, 'suppressions');
    const one = { channel: 'email', topic: null, reason: 'bounce', at: 1 } as const;
    await store.put({ ...one, addressHash: addressHash('email', 'listed@example.com') });
    await store.put({ ...one, addressHash: hashedAddress(hex), topic: 'offers' });
    await store.put({ ...one, addressHash: saltedAddress('x'.repeat(43)), topic: 'news' });
    const all = async (key?: string) => {
      const found: { sha256?: string; addressHash?: string }[] = [];
      let cursor: string | null = null;
      do {
        const query = { limit: '1', ...(cursor !== null && { cursor }) };
        const page = await api.request({ path: '/v1/suppressions', query, ...(key !== undefined && { key }) });
        expect(page.status).toBe(200);
        found.push(...page.json.data);
        cursor = page.json.nextCursor;
      } while (cursor !== null);
      return found;
    };
    const shown = { channel: 'email', reason: 'bounce', at: '1970-01-01T00:00:00.001Z' };
    const found = await all();
    expect(found).toContainEqual({ ...shown, topic: null, addressHash: addressHash('email', 'listed@example.com') });
    expect(found).toContainEqual({ ...shown, topic: 'offers', sha256: hex });
    expect(found).toContainEqual({ ...shown, topic: 'news' });
    const masked = await all(await api.newKey('suppressions:read'));
    expect(masked).toHaveLength(found.length);
    expect(masked).toContainEqual({ ...shown, topic: 'offers' });
    expect(masked.filter((listed) => 'sha256' in listed || 'addressHash' in listed)).toEqual([]);
    const [entry] = (await api.request({ path: '/v1/audit', query: { resource: '/v1/suppressions' } })).json.data;
    expect(entry).toMatchObject({ method: 'GET', outcome: { status: 200 } });
  });

  it.each(['x', Buffer.from('["a"]').toString('base64url'), Buffer.from('{}').toString('base64url')])(
    'are not listed from %s on',
    async (cursor) => {
      const answer = await api.request({ path: '/v1/suppressions', query: { cursor } });
      expect(answer).toMatchObject({ status: 400, json: { code: 'list.cursor' } });
    },
  );
});
