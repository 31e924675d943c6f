import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InboxMessage, InboxStore } from '../../shared/app/inbox/inbox.ts';
import { inboxStore } from '../../shared/data/inbox-store.ts';
import { directMessageId } from '../../shared/domain/messaging/message-id.ts';
import { TEST_RUN_DAYS } from '../../shared/domain/profiles/limits.ts';
import { profileKey, testKey } from '../../shared/kernel/ids.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { createTable, type DynamoEmulator, startDynoxide } from '../emulators/dynamo.ts';

const at = Date.UTC(2026, 10, 26, 9);

describe('the inbox of a customer', () => {
  let emulator: DynamoEmulator;
  let inbox: InboxStore;
  beforeAll(async () => {
    emulator = await startDynoxide();
    inbox = inboxStore(emulator.client, await createTable(emulator.client, 'inbox'));
  });
  afterAll(() => emulator.stop());

  const message = (user: string, id: string, more: Partial<InboxMessage> = {}): InboxMessage => {
    const key = profileKey('user', user);
    const content = { title: 'Hi', body: '<p>Hi</p>', link: '/cart' };
    return {
      ...{ key, id: directMessageId(key, id), topic: 'offers', journey: 'j', step: 's', content },
      ...{ at, expiresAt: at + DAY_MS },
      ...more,
    };
  };
  const raw = async (key: string) => {
    const query = {
      TableName: 'inbox',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: key } },
    };
    return (await emulator.client.send(new QueryCommand(query))).Items ?? [];
  };

  it('G3 takes a message once, whatever is tried and however often; the first stays', async () => {
    const one = message('once', 'a');
    expect(await inbox.put(one)).toBe(true);
    expect(await inbox.put({ ...one, at: at + 1, content: { body: 'other' } })).toBe(false);
    expect(await inbox.list(one.key)).toEqual([one]);
    expect(await inbox.read(one.key, one.id)).toEqual(one);
  });

  it('keeps the first time of what was told of it', async () => {
    const one = message('told', 'a');
    await inbox.put(one);
    await inbox.note(one, 'readAt', 5);
    await inbox.note(one, 'readAt', 4);
    await inbox.note(one, 'clickedAt', 6);
    expect(await inbox.read(one.key, one.id)).toEqual({ ...one, readAt: 5, clickedAt: 6 });
  });

  it('what is told of a message that is not there makes none', async () => {
    const { key, id } = message('nobody', 'a');
    await inbox.note({ key, id }, 'readAt', 5);
    expect(await inbox.dismiss({ key, id }, 5)).toBe(false);
    expect(await raw(key)).toEqual([]);
  });

  it('what was dismissed has no content any more, and does not come back', async () => {
    const one = message('dismissed', 'a');
    await inbox.put(one);
    expect(await inbox.dismiss(one, 5)).toBe(true);
    expect(await inbox.dismiss(one, 6)).toBe(true);
    expect(await inbox.put(one)).toBe(false);
    expect(await inbox.list(one.key)).toEqual([]);
    expect(await inbox.read(one.key, one.id)).toBeUndefined();
    expect(JSON.stringify(await raw(one.key))).not.toContain('Hi');
  });

  it('what is removed is gone', async () => {
    const all = ['1', '2', '3'].map((id) => message('many', id));
    for (const one of all) await inbox.put(one);
    await inbox.remove(all.slice(1));
    expect(await inbox.list(all[0]!.key)).toEqual([all[0]]);
  });

  it('reads more than one page of DynamoDB’s', async () => {
    const body = 'x'.repeat(23_000);
    const all = Array.from({ length: 60 }, (_, n) => message('large', String(n), { content: { body } }));
    for (const one of all) await inbox.put(one);
    expect(await inbox.list(all[0]!.key)).toHaveLength(60);
  });

  it('expires by itself; what a test run made, with the test run', async () => {
    const one = message('gone', 'a');
    await inbox.put(one);
    const test = { ...message('gone', 'a', { expiresAt: at + 90 * DAY_MS }), key: testKey('j', 'r') };
    await inbox.put(test);
    const [real] = await raw(one.key);
    const [tried] = await raw(test.key);
    expect(Number(real!['ttl']!.N) * 1_000).toBe(at + DAY_MS);
    expect(Number(tried!['ttl']!.N) * 1_000).toBeLessThanOrEqual(at + (TEST_RUN_DAYS + 1) * DAY_MS);
  });
});
