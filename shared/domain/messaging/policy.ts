import * as z from 'zod';
import { oneOf } from '../../kernel/one-of.ts';
import {
  CalendarDate,
  Currency,
  Duration,
  Id,
  type IssueParams,
  Locale,
  unique,
  Window,
  Windows,
  Zone,
} from '../../kernel/schema.ts';
import { Geofence } from '../audiences/place.ts';
import { Predicate } from '../audiences/predicate.ts';
import { Ref } from '../audiences/ref-schema.ts';
import { IdentityRules } from '../profiles/identity-rules.ts';
import { countryOf } from '../profiles/reserved-traits.ts';
import { TraitSchemas } from '../profiles/trait-schema.ts';
import { Channel } from './channel.ts';
import { Links } from './link-tagging.ts';

const Country = z.string().refine((code) => countryOf({ country: code }) === code, {
  params: { code: 'country', limit: 'ISO 3166-1 alpha-2 in capitals', fix: 'write DE' } satisfies IssueParams,
});
const Channels = z.array(Channel).min(1).check(unique<Channel>('channels'));

/** A calendar day, week (from Monday, ISO 8601) or month in the customer's zone; a Duration slides. */
export const CalendarSpan = z.enum(['day', 'week', 'month']);

/** At most `max` messages per customer in the time; without channel and topic it counts all of them. */
export const FrequencyCap = z.strictObject({
  /** Reasons name it. */
  id: Id.exactOptional(),
  channel: Channel.exactOptional(),
  topic: Id.exactOptional(),
  max: z.int().min(0).max(1_000),
  per: oneOf([CalendarSpan, Duration]),
  /** Of steps that do not say `whenBlocked`. Absent: hold. */
  whenReached: z.enum(['hold', 'skip']).exactOptional(),
});
export type FrequencyCap = z.infer<typeof FrequencyCap>;

/** Of these channels and of customers in these countries; absent: of all. */
const concerned = {
  channels: Channels.exactOptional(),
  countries: z.array(Country).min(1).check(unique<string>('countries')).exactOptional(),
};

export const QuietWindow = Window.extend(concerned).meta({ id: 'QuietWindow' });
export type QuietWindow = z.infer<typeof QuietWindow>;

/** Whole days of the customer's zone. */
export const ClosedDates = z.strictObject({ dates: z.array(CalendarDate).min(1).max(100), ...concerned });
export type ClosedDates = z.infer<typeof ClosedDates>;

/** The least time between two marketing messages. */
export const Gap = z.strictObject({
  between: Duration,
  /** Only these keep it, and only messages on these are counted; absent: all that reach people. */
  channels: Channels.exactOptional(),
  /** Only between messages on two different channels. */
  onlyDifferent: z.literal(true).exactOptional(),
});
export type Gap = z.infer<typeof Gap>;

/** Which channel first: the first rule whose predicate holds in one of its local windows. */
export const ChannelRule = z.strictObject({
  if: Predicate.exactOptional(),
  windows: Windows.exactOptional(),
  /** `{ ref: … }` is the channel that the customer's trait names, if it names one. */
  order: z
    .array(oneOf([Channel, z.strictObject({ ref: Ref })]))
    .min(1)
    .max(10),
});
export type ChannelRule = z.infer<typeof ChannelRule>;

/** What a message costs, for the budgets of journeys: instead of AWS's own prices, or in another currency. */
export const MessagePrices = z.strictObject({
  currency: Currency,
  perMessage: z.partialRecord(Channel, z.number().min(0).max(1_000)),
});

/** After a customer was erased. */
export const Erasure = z.strictObject({
  /** Who is let in anew: who gives a consent (when absent), everybody of whom something is told, or nobody. */
  recreate: z.enum(['on-consent', 'always', 'never']).exactOptional(),
  /** What stays of addresses that must not be written to: nothing when absent. `true` stands for `salted-hash`. */
  keepSuppressions: z.union([z.enum(['none', 'salted-hash']), z.boolean()]).exactOptional(),
});

/** An HMAC stays, so that nobody writes to the address when it comes in again. */
export const keepsSuppressions = ({ erasure }: Pick<Policy, 'erasure'>): boolean =>
  erasure?.keepSuppressions === 'salted-hash' || erasure?.keepSuppressions === true;

/** What holds in a whole environment. An empty `quietHours` means none; transactional topics skip both. */
export const Policy = z
  .strictObject({
    $schema: z.string().max(500).exactOptional(),
    schemaVersion: z.literal(1),
    zone: Zone,
    locale: Locale,
    quietHours: z.array(QuietWindow),
    /** Holidays: quiet from midnight to midnight. */
    closedDates: z.array(ClosedDates).max(50).exactOptional(),
    /** What quiet hours and closed dates do to messages of steps that do not say `whenBlocked`. Absent: hold. */
    whenQuiet: z.enum(['hold', 'drop']).exactOptional(),
    caps: z
      .array(FrequencyCap)
      .max(50)
      .check((payload) => {
        const ids = payload.value.flatMap(({ id }) => id ?? []);
        const twice = ids.find((id, at) => ids.indexOf(id) < at);
        if (twice === undefined) return;
        const params: IssueParams = { code: 'unique', limit: 'different ids', actual: twice };
        payload.issues.push({ code: 'custom', message: 'two caps of one id', input: payload.value, params });
      }),
    gap: Gap.exactOptional(),
    /**
     * So long before its due time a message of a journey with a higher priority has its place in the caps kept.
     * Absent: PT15M, over which what quiet hours held is spread.
     */
    reserve: Duration.exactOptional(),
    /** For steps that say `channels: by-policy`. */
    channelOrder: z.array(ChannelRule).max(20).exactOptional(),
    /** A share of all customers who get no marketing, for comparison. */
    holdout: z.strictObject({ percent: z.number().min(0).max(100), group: Id }).exactOptional(),
    /** Who may get the messages of test runs. */
    testRecipients: z
      .array(
        z
          .string()
          .max(1_100)
          .regex(/^([^@\s]*@[^@\s]+|\+[1-9]\d{6,14}|push:[\x21-\x7E]+)$/)
          .meta({
            description:
              'an e-mail address, `@example.com` for all of a domain, a phone number in E.164 form, or `push:` and the token of a device',
          }),
      )
      .max(100)
      .exactOptional(),
    /** In years. */
    minimumAge: z.int().min(0).max(150).exactOptional(),
    /** Of whom neither birthday nor age is known: as grown up (`allow`, when absent), or as too young. */
    unknownAge: z.enum(['allow', 'refuse']).exactOptional(),
    /** How long a link that confirms a consent is good for; a week when absent. */
    confirmWithin: Duration.exactOptional(),
    /** Named areas for `inside`. */
    geofences: z.record(Id, Geofence).exactOptional(),
    prices: MessagePrices.exactOptional(),
    links: Links.exactOptional(),
    /** By kind; a kind that is absent is not tracked, and without any of this profiles do not remember their merges. */
    identities: IdentityRules.exactOptional(),
    /** What values of traits may be; what is not named may be anything. */
    traits: TraitSchemas.exactOptional(),
    erasure: Erasure.exactOptional(),
    /** Of phone numbers that are written nationally, when neither number nor address says of which country. */
    defaultCountry: Country.exactOptional(),
  })
  .meta({ title: 'Policy' });
export type Policy = z.infer<typeof Policy>;
