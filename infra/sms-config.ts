import * as z from 'zod';

/** A country of ISO 3166-1 alpha-2, or whoever has none of his own. */
const Country = z.string().regex(/^([A-Z]{2}|default)$/, "must be a country like DE, or 'default'");

const arn = /^arn:aws[a-z-]*:sms-voice:[a-z0-9-]+:\d{12}:(phone-number|pool|sender-id)\/[A-Za-z0-9_/-]+$/;
/** Ids of numbers and pools as the console shows them; a sender ID has at most 11 characters and a letter. */
const identity = /^((phone|pool)-[a-z0-9]{8,64}|(?=.*[A-Za-z])[A-Za-z0-9_-]{1,11})$/;
const number = /^(\+?\d{3,15}|(?=.*[A-Za-z])[A-Za-z0-9_-]{1,11})$/;

const UNSAYABLE = 'must be phone-…, pool-…, a sender ID of at most 11 characters or an ARN: rights are given by those';

/**
 * Text messages. Numbers and sender IDs are registered by people (docs/sms.md); what is here says which of them is used.
 */
export const Sms = z
  .strictObject({
    /** `pinpoint`: by a project that has its numbers and quota there. It reports nothing back, and knows no expiry. */
    transport: z.enum(['end-user-messaging', 'pinpoint']).default('end-user-messaging'),
    /** Who sends, by country of the number; without `default` no other country is written to. */
    senders: z
      .record(Country, z.string().max(160))
      .refine((senders) => Object.keys(senders).length > 0, 'needs a country, or default'),
    /** Project of Amazon Pinpoint. */
    applicationId: z
      .string()
      .regex(/^[a-f0-9]{32}$/, 'must be the id of a project, 32 of 0-9 and a-f')
      .exactOptional(),
    /** In US dollars, for one message with all its parts; AWS refuses what would cost more (API SendTextMessage, MaxPrice). */
    maxPriceUsd: z.number().min(0.001).max(99).exactOptional(),
    /** An alarm stands at so much in a calendar month, in US dollars, for the whole account. */
    spendAlarmUsd: z.number().min(1).max(1_000_000).exactOptional(),
  })
  .check(({ value, issues }) => {
    const refuse = (path: string[], message: string, input: unknown) =>
      issues.push({ code: 'custom', message, input, path });
    const isPinpoint = value.transport === 'pinpoint';
    for (const [country, sender] of Object.entries(value.senders)) {
      const isGood = isPinpoint ? number.test(sender) : identity.test(sender) || arn.test(sender);
      if (!isGood) refuse(['senders', country], isPinpoint ? 'must be a number or a sender ID' : UNSAYABLE, sender);
    }
    const { default: fallback = '' } = value.senders;
    if (!isPinpoint && identity.test(fallback) && !/^(phone|pool)-/.test(fallback)) {
      refuse(['senders', 'default'], 'must be a number or a pool: a sender ID belongs to one country', fallback);
    }
    if (isPinpoint && value.applicationId === undefined) {
      refuse(['applicationId'], "is needed when transport is 'pinpoint'", value.applicationId);
    }
    if (isPinpoint && value.maxPriceUsd !== undefined) {
      refuse(['maxPriceUsd'], "must be absent when transport is 'pinpoint', which knows none", value.maxPriceUsd);
    }
  });
export type Sms = z.infer<typeof Sms>;
