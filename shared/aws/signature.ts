import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** For whom a signature is good, without the day. */
export interface SigningScope {
  readonly region: string;
  readonly service: string;
}

export interface Signable {
  readonly method: string;
  /** Without a query, and made of what needs no escaping (`isPlainPath`). */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
}

/** Nothing in it is escaped or put in order (RFC 3986, sections 2.3 and 6.2.2.3). */
export const isPlainPath = (path: string): boolean => /^(?:\/[\w-]+)*\/?$/.test(path);

const algorithm = 'AWS4-HMAC-SHA256';

/**
 * Signature version 4 (IAM, "Create a signed AWS API request") of a request that is complete, written into its headers:
 * all that are there are signed. The SDK's own signer derives one key anew for each request only to look up another, and
 * makes a key object for each hash; that is half of what it computes.
 */
export function signer(scope: SigningScope): (request: Signable, by: Credentials, now: number) => void {
  const keyFor = keptKey(scope);
  return (request, by, now) => {
    const { headers } = request;
    const date = basicDate(now);
    const day = date.slice(0, 8);
    headers['x-amz-date'] = date;
    if (by.sessionToken !== undefined) headers['x-amz-security-token'] = by.sessionToken;
    const names = Object.keys(headers).sort();
    const lines = names.map((name) => `${name}:${headers[name]!.trim().replace(/\s+/g, ' ')}\n`).join('');
    const signed = names.join(';');
    const canonical = `${request.method}\n${request.path}\n\n${lines}\n${signed}\n${hash('sha256', request.body ?? '')}`;
    const where = `${day}/${scope.region}/${scope.service}/aws4_request`;
    const signature = createHmac('sha256', keyFor(day, by))
      .update(`${algorithm}\n${date}\n${where}\n${hash('sha256', canonical)}`)
      .digest('hex');
    headers['authorization'] =
      `${algorithm} Credential=${by.accessKeyId}/${where}, SignedHeaders=${signed}, Signature=${signature}`;
  };
}

/** One key a day, as long as the credentials are the same. */
function keptKey({ region, service }: SigningScope): (day: string, by: Credentials) => KeyObject {
  let kept: { readonly day: string; readonly secret: string; readonly key: KeyObject } | undefined;
  const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  return (day, { secretAccessKey: secret }) => {
    if (kept?.day !== day || kept.secret !== secret) {
      const key = mac(mac(mac(mac(`AWS4${secret}`, day), region), service), 'aws4_request');
      kept = { day, secret, key: createSecretKey(key) };
    }
    return kept.key;
  };
}

/** ISO 8601, basic format. */
const basicDate = (now: number): string => new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
