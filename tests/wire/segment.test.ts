import { describe, expect, it } from 'vitest';
import { toldKey } from '../../shared/app/journal-key.ts';
import { profileKey } from '../../shared/kernel/ids.ts';
import type { Arrival, Refusal } from '../../shared/wire/arrival.ts';
import { maxBatchEvents, readSegmentRequest, readWriteKey } from '../../shared/wire/segment.ts';
import { maxEventBytes } from '../../shared/wire/segment-event.ts';
import { readSegmentRoute, type SegmentRoute } from '../../shared/wire/segment-route.ts';
import { clients, recordedRequests } from '../fixtures/recorded-requests.ts';

const receivedAt = Date.parse('2026-11-22T12:00:00Z');
const batchRoute = { to: 'batch' } as const;
const send = (...batch: unknown[]) => readSegmentRequest(batchRoute, { batch }, receivedAt);
const track = (overrides: object = {}) => ({
  type: 'track',
  event: 'Product Viewed',
  messageId: 'm-1',
  timestamp: '2026-11-22T11:59:00Z',
  userId: 'user-1',
  ...overrides,
});
function only(result: ReturnType<typeof send>): Arrival {
  expect(result.refused).toEqual([]);
  expect(result.accepted).toHaveLength(1);
  return result.accepted[0]!;
}
function refusal(result: ReturnType<typeof send>): Refusal {
  expect(result.accepted).toEqual([]);
  expect(result.refused).toHaveLength(1);
  return result.refused[0]!;
}
const read = ({ method, path, body }: { method: string; path: string; body: unknown }) =>
  readSegmentRequest(
    readSegmentRoute(method, path) as Extract<SegmentRoute, { to: 'batch' | 'event' }>,
    body,
    receivedAt,
  );

describe.each(clients)('recorded from %s', (client) => {
  it.each(recordedRequests(client).map((request) => [`${request.call} ${request.path}`, request] as const))(
    'reads %s whole',
    (_title, request) => {
      const { accepted, refused } = read(request);
      expect(refused).toEqual([]);
      const events = request.body.batch ?? [request.body];
      expect(accepted.map(({ event }) => [event.id, event.sent, event.kind])).toEqual(
        events.map((one: Record<string, unknown>) => [one['messageId'], one['timestamp'], one['type']]),
      );
      for (const [index, { event, key }] of accepted.entries()) {
        const { userId, anonymousId } = events[index];
        expect(key).toBe(userId ? profileKey('user', userId) : profileKey('anonymous', anonymousId));
        expect(event.at).toBeLessThanOrEqual(receivedAt);
      }
    },
  );

  it.each(['retry_500', 'retry_429_retry_after_2'])('gives every attempt of %s the same journal key (G2)', (call) => {
    const attempts = recordedRequests(client).filter((request) => request.call === call);
    expect(attempts.length).toBeGreaterThan(1);
    const keys = attempts.map((request) =>
      read(request).accepted.map(({ key, event }) => [key, toldKey({ t: 'event', event })]),
    );
    for (const key of keys) expect(key).toEqual(keys[0]);
  });

  it('finds the write key wherever this client puts it', () => {
    for (const { headers, body } of recordedRequests(client)) {
      expect(readWriteKey(headers['authorization'], body)).toBe('WRITE_KEY_1');
    }
  });
});

