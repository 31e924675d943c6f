import type { ProviderResult } from '../app/delivery.ts';
import { neverSent } from './network-error.ts';

/** What an AWS client throws, as far as it is looked at. Texts may name the customer, and are not passed on. */
export interface SdkError {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  /** Of services that have one: why, as a constant. */
  readonly reason: string | undefined;
  /** Of a validation: names of the fields that are wrong. */
  readonly fields: readonly string[];
}

/** Somebody must act before anything goes: wait long, and raise an alarm. */
const misconfiguredRetrySeconds = 900;

export const mend = (code: string): ProviderResult => ({
  throttled: code,
  retryAfterSeconds: misconfiguredRetrySeconds,
  alarm: true,
});

const tooMany = new Set(['TooManyRequestsException', 'ThrottlingException', 'Throttling']);

/** Common errors of AWS APIs (IAM, "Common Errors"): whoever we are, it is not known here or may not. */
const misconfigured: { readonly [name: string]: string } = {
  AccessDeniedException: 'not-permitted',
  CredentialsProviderError: 'no-credentials',
  ExpiredTokenException: 'no-credentials',
  UnrecognizedClientException: 'no-credentials',
  InvalidClientTokenId: 'no-credentials',
  SignatureDoesNotMatch: 'no-credentials',
  InvalidSignatureException: 'no-credentials',
};

/**
 * Errors of one call of an AWS API, by what happens next. `known` says what its service's own errors mean; what it does
 * not know is told by what all of them share.
 */
export function classifySdkError(
  error: unknown,
  channel: string,
  known: (error: SdkError) => ProviderResult | undefined,
): ProviderResult {
  const said = readSdkError(error);
  const own = known(said);
  if (own !== undefined) return own;
  const { name, status } = said;
  if (tooMany.has(name) || status === 429) return { throttled: `${channel}.throttled` };
  if (Object.hasOwn(misconfigured, name) || status === 403) {
    return mend(`${channel}.${misconfigured[name] ?? 'not-permitted'}`);
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return { refused: `${channel}.bad-request`, detail: { status } };
  }
  if (status === undefined && neverSent(error)) return { throttled: `${channel}.unreachable` };
  return { unknown: status === undefined ? `${channel}.no-answer` : `${channel}.server-error` };
}

function readSdkError(error: unknown): SdkError {
  const {
    name = '',
    message = '',
    Reason,
    Fields,
    $metadata,
  } = error as {
    name?: string;
    message?: string;
    Reason?: string;
    Fields?: readonly { readonly Name?: string }[];
    $metadata?: { httpStatusCode?: number };
  };
  const fields = (Fields ?? []).flatMap(({ Name }) => (Name === undefined ? [] : [Name]));
  return { name, message, status: $metadata?.httpStatusCode, reason: Reason, fields };
}
