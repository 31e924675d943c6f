import { emailDollars } from '../../cost/prices.ts';
import type { Channel } from './channel.ts';
import type { Policy } from './policy.ts';

/**
 * What a message costs at AWS, in US dollars of us-east-1: SES takes $0.10 for 1,000 outbound e-mails. Taxes, attachments
 * and dedicated addresses cost more. An environment whose prices differ, or that counts in another currency, says so in its policy.
 */
export const awsMessagePrices = { email: emailDollars } as const;

/** Of one message; undefined when neither the policy nor AWS's list has a price in this currency. */
export function messagePrice(policy: Pick<Policy, 'prices'>, currency: string, channel: Channel): number | undefined {
  const own = policy.prices?.currency === currency ? policy.prices.perMessage[channel] : undefined;
  if (own !== undefined || currency !== 'USD') return own;
  return channel in awsMessagePrices ? awsMessagePrices[channel as keyof typeof awsMessagePrices] : undefined;
}
