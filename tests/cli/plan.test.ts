import { expect, it } from 'vitest';
import { makePlan } from '../../cli/documents/plan.ts';
import type { ApiClient } from '../../cli/remote/api-client.ts';
import { Segment } from '../../shared/domain/audiences/segment.ts';

it('sends a segment after those that it asks for', async () => {
  const empty = { list: async () => [], read: async () => ({ etag: 'default' }) } as unknown as ApiClient;
  const wanted = (id: string, where: string) => {
    const document = Segment.parse({ schemaVersion: 1, id, name: id, where });
    return { kind: 'segment' as const, id, document, etag: id };
  };
  const plan = await makePlan(
    empty,
    [wanted('a', 'in segment c or in segment b'), wanted('b', 'in segment c'), wanted('c', 'profile.x = 1')],
    { publish: false },
  );
  expect(plan.documents.map(({ id, action }) => `${action} ${id}`)).toEqual(['create c', 'create b', 'create a']);
});
