import type { ProviderResult } from '../../app/delivery.ts';
import { neverSent } from '../network-error.ts';

/** Somebody must act before anything goes: wait long, and raise an alarm. */
const misconfiguredRetrySeconds = 900;

/** SES is too busy for us, or a quota is used up. */
const throttled = new Set([
  'TooManyRequestsException',
  'LimitExceededException',
  'ThrottlingException',
  'Throttling',
  'ConcurrentModificationException',
]);

/** Ours to mend, and no fault of this message. */
const misconfigured: { readonly [name: string]: string } = {
  MailFromDomainNotVerifiedException: 'email.mail-from-not-verified',
  SendingPausedException: 'email.sending-paused',
  AccountSuspendedException: 'email.account-suspended',
  NotFoundException: 'email.configuration-set-missing',
  AccessDeniedException: 'email.not-permitted',
  CredentialsProviderError: 'email.no-credentials',
  ExpiredTokenException: 'email.no-credentials',
  UnrecognizedClientException: 'email.no-credentials',
  InvalidClientTokenId: 'email.no-credentials',
  SignatureDoesNotMatch: 'email.no-credentials',
  InvalidSignatureException: 'email.no-credentials',
};

/**
 * Errors of SES v2 SendEmail, by what happens next (docs: SendEmail, Errors). SES's texts may name the recipient and
 * are not passed on.
 */
export function classifySesError(error: unknown, from: string): ProviderResult {
  const {
    name = '',
    message = '',
    $metadata,
  } = error as {
    name?: string;
    message?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  if (throttled.has(name) || status === 429) return { throttled: 'email.throttled' };
  if (Object.hasOwn(misconfigured, name) || status === 403) {
    return mend(misconfigured[name] ?? 'email.not-permitted');
  }
  if (name === 'MessageRejected') return rejected(message, from);
  if (status !== undefined && status >= 400 && status < 500)
    return { refused: 'email.bad-request', detail: { status } };
  if (status === undefined && neverSent(error)) return { throttled: 'email.unreachable' };
  return { unknown: status === undefined ? 'email.no-answer' : 'email.server-error' };
}

/**
 * "Email address is not verified. The following identities failed the check in region X: …": in the sandbox this is
 * also said of recipients, elsewhere only of the sender.
 */
function rejected(message: string, from: string): ProviderResult {
  if (!/not verified/i.test(message)) return { refused: 'email.rejected' };
  const sender = (/<([^<>]+)>/.exec(from)?.[1] ?? from).trim().toLowerCase();
  return message.toLowerCase().includes(sender)
    ? mend('email.sender-not-verified')
    : { refused: 'email.recipient-not-verified' };
}

function mend(code: string): ProviderResult {
  return { throttled: code, retryAfterSeconds: misconfiguredRetrySeconds, alarm: true };
}
