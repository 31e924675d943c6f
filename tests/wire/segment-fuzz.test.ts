import { describe, expect, it } from 'vitest';
import { isPrototypeKey } from '../../shared/kernel/clean-text.ts';
import { InvalidInput } from '../../shared/kernel/errors.ts';
import type { Arrival } from '../../shared/wire/arrival.ts';
import { readSegmentRequest } from '../../shared/wire/segment.ts';
import { readSegmentBody } from '../../shared/wire/segment-body.ts';
import { isEventKind } from '../../shared/wire/segment-event.ts';
import { times } from '../hostile.ts';
import fc, { anyCharacter } from '../property.ts';

const receivedAt = Date.parse('2026-11-22T12:00:00Z');
const read = (body: unknown) => readSegmentRequest({ to: 'batch' }, body, receivedAt);

const nastyText = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.string({
    unit: fc.constantFrom('\u0000', '\u001f', '\u007f', '\ud800', '\udfff', '\ufffe', '\uffff', '"', '\\', 'é', '😀'),
  }),
  fc.constantFrom(
    'null',
    'undefined',
    '__proto__',
    'constructor',
    '',
    'x'.repeat(300),
    'user-1',
    '2026-11-22T11:00:00Z',
  ),
);
const nastyJson = fc.oneof(
  nastyText,
  fc.double(),
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, Number.MIN_VALUE, [], {}),
  fc.jsonValue({ maxDepth: 24 }),
  fc.dictionary(nastyText, fc.jsonValue()),
);
const field = fc.constantFrom(
  ...['type', 'event', 'messageId', 'userId', 'anonymousId', 'previousId', 'groupId', 'timestamp', 'originalTimestamp'],
  ...['sentAt', 'properties', 'traits', 'context', 'name', 'category', 'integrations', 'writeKey'],
);
const kind = fc.constantFrom('track', 'identify', 'page', 'screen', 'group', 'alias');
/** Anything at all, and events that are nearly right. */
const nastyEvent = fc.oneof(
  nastyJson,
  fc.dictionary(field, nastyJson),
  fc.record(
    { type: kind, event: fc.string(), userId: nastyText, properties: nastyJson, traits: nastyJson },
    { requiredKeys: ['type'] },
  ),
  fc
    .tuple(kind, fc.dictionary(field, nastyJson))
    .map(([type, fields]) => ({ event: 'e', userId: 'user-1', groupId: 'g', previousId: 'p', ...fields, type })),
);
const good = (n: number) => ({
  type: 'track',
  event: 'Renewed',
  messageId: `good-${n}`,
  userId: `user-${n}`,
  timestamp: '2026-11-22T11:00:00Z',
});

