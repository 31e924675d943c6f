import * as z from 'zod';
import { oneOf } from '../../kernel/one-of.ts';
import { Currency, Duration, Id, type IssueParams, Locale, Window, Zone } from '../../kernel/schema.ts';
import { Geofence } from '../audiences/place.ts';
import { IdentityRules } from '../profiles/identity-rules.ts';
import { countryOf } from '../profiles/reserved-traits.ts';
import { TraitSchemas } from '../profiles/trait-schema.ts';
import { Channel } from './channel.ts';

/** At most `max` messages per customer in the time; without channel and topic it counts all of them. */
export const FrequencyCap = z.strictObject({
  channel: Channel.exactOptional(),
  topic: Id.exactOptional(),
  max: z.int().min(0).max(1_000),
  per: oneOf([z.literal('day'), Duration]),
});
export type FrequencyCap = z.infer<typeof FrequencyCap>;

/** What a message costs, for the budgets of journeys: instead of AWS's own prices, or in another currency. */
export const MessagePrices = z.strictObject({
  currency: Currency,
  perMessage: z.partialRecord(Channel, z.number().min(0).max(1_000)),
});

/** What holds in a whole environment. An empty `quietHours` means none; transactional topics skip both. */
export const Policy = z
  .strictObject({
    $schema: z.string().max(500).exactOptional(),
    schemaVersion: z.literal(1),
    zone: Zone,
    locale: Locale,
    quietHours: z.array(Window),
    caps: z.array(FrequencyCap).max(50),
    /** Who may get the messages of test runs. */
    testRecipients: z
      .array(
        z
          .string()
          .max(320)
          .regex(/^[^@\s]*@[^@\s]+$/)
          .meta({ description: 'an e-mail address, or `@example.com` for all of a domain' }),
      )
      .max(100)
      .exactOptional(),
    /** In years. */
    minimumAge: z.int().min(0).max(150).exactOptional(),
    /** Named areas for `inside`. */
    geofences: z.record(Id, Geofence).exactOptional(),
    prices: MessagePrices.exactOptional(),
    /** By kind; a kind that is absent is not tracked, and without any of this profiles do not remember their merges. */
    identities: IdentityRules.exactOptional(),
    /** What values of traits may be; what is not named may be anything. */
    traits: TraitSchemas.exactOptional(),
    /** Of phone numbers that are written nationally, when neither number nor address says of which country. */
    defaultCountry: z
      .string()
      .refine((code) => countryOf({ country: code }) === code, {
        params: { code: 'country', limit: 'ISO 3166-1 alpha-2 in capitals', fix: 'write DE' } satisfies IssueParams,
      })
      .exactOptional(),
  })
  .meta({ title: 'Policy' });
export type Policy = z.infer<typeof Policy>;

export const geofenceIn = ({ geofences }: Pick<Policy, 'geofences'>, id: string): Geofence | undefined =>
  geofences !== undefined && Object.hasOwn(geofences, id) ? geofences[id] : undefined;
