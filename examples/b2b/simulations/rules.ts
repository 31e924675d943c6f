import { endsWithin, maxMessagesPer, never, nothingAfterWithdrawal, rule } from 'godwit/simulation';

const weekend = new Set(['Sat', 'Sun']);

/** godwit verify simulations/rules.ts */
export default [
  nothingAfterWithdrawal(),
  never({ who: 'not (consent email/insights is granted)', topic: 'insights' }),
  never({ who: 'profile.stage in ("opportunity", "customer")' }),
  maxMessagesPer({ max: 1, per: 'P2D' }),
  endsWithin('P80D'),
  rule('on working days', ({ messages }) => {
    const free = messages.find(({ at, zone, channel, outcome }) => {
      const day = new Intl.DateTimeFormat('en', { weekday: 'short', timeZone: zone }).format(Date.parse(at));
      return channel === 'email' && outcome === 'sent' && weekend.has(day);
    });
    return free && `${free.template} at ${free.at}`;
  }),
];
