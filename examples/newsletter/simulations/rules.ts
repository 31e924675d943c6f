import { endsWithin, maxMessagesPer, never, nothingAfterWithdrawal } from 'godwit/simulation';

/** godwit verify simulations/rules.ts */
export default [
  nothingAfterWithdrawal(),
  never({ who: 'not (consent email/newsletter is granted)', topic: 'newsletter' }),
  maxMessagesPer({ max: 1, per: 'PT23H', template: 'confirm' }),
  maxMessagesPer({ max: 1, per: 'P2D', template: 'confirm-again' }),
  endsWithin('P12D'),
];