describe('an event', () => {
  it.each([
    ['identify', { traits: { plan: 'pro' } }, { name: 'Identified', data: { plan: 'pro' } }],
    ['page', { name: 'Start', properties: { path: '/' } }, { name: 'Page Viewed', data: { name: 'Start', path: '/' } }],
    ['screen', { category: 'Shop' }, { name: 'Screen Viewed', data: { category: 'Shop' } }],
    ['group', { groupId: 17, traits: { seats: 4 } }, { name: 'Group Joined', groupId: '17', data: { seats: 4 } }],
    ['alias', { previousId: 'anon-1' }, { name: 'Alias Created', previousId: 'anon-1', data: {} }],
    ['track', { event: 'Renewed', properties: null }, { name: 'Renewed', data: {} }],
  ])('of type %s is read', (type, fields, expected) => {
    const { event, key } = only(send({ type, messageId: 'm-1', userId: 'user-1', ...fields }));
    expect(event).toMatchObject({ kind: type, userId: 'user-1', ...expected });
    expect(key).toBe(profileKey('user', 'user-1'));
  });

  it.each([
    ['Viewed Product', 'Product Viewed'],
    ['Added Product', 'Product Added'],
    ['Removed Product', 'Product Removed'],
    ['Completed Order', 'Order Completed'],
    ['Product Viewed', 'Product Viewed'],
    ['completed order', 'completed order'],
  ])('named %s is %s', (asSent, name) => {
    expect(only(send(track({ event: asSent }))).event.name).toBe(name);
  });

  it.each([
    [
      { EMAIL: 'a@b.example', created_at: 'x', first_name: 'Ann' },
      { email: 'a@b.example', createdAt: 'x', first_name: 'Ann' },
    ],
    [{ Email: 'old', email: 'new' }, { email: 'new' }],
    [{ email: 'new', Email: 'old' }, { email: 'new' }],
  ])('of type identify has its reserved traits by their names: %j', (traits, data) => {
    expect(only(send({ type: 'identify', userId: 'u', traits })).event.data).toEqual(data);
  });

  it.each([
    ['userId and anonymousId', { userId: 'user-1', anonymousId: 'anon-1' }, profileKey('user', 'user-1')],
    ['userId null', { userId: null, anonymousId: 'anon-1' }, profileKey('anonymous', 'anon-1')],
    ['userId empty', { userId: '  ', anonymousId: 'anon-1' }, profileKey('anonymous', 'anon-1')],
    ['a number', { userId: 42 }, profileKey('user', '42')],
  ])('with %s goes to one mailbox', (_title, ids, key) => {
    expect(only(send({ ...track({ userId: undefined }), ...ids })).key).toBe(key);
  });

  const instant = (text: string) => Date.parse(text);
  it.each([
    ['a clock one day behind', '2026-11-21T11:59:00Z', '2026-11-21T12:00:00Z', instant('2026-11-22T11:59:00Z')],
    ['a clock one day ahead', '2026-11-23T11:59:00Z', '2026-11-23T12:00:00Z', instant('2026-11-22T11:59:00Z')],
    ['no sentAt', '2026-11-22T11:00:00Z', undefined, instant('2026-11-22T11:00:00Z')],
    ['no sentAt and a time to come', '2026-11-22T13:00:00Z', undefined, receivedAt],
    ['a time after it was sent', '2026-11-22T12:00:09Z', '2026-11-22T12:00:00Z', receivedAt],
    ['no time', undefined, '2026-11-22T12:00:00Z', receivedAt],
    ['an unreadable time', '11/10/2026', '2026-11-22T12:00:00Z', receivedAt],
    ['the zero of a typed language', '0001-01-01T00:00:00Z', '2026-11-22T12:00:00Z', receivedAt],
    ['an unreadable sentAt', '2026-11-22T11:00:00Z', 'soon', instant('2026-11-22T11:00:00Z')],
    ['a sentAt in the year 9999', '2026-11-22T11:00:00Z', '9999-01-01T00:00:00Z', 0],
  ])(
    'from a client with %s happened at receivedAt − (sentAt − timestamp), and not later',
    (_title, timestamp, sentAt, at) => {
      const result = readSegmentRequest(batchRoute, { batch: [track({ timestamp })], sentAt }, receivedAt);
      expect(only(result).event).toMatchObject({ at, sent: timestamp ?? null });
    },
  );

  it('keeps originalTimestamp as its time when the client sends that, and never the time of the envelope (G2)', () => {
    const originalTimestamp = '2026-11-22T11:00:00.000+00:00';
    const body = { batch: [track({ timestamp: undefined, originalTimestamp })], timestamp: '2026-11-22T11:58:00Z' };
    expect(only(readSegmentRequest(batchRoute, body, receivedAt)).event.sent).toBe(originalTimestamp);
    const both = { batch: [track({ originalTimestamp: '2026-11-22T10:00:00Z' })] };
    expect(only(readSegmentRequest(batchRoute, both, receivedAt)).event.sent).toBe('2026-11-22T11:59:00Z');
    const { timestamp: _, ...timeless } = track();
    expect(only(readSegmentRequest(batchRoute, { ...body, batch: [timeless] }, receivedAt)).event.sent).toBeNull();
  });

  it.each([['x'.repeat(65)], [{ iso: '2026' }], [17e11], ['\u0000']])(
    'with the odd time stamp %j has a legal one for its key',
    (timestamp) => {
      const [one, two] = [only(send(track({ timestamp }))).event.sent, only(send(track({ timestamp }))).event.sent];
      expect(one).toMatch(/^[\x20-\x7e]{1,64}$/);
      expect(two).toBe(one);
    },
  );

  it('inherits the context of its batch where it has none of its own', () => {
    const body = {
      batch: [track({ context: { locale: 'de-DE' } })],
      context: { locale: 'en-US', timezone: 'Europe/Berlin', ip: '192.0.2.1' },
    };
    expect(only(readSegmentRequest(batchRoute, body, receivedAt)).event.context).toEqual({
      locale: 'de-DE',
      timezone: 'Europe/Berlin',
    });
  });

  it.each([
    ['locale', 17],
    ['timezone', 'x'.repeat(65)],
    ['page', { title: '\ud83d' }],
    ['page', 'start'],
    ['campaign', { source: 1e300 }],
  ])('loses a faulty context.%s and nothing else (G13)', (part, value) => {
    expect(only(send(track({ context: { [part]: value } }))).event.context).toEqual({});
  });

  it('without messageId is the same event when the same bytes come again, if it has a time (G2)', () => {
    const bare = { type: 'track', event: 'Renewed', userId: 'u', timestamp: '2026-11-22T11:00:00Z' };
    const first = readSegmentRequest(batchRoute, { batch: [bare], sentAt: '2026-11-22T11:00:01Z' }, receivedAt);
    const again = readSegmentRequest(batchRoute, { batch: [bare], sentAt: '2026-11-22T11:30:01Z' }, receivedAt + 9e5);
    expect(only(again).event.id).toBe(only(first).event.id);
    expect(only(send({ ...bare, event: 'Ended' })).event.id).not.toBe(only(first).event.id);
  });

  it('without messageId and time is a new event each time', () => {
    const bare = { type: 'track', event: 'Logged In', userId: 'u' };
    const ids = [
      ...send(bare, bare).accepted,
      ...readSegmentRequest(batchRoute, { batch: [bare] }, receivedAt + 1).accepted,
    ];
    expect(new Set(ids.map(({ event }) => event.id)).size).toBe(3);
  });
});

