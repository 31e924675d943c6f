import { describe, expect, it } from 'vitest';
import type { ImportKind } from '../../../shared/app/imports/mapping.ts';
import { tellRow } from '../../../shared/app/imports/tell-row.ts';
import { addressHash, asHashed } from '../../../shared/domain/messaging/address.ts';
import { profileKey, sha256Hex } from '../../../shared/kernel/ids.ts';

const at = Date.UTC(2026, 10, 26);
const context = { job: 'import-1', at, quiet: true, topics: new Set(['news']) };
// biome-ignore lint/suspicious/noExplicitAny: what a test reads is what it asserts
const tell = (kind: ImportKind, object: object, line = 1, more: object = {}): any =>
  tellRow[kind](object as never, line, { ...context, ...more });
const order = { event: 'Order Completed', userId: 'ann', timestamp: '2025-03-01T10:00:00+01:00' };

describe('rows of events', () => {
  it('tell the mailbox what a client would have told, with its own time', () => {
    expect(tell('events', { ...order, properties: { total: 5 } })).toMatchObject({
      to: profileKey('user', 'ann'),
      records: [
        {
          t: 'event',
          quiet: true,
          event: { kind: 'track', sent: order.timestamp, at: Date.UTC(2025, 2, 1, 9), data: { total: 5 } },
        },
      ],
    });
    expect(tell('events', order, 1, { quiet: false }).records[0]).not.toHaveProperty('quiet');
  });

  it('the same content is the same event, in whatever job and on whatever line, also where sentAt differs', () => {
    const id = (object: object, job: string, line: number) => tell('events', object, line, { job }).records[0].event.id;
    expect(id({ ...order, sentAt: '2025-03-02T00:00:00Z' }, 'one', 5)).toBe(id(order, 'two', 9));
    expect(id({ ...order, properties: { n: 1 } }, 'one', 5)).not.toBe(id(order, 'one', 5));
    expect(id({ ...order, messageId: 'm' }, 'one', 5)).toBe('m');
  });

  it.each([
    [{ ...order, timestamp: undefined }, 'event.time'],
    [{ ...order, timestamp: '03/01/2025' }, 'event.time'],
    [{ ...order, userId: 'null' }, 'id.placeholder'],
    [{ ...order, event: '' }, 'event.name-missing'],
    [{ ...order, type: 'tracks' }, 'event.kind'],
    [{ ...order, properties: { text: 'x'.repeat(40_000) } }, 'event.too-large'],
  ])('G13: %j is refused: %s', (object, code) => {
    const faults = tell('events', JSON.parse(JSON.stringify(object)));
    expect(faults).toMatchObject([{ code }]);
    expect(JSON.stringify(faults)).not.toMatch(/03\/01|xxx|ann/);
  });
});

describe('rows of profiles', () => {
  it('set traits and consents as of their time, never a later one than now', () => {
    const row = { userId: 'ann', at: '2026-01-01', traits: { plan: 'pro' }, consents: { 'email/news': 'granted' } };
    const day = Date.UTC(2026, 0, 1);
    expect(tell('profiles', row)).toMatchObject({
      to: profileKey('user', 'ann'),
      records: [
        { t: 'patch', identity: { user: 'ann' }, at: day, traits: { plan: 'pro' }, quiet: true },
        { t: 'consent', consents: [{ channel: 'email', topic: 'news', state: 'granted', source: 'import', at: day }] },
      ],
    });
    expect(tell('profiles', { ...row, at: '2027-01-01' }).records[0].at).toBe(at);
  });

  it('a job tells a line under one id, however often; another job tells it anew', () => {
    const id = (job: string, line: number) => tell('profiles', { userId: 'ann' }, line, { job }).records[0].id;
    expect(id('one', 1)).toBe(id('one', 1));
    expect(new Set([id('one', 1), id('one', 2), id('two', 1)]).size).toBe(3);
  });

  it('who has an id and nothing else is known afterwards', () => {
    expect(tell('profiles', { anonymousId: 'd' })).toMatchObject({
      to: profileKey('anonymous', 'd'),
      records: [{ t: 'patch', identity: { anonymous: 'd' }, traits: {} }],
    });
  });

  it('are known by whatever the API knows them by', () => {
    const { to, records } = tell('profiles', { idType: 'email', id: 'Ann@Example.com', traits: { a: 1 } });
    expect(to).toBe(profileKey('email', 'ann@example.com'));
    expect(records).toMatchObject([{ identity: { kind: 'email', id: 'ann@example.com' } }]);
  });

  it.each([
    [{ traits: {} }, ['id.missing']],
    [{ idType: 'fax', id: '1' }, ['id.type']],
    [{ idType: 'email', id: 'ann' }, ['id.malformed']],
    [{ idType: 'email' }, ['id.missing']],
    [{ userId: 'a', plan: 'pro' }, ['row.field']],
    [{ userId: 'a', traits: [] }, ['traits.type']],
    [{ userId: 'a', at: 'yesterday' }, ['row.time']],
    [{ userId: 'a', consents: { 'email/unknown': 'granted' } }, ['consent.topic']],
    [{ userId: 'a', consents: { 'fax/news': 'yes' } }, ['consent.channel', 'consent.state']],
    [{ userId: 'a', consents: [{ channel: 'email', topic: 'news', state: 'granted', by: 1 }] }, ['row.field']],
    [{ userId: 'a', traits: { text: '\u0000' } }, ['event.characters']],
    [{ userId: 'a', traits: { text: 'x'.repeat(33_000) } }, ['row.too-large']],
  ])('G13: %j is refused: %j', (object, codes) => {
    expect(tell('profiles', object).map(({ code }: { code: string }) => code)).toEqual(codes);
  });
});

