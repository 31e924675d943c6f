import type { Check, Proposal } from '../../shared/domain/messaging/policy/check.ts';
import { checkDeadAddress } from '../../shared/domain/messaging/policy/check-address.ts';
import { checkCaps } from '../../shared/domain/messaging/policy/check-caps.ts';
import { checkConsent } from '../../shared/domain/messaging/policy/check-consent.ts';
import { checkGap } from '../../shared/domain/messaging/policy/check-gap.ts';
import { checkHoldout } from '../../shared/domain/messaging/policy/check-holdout.ts';
import { checkHours } from '../../shared/domain/messaging/policy/check-hours.ts';
import { checkJourneyLimits } from '../../shared/domain/messaging/policy/check-journey-limits.ts';
import { checks } from '../../shared/domain/messaging/policy/checks.ts';
import type { Policy } from '../../shared/domain/messaging/policy.ts';

/** A fault in one of the checks, and what the checker calls it. */
export interface Fault {
  readonly name: string;
  readonly of: Check;
  readonly wrong: Check;
  readonly rule: string;
}

const without = (name: string, of: Check, rule: string): Fault => ({ name, of, wrong: () => undefined, rule });

/** The check asks another question than it should. */
const asked = (name: string, of: Check, rule: string, change: (proposal: Proposal) => Proposal): Fault => ({
  name,
  of,
  wrong: (proposal) => of(change(proposal)),
  rule,
});

const withPolicy = (change: (policy: Policy) => Partial<Policy>) => (proposal: Proposal) => ({
  ...proposal,
  catalog: { ...proposal.catalog, policy: { ...proposal.catalog.policy, ...change(proposal.catalog.policy) } },
});

const inUtc = (proposal: Proposal) => ({ ...proposal, zone: 'UTC' });

const perCap = (per: string, wrong: Policy['caps'][number]['per']) =>
  withPolicy(({ caps }) => ({ caps: caps.map((cap) => (cap.per === per ? { ...cap, per: wrong } : cap)) }));

export const faults: readonly Fault[] = [
  without('no consent is asked for', checkConsent, 'consent'),
  without('bounced addresses are written to', checkDeadAddress, 'bounced'),
  without('no caps', checkCaps, 'cap'),
  without('no gap', checkGap, 'gap'),
  without('no hours', checkHours, 'quiet'),
  without('no limits of journeys', checkJourneyLimits, 'limit'),
  without('nobody is held out where journeys are mixed', checkHoldout, 'holdout'),
  asked(
    'one too many',
    checkCaps,
    'cap',
    withPolicy(({ caps }) => ({ caps: caps.map((cap) => ({ ...cap, max: cap.max + 1 })) })),
  ),
  asked('days of UTC', checkCaps, 'cap', inUtc),
  asked('24 hours instead of the calendar day', checkCaps, 'unjustified', perCap('day', 'PT24H')),
  asked('a day instead of two', checkCaps, 'cap', perCap('P2D', 'P1D')),
  asked('a week of seven days from anywhere', checkCaps, 'unjustified', perCap('week', 'P7D')),
  asked('a week instead of the month', checkCaps, 'cap', perCap('month', 'P7D')),
  asked(
    'one too few',
    checkCaps,
    'unjustified',
    withPolicy(({ caps }) => ({ caps: caps.map((cap) => ({ ...cap, max: Math.max(1, cap.max - 1) })) })),
  ),
  asked('rivals are not looked at', checkCaps, 'priority', ({ rivals: _, ...proposal }) => proposal),
  asked(
    'a shorter gap',
    checkGap,
    'gap',
    withPolicy(() => ({ gap: { between: 'PT1H' } })),
  ),
  asked(
    'a gap on one channel only',
    checkGap,
    'gap',
    withPolicy(() => ({ gap: { between: 'PT2H', channels: ['email'] } })),
  ),
  asked('hours of UTC', checkHours, 'quiet', inUtc),
  asked('an hour off', checkHours, 'quiet', (proposal) => ({ ...proposal, now: proposal.now + 3_600_000 })),
  asked('mail has the hours of text messages', checkHours, 'unjustified', (proposal) => ({
    ...proposal,
    channel: 'sms' as const,
  })),
  asked('text messages have the hours of mail', checkHours, 'quiet', (proposal) => ({
    ...proposal,
    channel: 'email' as const,
  })),
  asked(
    'holidays of others',
    checkHours,
    'unjustified',
    withPolicy(({ closedDates = [] }) => ({ closedDates: closedDates.map(({ dates }) => ({ dates })) })),
  ),
  asked(
    'no holidays',
    checkHours,
    'holiday',
    withPolicy(() => ({ closedDates: [] })),
  ),
  asked('journeys without hours of their own', checkHours, 'windows', ({ journey: _, ...proposal }) => proposal),
  {
    name: 'held for hours that are open',
    of: checkHours,
    wrong: (proposal) =>
      checkHours(proposal) ??
      (proposal.now % 7 === 0
        ? { hold: 'quiet-hours', until: proposal.now + 3_600_000, fix: 'nothing would' }
        : undefined),
    rule: 'unjustified',
  },
];

/** The product with the fault in it, for as long as `work` takes. */
export function planted<T>({ of, wrong }: Fault, work: () => T): T {
  const all = checks as Check[];
  const place = all.indexOf(of);
  all[place] = wrong;
  try {
    return work();
  } finally {
    all[place] = of;
  }
}