const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
const faults: [string, unknown, Partial<Refusal>][] = [
  ['no object', 'hello', { code: 'event.type', pointer: '/batch/1', actual: 'string' }],
  ['an array', [], { code: 'event.type', actual: 'array' }],
  ['null', null, { code: 'event.type', actual: 'null' }],
  ['no type', track({ type: undefined }), { code: 'event.kind', pointer: '/batch/1/type' }],
  ['another type', track({ type: 'trak' }), { code: 'event.kind', actual: '4 characters' }],
  ['no name', track({ event: undefined }), { code: 'event.name-missing', pointer: '/batch/1/event' }],
  ['a blank name', track({ event: ' ' }), { code: 'event.name-missing' }],
  ['a number for a name', track({ event: 4 }), { code: 'event.name-missing', actual: 'number' }],
  ['a long name', track({ event: 'x'.repeat(201) }), { code: 'event.name-too-long', limit: 200, actual: 201 }],
  ['a long messageId', track({ messageId: 'x'.repeat(101) }), { code: 'message-id.too-long', limit: 100, actual: 101 }],
  ['an object for a messageId', track({ messageId: {} }), { code: 'message-id.type', actual: 'object' }],
  ['no id', track({ userId: undefined }), { code: 'id.missing', pointer: '/batch/1/userId' }],
  ['a long id', track({ userId: 'x'.repeat(257) }), { code: 'id.too-long', limit: 256, actual: 257 }],
  ['a truth value for an id', track({ userId: true }), { code: 'id.type', actual: 'boolean' }],
  [
    'a list for an id',
    track({ anonymousId: ['a'] }),
    { code: 'id.type', pointer: '/batch/1/anonymousId', actual: 'array' },
  ],
  ['an alias from nobody', { type: 'alias', userId: 'u' }, { code: 'id.missing', pointer: '/batch/1/previousId' }],
  [
    'an alias to nobody',
    { type: 'alias', anonymousId: 'a', previousId: 'b' },
    { code: 'id.missing', pointer: '/batch/1/userId' },
  ],
  ['a group without id', { type: 'group', userId: 'u' }, { code: 'id.missing', pointer: '/batch/1/groupId' }],
  [
    'a list of properties',
    track({ properties: [1] }),
    { code: 'event.data-type', pointer: '/batch/1/properties', actual: 'array' },
  ],
  [
    'traits as text',
    { type: 'identify', userId: 'u', traits: 'x' },
    { code: 'event.data-type', pointer: '/batch/1/traits' },
  ],
  ['too much', track({ properties: { text: 'x'.repeat(maxEventBytes) } }), { code: 'event.too-large', limit: 32768 }],
  [
    'too many bytes in few characters',
    track({ properties: { text: '€'.repeat(11_000) } }),
    { code: 'event.too-large' },
  ],
  ['21 levels', track({ properties: nested(21) }), { code: 'event.too-deep', limit: 20 }],
  ['5,000 levels', track({ properties: nested(5_000) }), { code: 'event.too-deep', limit: 20 }],
  [
    'a prototype',
    JSON.parse('{"type":"track","event":"e","userId":"u","properties":{"__proto__":{"a":1}}}'),
    { code: 'event.key' },
  ],
  [
    'a nested constructor',
    track({ properties: { a: [{ constructor: 1 }] } }),
    { code: 'event.key', pointer: '/batch/1/properties/a/0' },
  ],
  [
    'half a surrogate pair',
    track({ properties: { a: { 'b/c': 'x\ud800' } } }),
    { code: 'event.characters', pointer: '/batch/1/properties/a/b~1c' },
  ],
  ['U+FFFE', track({ event: 'a\ufffe' }), { code: 'event.characters', pointer: '/batch/1/event' }],
  ['U+FFFF in a name of a property', track({ properties: { 'a\uffff': 1 } }), { code: 'event.characters' }],
  [
    'a control character in an id',
    track({ userId: 'a\u0001' }),
    { code: 'event.characters', pointer: '/batch/1/userId' },
  ],
  [
    'a number beyond the table',
    JSON.parse('{"type":"track","event":"e","userId":"u","properties":{"n":1e400}}'),
    { code: 'event.number-range', actual: 'larger' },
  ],
  [
    'a number too small for the table',
    track({ properties: { n: 1e-200 } }),
    { code: 'event.number-range', actual: 'smaller' },
  ],
];

