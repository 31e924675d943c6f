import { maxMessagesPer, never, nothingAfterWithdrawal, rule } from 'godwit/simulation';

/** godwit verify simulations/rules.ts */
export default [
  nothingAfterWithdrawal(),
  maxMessagesPer({ max: 1, per: 'P1D' }),
  never({ who: 'profile.plan = "member"' }),
  never({ who: 'not (did "Lesson Completed" at least 3 times in last 15 days)', template: 'trial-offer-keen' }),
  rule('one way of nudging for each customer', ({ messages }) => {
    const ways = new Set(messages.flatMap(({ step }) => (step?.startsWith('nudge-') ? [step] : [])));
    return ways.size > 1 ? [...ways].join(' and ') : undefined;
  }),
];
