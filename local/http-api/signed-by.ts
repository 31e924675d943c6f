import { createHash, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../shared/kernel/sha256-hash.ts';
import type { ApiRequest } from './payload.ts';

/** Somebody of the account whose signatures are known. */
export interface Principal {
  readonly arn: string;
  readonly secretAccessKey: string;
}

/** SigV4 allows five minutes (IAM, "Elements of an AWS API request signature"); clients sign with this machine's clock. */
const MOST_SKEW_MS = 300_000;
const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/execute-api\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * What an HTTP API hands over as `requestContext.authorizer.iam` when a route has the IAM authorizer ("Control access to HTTP
 * APIs with IAM authorization"; payload format 2.0 [A3]); undefined: the signature is not right, which it answers with 403.
 * The signature is worked out anew over what came, by the library of the SDK.
 */
export async function signedBy(
  request: ApiRequest,
  principals: ReadonlyMap<string, Principal>,
): Promise<object | undefined> {
  const { headers } = request;
  const [, accessKeyId = '', day, region = '', names = '', signature = ''] =
    form.exec(headers['authorization'] ?? '') ?? [];
  const principal = principals.get(accessKeyId);
  const signedAt = instantOf(headers['x-amz-date']);
  const signed = names.split(';');
  if (principal === undefined || signedAt === undefined || !signed.includes('host')) return undefined;
  if (!headers['x-amz-date']!.startsWith(day!) || Math.abs(Date.now() - signedAt) > MOST_SKEW_MS) return undefined;
  const claimed = headers['x-amz-content-sha256'];
  if (claimed !== undefined && claimed !== createHash('sha256').update(request.body).digest('hex')) return undefined;
  const signer = new SignatureV4({
    service: 'execute-api',
    region,
    credentials: { accessKeyId, secretAccessKey: principal.secretAccessKey },
    sha256: Sha256,
    applyChecksum: false,
  });
  const again = await signer.sign(
    {
      ...{ method: request.method, protocol: 'http:', hostname: request.host, path: request.rawPath },
      query: Object.fromEntries(new URLSearchParams(request.rawQuery)),
      headers: Object.fromEntries(signed.map((name) => [name, headers[name] ?? ''])),
      body: request.body,
    },
    { signingDate: new Date(signedAt), signableHeaders: new Set(signed) },
  );
  const expected = form.exec(again.headers['authorization'] ?? '')?.[5] ?? '';
  if (expected.length !== signature.length || !timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) {
    return undefined;
  }
  const { account } = request;
  return {
    accessKey: accessKeyId,
    accountId: account,
    callerId: accessKeyId,
    userArn: principal.arn,
    userId: accessKeyId,
  };
}

/** `20261126T120000Z` */
function instantOf(text: string | undefined): number | undefined {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '') ?? [];
  if (parts.length === 0) return undefined;
  const [year, month, day, hour, minute, second] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
