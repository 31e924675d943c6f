import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../shared/kernel/sha256-hash.ts';
import { UsageError } from '../verb.ts';
import { callOnce, RemoteProblem } from './api-client.ts';

export interface SessionAnswer {
  readonly token: string;
  readonly who: string;
  readonly roles: readonly string[];
  readonly expiresAt: string;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Of `https://<id>.execute-api.<region>.amazonaws.com`; an address of one's own does not say it. */
export function signingRegion(api: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$/.exec(new URL(api).hostname)?.[1];
  return named ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'];
}

/** Signs `POST /v1/sessions` as the AWS command line would sign a call of AWS (IAM, "Signature Version 4"). */
export async function requestSession(api: string, region: string, credentials: Credentials): Promise<SessionAnswer> {
  const url = new URL(`${api}/v1/sessions`);
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  const body = '{}';
  const { headers } = await signer.sign({
    ...{ method: 'POST', protocol: url.protocol, hostname: url.hostname, path: url.pathname, body },
    headers: { host: url.host, 'content-type': 'application/json' },
  });
  const { host: _, ...sent } = headers;
  try {
    return await callOnce<SessionAnswer>(url.href, { method: 'POST', headers: sent, body });
  } catch (error) {
    // Of the gateway, not of the API, which has problem documents.
    if (!(error instanceof RemoteProblem) || error.status !== 403 || error.code !== 'remote.answer') throw error;
    const fix = 'the principal needs execute-api:Invoke on POST /v1/sessions; region and clock must be right';
    throw new RemoteProblem(error.request, `the signature was refused: ${fix}`, {
      status: 403,
      code: 'session.refused',
    });
  }
}

export async function credentialsOf(profile: string | undefined): Promise<Credentials> {
  // Only here: no other verb needs AWS.
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  try {
    return await defaultProvider(profile === undefined ? {} : { profile })();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UsageError(`there are no AWS credentials: ${detail}`, 'aws sso login, or --profile NAME');
  }
}
