import { awsMessagePrices } from '../domain/messaging/message-price.ts';

/**
 * Public prices of us-east-1 in US dollars, as collected on 2026-11-22 from AWS's price pages and, where those could not
 * be read, third-party lists. Everything that turns counts into money reads them here.
 */
export const prices = {
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  standardQueueRequest: 0.4e-6,
  fifoQueueRequest: 0.5e-6,
  stateTransition: 25e-6,
  lambdaRequest: 0.2e-6,
  lambdaGigabyteSecond: 13.3334e-6,
  httpApiRequest: 1e-6,
  /** SES, outbound; attachments and dedicated addresses cost more. */
  email: awsMessagePrices.email,
  /** One part. It differs by country and carrier by a factor of a hundred, so there is none until somebody names their own. */
  sms: 0,
} as const;

export type Prices = { readonly [P in keyof typeof prices]: number };