describe('rows of lists', () => {
  const lists = { lists: new Set(['vips']), epoch: 7 };

  it('let somebody join a list, or leave it', () => {
    const told = tell('lists', { list: 'vips', userId: 'ann', change: 'leave' }, 3, lists);
    expect(told).toEqual({
      to: profileKey('user', 'ann'),
      records: [
        {
          ...{ t: 'list', id: expect.any(String), identity: { user: 'ann' }, at },
          ...{ epoch: 7, segment: 'vips', change: 'leave', quiet: true },
        },
      ],
    });
    expect(tell('lists', { list: 'vips', userId: 'ann' }, 3, lists).records[0].change).toBe('join');
    const since = { list: 'vips', userId: 'ann', at: '2020-01-01T00:00:00Z' };
    expect(tell('lists', since, 3, lists).records[0].at).toBe(Date.UTC(2020, 0, 1));
  });

  it.each([
    [{ list: 'others', userId: 'ann' }, 'list.unknown'],
    [{ userId: 'ann' }, 'list.unknown'],
    [{ list: 'vips', userId: 'ann', change: 'add' }, 'list.change'],
    [{ list: 'vips' }, 'id.missing'],
    [{ list: 'vips', userId: 'ann', at: 'once' }, 'row.time'],
  ])('G13: %j is refused: %s', (object, code) => {
    expect(tell('lists', object, 1, lists)).toMatchObject([{ code }]);
  });
});

describe('rows of suppressions', () => {
  it.each([
    [{ address: 'Ann@Example.com' }, { channel: 'email', topic: null, reason: 'manual', at }],
    [
      { channel: 'sms', address: '+49 151 234567', reason: 'unsubscribe', topic: 'news', at: '2025-01-01' },
      { topic: 'news', at: Date.UTC(2025, 0, 1) },
    ],
    [
      { addressHash: addressHash('email', 'ann@example.com') },
      { addressHash: addressHash('email', 'ann@example.com') },
    ],
  ])('%j', (object, suppression) => {
    expect(tell('suppressions', object)).toMatchObject({ suppression });
  });

  it('the SHA-256 of an address is as the sender looks for it, in any spelling of its digits', () => {
    const hex = sha256Hex('ann@example.com');
    for (const sha256 of [hex, hex.toUpperCase()]) {
      const { suppression } = tell('suppressions', { sha256, reason: 'unsubscribe' });
      expect(suppression).toMatchObject({ addressHash: asHashed('email', ' Ann@Example.com'), reason: 'unsubscribe' });
    }
  });

  it('an address is hashed as the sender hashes it', () => {
    const { suppression } = tell('suppressions', { address: ' Ann@Example.com ' });
    expect(suppression.addressHash).toBe(addressHash('email', 'ann@example.com'));
    expect(JSON.stringify(suppression)).not.toMatch(/ann@/i);
  });

  it.each([
    [{ address: 'nobody' }, 'suppression.address'],
    [{ channel: 'fax', address: 'a' }, 'suppression.channel'],
    [{ addressHash: 'abc' }, 'suppression.addressHash'],
    [{ sha256: 'abc' }, 'suppression.sha256'],
    [{ address: 'a@example.com', topic: 'unknown' }, 'suppression.topic'],
    [{ address: 'a@example.com', reason: 'because' }, 'suppression.reason'],
  ])('G13: %j is refused: %s', (object, code) => {
    expect(tell('suppressions', object)).toMatchObject([{ code }]);
  });
});