describe('a bad event', () => {
  it.each(faults)(
    '(%s) is refused with code, place, limit and size, and its neighbours are accepted (G13)',
    (_title, bad, expected) => {
      const { accepted, refused } = send(track({ messageId: 'before' }), bad, track({ messageId: 'after' }));
      expect(accepted.map(({ event }) => event.id)).toEqual(['before', 'after']);
      expect(refused).toHaveLength(1);
      expect(refused[0]).toMatchObject(expected);
      expect(refused[0]!.pointer.startsWith('/batch/1')).toBe(true);
    },
  );

  it.each(['null', 'undefined', 'guest', 'Anonymous', '0', '-1', 'NONE', 'NaN', '[object Object]', ' null '])(
    'of the placeholder %j is refused: one mailbox must not hold everybody',
    (id) => {
      expect(refusal(send(track({ userId: id })))).toMatchObject({
        code: 'id.placeholder',
        pointer: '/batch/0/userId',
      });
      expect(refusal(send(track({ anonymousId: id })))).toMatchObject({ code: 'id.placeholder' });
    },
  );

  it('leaves behind names and sizes, and no value', () => {
    const secrets = { email: 'ann@example.com', note: 'x'.repeat(maxEventBytes) };
    const kept = refusal(send({ type: 'identify', messageId: 'm-9', userId: 'user-77', traits: secrets }));
    expect(kept).toMatchObject({
      eventId: 'm-9',
      kind: 'identify',
      fields: expect.arrayContaining(['userId', 'traits.email']),
    });
    expect(JSON.stringify(kept)).not.toMatch(/ann@example|user-77|xxx/);
  });

  it('pays for the context that it inherits from its batch', () => {
    const context = { page: { title: 'x'.repeat(20_000) } };
    const large = track({ properties: { text: 'x'.repeat(20_000) } });
    const { accepted, refused } = readSegmentRequest(batchRoute, { batch: [large, track()], context }, receivedAt);
    expect([accepted.length, refused[0]?.code]).toEqual([1, 'event.too-large']);
  });
});

