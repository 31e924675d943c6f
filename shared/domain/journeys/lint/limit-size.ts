import { messagePrice } from '../../messaging/message-price.ts';
import { microsOf } from '../engine/shared-limits.ts';
import type { Journey } from '../journey.ts';
import { channelsOf } from './channels-of.ts';
import { error, type Finding, type LintCatalog, type Rule, warning } from './finding.ts';

/** Each message that a limit counts is remembered in the profile, about 150 bytes of it. */
const MAX_COUNTED = 50;
const MINUTES_PER_DAY = 1_440;

export const limitSize: Rule = (journey, catalog) => [
  ...perProfile(journey),
  ...paceOfEntries(journey),
  ...priceOfMessages(journey, catalog),
];

const perProfile = ({ limits }: Journey): Finding[] =>
  (limits?.messagesPerProfile ?? []).flatMap(({ max }, index) =>
    max <= MAX_COUNTED
      ? []
      : [
          error(`/limits/messagesPerProfile/${index}/max`, 'limit-too-large', 'so many cannot be remembered', {
            limit: MAX_COUNTED,
            actual: max,
          }),
        ],
  );

/** Whoever enters gets a message, as a rule; where more may enter than be sent to, they wait longer every day. */
function paceOfEntries({ limits }: Journey): Finding[] {
  const { entriesPerDay, messagesPerMinute } = limits ?? {};
  if (entriesPerDay === undefined || messagesPerMinute === undefined) return [];
  const limit = messagesPerMinute * MINUTES_PER_DAY;
  if (entriesPerDay <= limit) return [];
  const fix = 'raise limits.messagesPerMinute, or lower limits.entriesPerDay';
  const detail = 'more may enter in a day than messages can be sent';
  return [warning('/limits/messagesPerMinute', 'limit-too-slow', detail, { limit, actual: entriesPerDay, fix })];
}

function priceOfMessages({ limits, steps }: Journey, catalog: LintCatalog): Finding[] {
  const budget = limits?.budget;
  if (budget === undefined) return [];
  const used = Object.values(steps).flatMap((step) => (step.type === 'message' ? channelsOf(step, catalog) : []));
  return [...new Set(used)].flatMap((channel) => {
    const price = messagePrice(catalog.policy, budget.currency, channel);
    if (price === undefined) {
      const detail = `a message by ${channel} has no price in this currency`;
      return [error('/limits/budget/currency', 'budget-no-price', detail, { fix: 'name it in policy.prices' })];
    }
    if (microsOf(price) <= microsOf(budget.max)) return [];
    const detail = `less than one message by ${channel} costs`;
    return [error('/limits/budget/max', 'budget-too-small', detail, { limit: price, actual: budget.max })];
  });
}
