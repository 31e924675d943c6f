import { endsWithin, maxMessagesPer, never, nothingAfterWithdrawal, rule } from 'godwit/simulation';

/** godwit verify simulations/rules.ts */
export default [
  nothingAfterWithdrawal(),
  never({ who: 'not (consent email/tips is granted)', topic: 'tips' }),
  maxMessagesPer({ max: 1, per: 'P3D', topic: 'tips' }),
  maxMessagesPer({ max: 3, per: 'P60D', template: 'identity-needed', journey: 'onboarding' }),
  endsWithin('P65D'),
  rule('no tips before the card works', ({ messages, events }) => {
    const working = events.find(({ name }) => name === 'Card Activated')?.at ?? '9';
    const early = messages.find(({ topic, outcome, at }) => topic === 'tips' && outcome === 'sent' && at < working);
    return early && `${early.template} at ${early.at}`;
  }),
];
