import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it } from 'vitest';
import { isPlainPath, signer } from '../../shared/aws/signature.ts';
import { Sha256 } from '../../shared/kernel/sha256-hash.ts';
import fc from '../property.ts';

const scope = { region: 'eu-central-1', service: 'dynamodb' };
const NOON = Date.parse('2026-11-26T12:00:00Z');
const DAY = 86_400_000;

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const word = fc.stringMatching(/^[A-Za-z0-9+/]{4,20}$/);
const value = fc.stringMatching(/^[!-~]( {0,3}[!-~]){0,12}$/);
const headerName = fc.stringMatching(/^x-amz-[a-z]{3,12}$/).filter((name) => !/^x-amz-(date|security)/.test(name));
const requests = fc.record({
  headers: fc.dictionary(headerName, value, { maxKeys: 4 }),
  path: fc.stringMatching(/^(\/[\w-]{1,9}){0,3}\/?$/).filter((path) => path !== ''),
  body: fc.oneof(text, fc.uint8Array({ maxLength: 60 })),
});
const people = fc.record(
  { accessKeyId: word, secretAccessKey: word, sessionToken: word },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);

describe('signature version 4', () => {
  it("is the SDK's own, whoever signs and whatever is signed, from one day to the next", async () => {
    const sign = signer(scope);
    const check = async (
      request: { headers: object; path: string; body: string | Uint8Array },
      by: never,
      now: number,
    ) => {
      const headers: Record<string, string> = {
        host: 'h.example',
        'content-type': 'application/json',
        ...request.headers,
      };
      const theirs = await new SignatureV4({ ...scope, credentials: by, sha256: Sha256, applyChecksum: false }).sign(
        {
          method: 'POST',
          protocol: 'https:',
          hostname: 'h.example',
          path: request.path,
          query: {},
          headers: { ...headers },
          body: request.body,
        },
        { signingDate: new Date(now) },
      );
      sign({ method: 'POST', path: request.path, headers, body: request.body }, by, now);
      expect(headers).toEqual(theirs.headers);
    };
    fc.assert(fc.property(requests, ({ path }) => isPlainPath(path)));
    await fc.assert(
      fc.asyncProperty(requests, people, fc.integer({ min: NOON, max: NOON + 3 * DAY }), (request, by, now) =>
        check(request, by as never, now),
      ),
    );
  });

  it.each(['//', '/a/../b', '/a b', '/%20', '/ä'])(
    'a path that would be written otherwise is not plain: %s',
    (path) => {
      expect(isPlainPath(path)).toBe(false);
    },
  );
});
