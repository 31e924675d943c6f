import type { Journey } from '../journey.ts';
import { notYet } from '../not-yet.ts';
import { askedMessages } from './asked-messages.ts';
import { availableChannels } from './available-channels.ts';
import { channelsByPolicy } from './channels-by-policy.ts';
import { comparisonTypes } from './comparison-types.ts';
import { computedTraits } from './computed-traits.ts';
import { cycles } from './cycles.ts';
import { danglingNext } from './dangling-next.ts';
import { dateEntries } from './date-entries.ts';
import { duplicates } from './duplicates.ts';
import { feedsItself } from './feeds-itself.ts';
import type { Finding, LintCatalog, Rule } from './finding.ts';
import { holdoutShare } from './holdout-share.ts';
import { journeyReasons } from './journey-reasons.ts';
import { knownEndpoints } from './known-endpoints.ts';
import { knownEvents } from './known-events.ts';
import { knownGeofences } from './known-geofences.ts';
import { knownJourneys } from './known-journeys.ts';
import { knownSegments } from './known-segments.ts';
import { knownSenders } from './known-senders.ts';
import { knownTemplates } from './known-templates.ts';
import { knownTopics } from './known-topics.ts';
import { limitSize } from './limit-size.ts';
import { liquidTexts } from './liquid-texts.ts';
import { lookupKeys } from './lookup-keys.ts';
import { marketingMail } from './marketing-mail.ts';
import { missingValues } from './missing-values.ts';
import { neverTrue } from './never-true.ts';
import { quietHours } from './quiet-hours.ts';
import { reservedIds } from './reserved-ids.ts';
import { resolvableRefs } from './resolvable-refs.ts';
import { scheduleEntriesRule } from './schedule-entries.ts';
import { scheduleOrder } from './schedule-order.ts';
import { sendingHours } from './sending-hours.ts';
import { smsTexts } from './sms-texts.ts';
import { splitWeights } from './split-weights.ts';
import { triggerSteps } from './trigger-steps.ts';
import { unreachableSteps } from './unreachable-steps.ts';

const rules: readonly Rule[] = [
  danglingNext,
  reservedIds,
  cycles,
  splitWeights,
  unreachableSteps,
  triggerSteps,
  duplicates,
  dateEntries,
  feedsItself,
  knownTemplates,
  knownTopics,
  knownEndpoints,
  knownGeofences,
  knownJourneys,
  knownEvents,
  knownSegments,
  knownSenders,
  availableChannels,
  channelsByPolicy,
  resolvableRefs,
  lookupKeys,
  liquidTexts,
  comparisonTypes,
  computedTraits,
  journeyReasons,
  askedMessages,
  missingValues,
  neverTrue,
  marketingMail,
  smsTexts,
  quietHours,
  sendingHours,
  scheduleOrder,
  scheduleEntriesRule,
  limitSize,
  holdoutShare,
];

/** Everything that is to be said about a journey before it is published; errors first. A rule is one file and one line above. */
export function lintJourney(journey: Journey, catalog: LintCatalog): Finding[] {
  const findings: Finding[] = [
    ...notYet(journey).map((problem): Finding => ({ ...problem, severity: 'error' })),
    ...rules.flatMap((rule) => rule(journey, catalog)),
  ];
  const rank = ({ severity }: Finding) => (severity === 'error' ? 0 : 1);
  return findings.sort((a, b) => rank(a) - rank(b));
}
