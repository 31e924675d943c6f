import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { maxArrivingBytes, maxBodyBytes, readSegmentBody } from '../../shared/wire/segment-body.ts';

const value = { batch: [{ event: 'Grüße 😀' }] };
const json = JSON.stringify(value);
const base64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64');
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('a body', () => {
  it.each([
    ['text', json, false],
    ['text after a byte order mark', `\ufeff${json}`, false],
    ['text that the gateway took for bytes', base64(json), true],
    ['gzip', base64(gzipSync(json)), true],
    ['gzip that the gateway read as Latin-1', gzipSync(json).toString('latin1'), false],
  ])('as %s is read', (_title, body, isBase64Encoded) => {
    expect(readSegmentBody(body, isBase64Encoded)).toEqual(value);
  });

  it('of several megabytes is read, plain or packed', () => {
    const large = JSON.stringify({ text: 'x'.repeat(6_000_000) });
    expect(readSegmentBody(large, false)).toEqual(JSON.parse(large));
    expect(readSegmentBody(base64(gzipSync(large)), true)).toEqual(JSON.parse(large));
  });

  const bomb = gzipSync(Buffer.alloc(maxBodyBytes + 1, 32), { level: 9 });
  it.each([
    ['is absent', undefined, false, 'body.empty'],
    ['is empty', '', true, 'body.empty'],
    ['is no JSON', '{', false, 'body.json'],
    ['is cut short', base64(gzipSync(json).subarray(0, 20)), true, 'body.gzip'],
    ['was damaged on its way', gzipSync(json).toString('utf8'), false, 'body.damaged'],
    ['unpacks beyond the limit', base64(bomb), true, 'body.too-large'],
    ['is a longer text than may be', ' '.repeat(maxBodyBytes + 1), false, 'body.too-large'],
    ['arrives beyond the limit', base64(Buffer.alloc(maxArrivingBytes + 1)), true, 'body.too-large'],
  ])('that %s is refused with a code of its own (G13)', (_title, body, isBase64Encoded, expected) => {
    expect(() => readSegmentBody(body, isBase64Encoded)).toThrow(code(expected));
  });

  it('that is too large is not even decoded', () => {
    const decode = vi.spyOn(Buffer, 'from');
    const text = 'A'.repeat(maxArrivingBytes * 2);
    expect(() => readSegmentBody(text, true)).toThrow(code('body.too-large'));
    expect(decode).not.toHaveBeenCalled();
    decode.mockRestore();
  });

  it('that is too large names the limit', () => {
    expect(() => readSegmentBody(base64(bomb), true)).toThrow(String(maxBodyBytes));
  });
});