describe('a batch', () => {
  it('of more than 2,500 events loses those beyond, told as one refusal', () => {
    const { accepted, refused } = send(
      ...Array.from({ length: maxBatchEvents + 3 }, (_, n) => track({ messageId: `m-${n}` })),
    );
    expect(accepted).toHaveLength(maxBatchEvents);
    expect(refused).toMatchObject([{ code: 'batch.too-many', limit: 2500, actual: 2503, count: 3 }]);
  });

  it.each([
    [[], 'body.type'],
    ['x', 'body.type'],
    [null, 'body.type'],
    [{}, 'batch.type'],
    [{ batch: {} }, 'batch.type'],
  ])('that is none (%j) is refused whole', (body, code) => {
    expect(() => readSegmentRequest(batchRoute, body, receivedAt)).toThrow(expect.objectContaining({ code }));
  });
});

describe('the write key', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  it.each([
    ['header', basic('KEY:'), {}, 'KEY'],
    ['header before body', basic('KEY:'), { writeKey: 'OTHER' }, 'KEY'],
    ['body', undefined, { writeKey: 'KEY' }, 'KEY'],
    ['body when the header is empty', basic(':'), { writeKey: 'KEY' }, 'KEY'],
    ['body beside a bearer', 'Bearer abc', { writeKey: 'KEY' }, 'KEY'],
    ['nowhere', undefined, {}, undefined],
    ['nowhere, no text', undefined, { writeKey: 7 }, undefined],
    ['nowhere, no object', undefined, null, undefined],
  ])('is read from the %s', (_title, authorization, body, expected) => {
    expect(readWriteKey(authorization, body)).toBe(expected);
  });
});

describe('a path', () => {
  const kinds = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;
  it.each(kinds.flatMap((kind) => [[`/v1/${kind}`, kind] as const, [`/v1/${kind[0]}`, kind] as const]))(
    '%s is %s',
    (path, kind) => {
      expect(readSegmentRoute('POST', path)).toEqual({ to: 'event', kind });
      const body = { userId: 'u', type: 'nonsense', event: 'e', groupId: 'g', previousId: 'p' };
      expect(read({ method: 'POST', path, body }).accepted[0]?.event.kind).toBe(kind);
    },
  );
  it.each([
    ['POST', '/v1/batch', { to: 'batch' }],
    ['POST', '/v1/b', { to: 'batch' }],
    ['POST', '/v1/b/', { to: 'batch' }],
    ['POST', '/v1/m', { to: 'client-metrics' }],
    ['GET', '/v1/projects/KEY/settings', { to: 'settings', writeKey: 'KEY' }],
    ['OPTIONS', '/v1/t', { to: 'preflight' }],
    ['GET', '/v1/batch', undefined],
    ['POST', '/v1/constructor', undefined],
    ['POST', '/v2/batch', undefined],
  ])('%s %s', (method, path, route) => {
    expect(readSegmentRoute(method, path)).toEqual(route);
  });
});
