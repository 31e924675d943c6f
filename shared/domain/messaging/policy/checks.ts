import type { Check } from './check.ts';
import { checkAddress, checkDeadAddress } from './check-address.ts';
import { checkAge } from './check-age.ts';
import { checkCaps } from './check-caps.ts';
import { checkConsent } from './check-consent.ts';
import { checkGap } from './check-gap.ts';
import { checkHoldout } from './check-holdout.ts';
import { checkHours } from './check-hours.ts';
import { checkJourneyLimits } from './check-journey-limits.ts';
import { checkChannel, checkTemplate } from './check-template.ts';

/** In this order, and the first "no" is the reason: what is for good comes before what passes. */
export const checks: readonly Check[] = [
  checkChannel,
  checkTemplate,
  checkConsent,
  checkAddress,
  checkDeadAddress,
  checkAge,
  checkHoldout,
  checkCaps,
  checkJourneyLimits,
  checkGap,
  checkHours,
];
