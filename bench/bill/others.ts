import { emailDollars } from '../../shared/cost/prices.ts';

/** A month of somebody else's product, by their public list. */
export interface Month {
  readonly profiles: number;
  readonly emails: number;
  readonly events: number;
}

export interface Other {
  readonly name: string;
  readonly page: string;
  /** Where, and when, the list was read. */
  readonly read: string;
  readonly says: string;
  /** Undefined: the list does not go so far. */
  readonly dollars: (month: Month) => number | undefined;
}

const MILLION = 1_000_000;
const between = (count: number, from: number, to: number): number => Math.max(0, Math.min(count, to) - from);
const onRequest = () => undefined;

export const others: readonly Other[] = [
  {
    name: 'Customer.io, Essentials',
    page: 'https://docs.customer.io/accounts-and-workspaces/how-we-bill',
    read: '“How We Bill”, undated copy; the same rates in github.com/api-evangelist/customer-io, 2026-06-20',
    says: '$0.009 for a profile and $0.12 for 1,000 e-mails beyond what the plan includes; the fee of the plan is not in the sum, nor what it includes. From Premium on: by contract',
    dollars: ({ profiles, emails }) => (profiles > 100_000 ? undefined : profiles * 0.009 + (emails / 1_000) * 0.12),
  },
  {
    name: 'Dittofeed Cloud Pro, and SES',
    page: 'https://www.dittofeed.com/pricing',
    read: '“Pricing”, as a public cost sheet has it, read there on 2026-10-02',
    says: '$75 with 10,000 users; $0.004 for each up to 100,000, $0.002 up to 500,000, $0.001 beyond. Messages are paid to a provider: here SES',
    dollars: ({ profiles, emails }) =>
      75 +
      between(profiles, 10_000, 100_000) * 0.004 +
      between(profiles, 100_000, 500_000) * 0.002 +
      between(profiles, 500_000, Number.POSITIVE_INFINITY) * 0.001 +
      emails * emailDollars,
  },
  {
    name: 'OneSignal Growth, e-mail only',
    page: 'https://onesignal.com/pricing',
    read: '“Pricing”, as github.com/api-evangelist/onesignal has it, read there on 2026-08-13',
    says: '$19 and $1.50 for 1,000 e-mails beyond 20,000; at most three journeys of six messages. Beyond: by contract',
    dollars: ({ profiles, emails }) =>
      profiles > MILLION ? undefined : 19 + (between(emails, 20_000, Number.POSITIVE_INFINITY) / 1_000) * 1.5,
  },
  {
    name: 'Amazon Pinpoint, which ended on 2026-10-30',
    page: 'https://aws.amazon.com/pinpoint/pricing/',
    read: "AWS's user guide of Pinpoint, “Getting started”, undated copy; the price page itself was not found",
    says: '$0.0012 for an endpoint that is written to, beyond 5,000 in a month; $0.10 for 1,000 e-mails; $1 for a million events beyond 100 million. What endpoints cost beyond a million was not found',
    dollars: ({ profiles, emails, events }) =>
      profiles > MILLION
        ? undefined
        : between(profiles, 5_000, MILLION) * 0.0012 +
          emails * emailDollars +
          between(events, 100 * MILLION, Number.POSITIVE_INFINITY) * 1e-6,
  },
  {
    name: 'Mautic, hosted by Dropsolid',
    page: 'https://www.mautic.org/pricing',
    read: '“Pricing”, as a public comparison has it, read there on 2026-10-10',
    says: '€247.50 for up to 50,000 contacts and 50,000 e-mails; larger ones on request',
    dollars: onRequest,
  },
  {
    name: 'Klaviyo',
    page: 'https://www.klaviyo.com/pricing',
    read: '“Pricing”, as github.com/api-evangelist/klaviyo has it, read there on 2026-08-13',
    says: 'by active profiles; a calculator, and no list that could be read',
    dollars: onRequest,
  },
  {
    name: 'Braze',
    page: 'https://www.braze.com/pricing',
    read: '“Pricing”, as github.com/api-evangelist/braze has it, read there on 2026-08-13',
    says: 'four editions, and no prices',
    dollars: onRequest,
  },
];