/** Characters that XML 1.0 allows, which is what SQS accepts (SQS API, SendMessage). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: three of them are allowed
const legalInSqs = /^[\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;

function everyPart(value: unknown, visit: (part: unknown, key?: string) => void, key?: string): void {
  visit(value, key);
  if (typeof value === 'object' && value !== null)
    for (const [name, part] of Object.entries(value)) everyPart(part, visit, name);
}

function expectLegal({ event, key, bytes }: Arrival): void {
  const text = JSON.stringify(event);
  expect(legalInSqs.test(text)).toBe(true);
  expect(JSON.parse(text)).toEqual(event);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes + 400);
  expect(key).toMatch(/^[au][A-Za-z0-9_-]{22}$/);
  expect(isEventKind(event.kind)).toBe(true);
  expect(event.id.length).toBeLessThanOrEqual(100);
  expect(event.sent?.length ?? 0).toBeLessThanOrEqual(64);
  expect(Number.isSafeInteger(event.at) && event.at >= 0 && event.at <= receivedAt).toBe(true);
  everyPart(event, (part, name) => {
    if (typeof part === 'number' && name !== 'at') expect(Math.abs(part)).toBeLessThanOrEqual(1e125);
    if (name !== undefined) expect(isPrototypeKey(name)).toBe(false);
  });
}

describe('whatever a client sends', () => {
  it('a bad event costs no good neighbour, and what is accepted is legal in a queue and a table (G13)', () => {
    fc.assert(
      fc.property(fc.array(nastyEvent, { maxLength: 6 }), nastyJson, nastyJson, (bad, context, sentAt) => {
        const batch = bad.flatMap((one, n) => [one, good(n)]);
        const { accepted, refused } = read({ batch, sentAt, context: bad.length % 2 === 0 ? undefined : context });
        expect(accepted.length + refused.length).toBe(batch.length);
        const ids = accepted.map(({ event }) => event.id).filter((id) => id.startsWith('good-'));
        // A context that takes up the whole budget of an event is the one thing that a batch shares.
        if (JSON.stringify(context ?? null).length < 30_000) expect(ids).toEqual(bad.map((_, n) => `good-${n}`));
        accepted.forEach(expectLegal);
        for (const refusal of refused) {
          expect(refusal.code).toMatch(/^[a-z-]+\.[a-z-]+$/);
          expect(refusal.pointer).toMatch(/^\/batch\/\d+/);
          expect(refusal.detail).not.toBe('');
        }
      }),
      { numRuns: times(2_000) },
    );
  });

  const levels = 200_000;
  const deep = [`${'['.repeat(levels)}${']'.repeat(levels)}`, `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`];
  const places = (one: string) => [
    one,
    `{"batch":${one}}`,
    `{"batch":[${one}]}`,
    `{"sentAt":${one},"writeKey":${one},"ignored":${one},"batch":[]}`,
    `{"context":${one},"batch":[{"type":"track","event":"e","userId":"u"}]}`,
    ...['type', 'event', 'messageId', 'userId', 'properties', 'context', 'integrations', 'timestamp', 'other'].map(
      (field) => `{"batch":[{"type":"track","event":"e","userId":"u","${field}":${one}}]}`,
    ),
    `{"batch":[{"type":"identify","userId":"u","traits":{"a":${one}}}]}`,
  ];
  it.each(deep.flatMap(places).map((body) => [body.replace(/(\[|\{"a":){9,}.*?[\]}]{9,}/g, 'deep'), body]))(
    '%s is judged without a stack that overflows: refused, or left out (G13)',
    (_, body) => {
      const read = () => readSegmentRequest({ to: 'batch' }, readSegmentBody(body, false), receivedAt);
      try {
        read().accepted.forEach(expectLegal);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidInput);
      }
    },
  );

  it('the same bytes give the same events, whenever they come (G2)', () => {
    fc.assert(
      fc.property(fc.array(nastyEvent, { maxLength: 4 }), fc.nat(1e9), (batch, later) => {
        const first = readSegmentRequest({ to: 'batch' }, { batch }, receivedAt);
        const again = readSegmentRequest({ to: 'batch' }, structuredClone({ batch }), receivedAt + later);
        const timed = (result: typeof first) =>
          result.accepted
            .filter(({ event }) => event.sent !== null)
            .map(({ key, event }) => [key, event.sent, event.id]);
        expect(timed(again)).toEqual(timed(first));
        expect(again.refused).toEqual(first.refused);
      }),
      { numRuns: times(1_000) },
    );
  });

  it('nothing but InvalidInput is thrown, for any body of any encoding', () => {
    const body = fc.oneof(
      fc.string({ unit: anyCharacter }),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from([0x1f, 0x8b, ...bytes]).toString('base64')),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      nastyJson.map((value) => JSON.stringify(value) ?? ''),
    );
    fc.assert(
      fc.property(body, fc.boolean(), (text, isBase64Encoded) => {
        try {
          read(readSegmentBody(text, isBase64Encoded));
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInput);
        }
      }),
      { numRuns: times(2_000) },
    );
  });
});
