import type { ProviderResult } from '../../app/delivery.ts';
import { classifySdkError, mend, type SdkError } from '../sdk-error.ts';

/** SES is too busy for us, or a quota is used up. */
const throttled = new Set(['LimitExceededException', 'ConcurrentModificationException']);

/** Ours to mend, and no fault of this message. */
const misconfigured: { readonly [name: string]: string } = {
  MailFromDomainNotVerifiedException: 'email.mail-from-not-verified',
  SendingPausedException: 'email.sending-paused',
  AccountSuspendedException: 'email.account-suspended',
  NotFoundException: 'email.configuration-set-missing',
};

/** Errors of SES v2 SendEmail, by what happens next (docs: SendEmail, Errors). */
export const classifySesError = (error: unknown, from: string): ProviderResult =>
  classifySdkError(error, 'email', ({ name, message }: SdkError) => {
    if (throttled.has(name)) return { throttled: 'email.throttled' };
    if (Object.hasOwn(misconfigured, name)) return mend(misconfigured[name]!);
    return name === 'MessageRejected' ? rejected(message, from) : undefined;
  });

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
