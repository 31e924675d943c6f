import { gunzipSync } from 'node:zlib';
import { InvalidInput } from '../kernel/errors.ts';

/** A Lambda event is at most 6 MB with base64 counted (Lambda quotas), which leaves 4.4 MB of bytes. */
export const maxArrivingBytes = 4_400_000;
export const maxBodyBytes = 8 * 1024 * 1024;

/**
 * The JSON value of a request's body. Neither Content-Type nor Content-Encoding is believed: browsers send
 * `text/plain`, and some server SDKs send gzip labelled as a form; two magic bytes (RFC 1952, 2.3.1) tell.
 */
export function readSegmentBody(body: string | undefined, isBase64Encoded: boolean): unknown {
  if (body === undefined || body === '') throw new InvalidInput('body.empty', 'the request has no body');
  // Before anything is decoded, unpacked or parsed: four characters of base64 are three bytes, up to two of them padding.
  if (isBase64Encoded) requireSize(Math.floor((body.length * 3) / 4) - 2, maxArrivingBytes);
  else requireSize(body.length, maxBodyBytes);
  const bytes = isBase64Encoded ? Buffer.from(body, 'base64') : fromText(body);
  const text = typeof bytes === 'string' ? bytes : inflate(bytes);
  try {
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    throw new InvalidInput('body.json', `the body (${text.length} characters) is not JSON`);
  }
}

/** Gzip in a text: a gateway that reads bytes as Latin-1 keeps them; one that reads them as UTF-8 has damaged them. */
function fromText(body: string): string | Buffer {
  if (body.charCodeAt(0) !== 0x1f) return body;
  if (body.charCodeAt(1) === 0x8b) return Buffer.from(body, 'latin1');
  throw new InvalidInput(
    'body.damaged',
    'gzip under a text type was damaged on the way: send it as application/octet-stream',
  );
}

function inflate(bytes: Buffer): string {
  requireSize(bytes.length, maxArrivingBytes);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBodyBytes }).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge(`the body unpacks to more than ${maxBodyBytes} bytes`);
    }
    throw new InvalidInput('body.gzip', `the body (${bytes.length} bytes) is not complete gzip`);
  }
}

function requireSize(bytes: number, limit: number): void {
  if (bytes > limit) throw tooLarge(`the body has ${bytes} bytes, at most ${limit} may arrive`);
}

const tooLarge = (detail: string) => new InvalidInput('body.too-large', detail, [], 'too-large');
