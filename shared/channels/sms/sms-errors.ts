import type { ProviderResult } from '../../app/delivery.ts';
import { classifySdkError, mend, type SdkError } from '../sdk-error.ts';

type Known = Readonly<Record<string, ProviderResult>>;

/** A number may be called so often a day: nothing is to be had before the next one comes nearer. */
const laterSeconds = 3_600;

const senderNotUsable = mend('sms.sender-not-usable');
const countryNotPossible: ProviderResult = { refused: 'sms.country-not-possible' };

/**
 * By error and reason (API reference of End User Messaging SMS and Voice v2: SendTextMessage, Errors, and the Reason of
 * each). A reason that is not here is one of our configuration, where the error as a whole is about it.
 */
const byReason: { readonly [name: string]: Known } = {
  AccessDeniedException: {
    ACCOUNT_DISABLED: mend('sms.account-disabled'),
    INSUFFICIENT_ACCOUNT_REPUTATION: mend('sms.account-reputation'),
  },
  ConflictException: {
    // It is on the opt-out list of the sender: somebody texted STOP.
    DESTINATION_PHONE_NUMBER_OPTED_OUT: { refused: 'sms.opted-out', suppress: 'unsubscribe' },
    // Only in the sandbox.
    DESTINATION_PHONE_NUMBER_NOT_VERIFIED: { refused: 'sms.recipient-not-verified' },
    DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION: { refused: 'sms.country-blocked' },
    DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE: { refused: 'sms.number-blocked' },
  },
  ServiceQuotaExceededException: {
    MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT: mend('sms.spend-limit'),
    DAILY_DESTINATION_CALL_LIMIT: { throttled: 'sms.recipient-limit', retryAfterSeconds: laterSeconds },
  },
  ValidationException: {
    PRICE_OVER_THRESHOLD: { refused: 'sms.too-expensive' },
    DESTINATION_COUNTRY_BLOCKED: countryNotPossible,
    COUNTRY_NOT_ENABLED: countryNotPossible,
    INTERNATIONAL_SENDING_NOT_SUPPORTED: countryNotPossible,
    CHANNEL_NOT_ENABLED: senderNotUsable,
    COUNTRY_CODE_MISMATCH: senderNotUsable,
    INVALID_ARN: senderNotUsable,
    INVALID_IDENTITY_FOR_DESTINATION_COUNTRY: senderNotUsable,
    RESOURCE_NOT_ACCESSIBLE: senderNotUsable,
    SENDER_ID_NOT_REGISTERED: senderNotUsable,
    SENDER_ID_NOT_SUPPORTED: senderNotUsable,
    SENDER_ID_REQUIRES_REGISTRATION: senderNotUsable,
  },
};

/** Whatever the reason, where none is known. AccessDenied and Validation are told by what all AWS clients share. */
const byName: Known = {
  ConflictException: senderNotUsable,
  ResourceNotFoundException: mend('sms.resource-missing'),
  ServiceQuotaExceededException: { throttled: 'sms.quota' },
};

/** Errors of SendTextMessage, by what happens next. */
export const classifySmsError = (error: unknown): ProviderResult => classifySdkError(error, 'sms', known);

function known({ name, reason = '', fields }: SdkError): ProviderResult | undefined {
  const reasons = Object.hasOwn(byReason, name) ? byReason[name]! : {};
  if (Object.hasOwn(reasons, reason)) return reasons[reason];
  if (name === 'ValidationException' && fields.includes('DestinationPhoneNumber')) {
    return { refused: 'sms.invalid-number', suppress: 'bounce' };
  }
  return Object.hasOwn(byName, name) ? byName[name] : undefined;
}
