import { endsWithin, maxMessagesPer, never, nothingAfterWithdrawal, rule } from 'godwit/simulation';

/** godwit verify simulations/rules.ts */
export default [
  maxMessagesPer({ max: 2, per: 'day' }),
  nothingAfterWithdrawal(),
  endsWithin('P60D', 'welcome'),
  endsWithin('P5D', 'cart-abandonment'),
  endsWithin('P60D', 'win-back'),
  endsWithin('P2D', 'browse-abandonment'),
  endsWithin('P40D', 'post-purchase'),
  maxMessagesPer({ max: 1, per: 'P7D', template: 'seen-product' }),
  never({ who: 'did "Order Completed" in last 7 days', template: 'seen-product' }),
  rule('nothing comes of a run that is over', ({ messages, runs }) => {
    const late = messages.find(({ run, at }) => runs.some((one) => one.run === run && at > (one.ended ?? '9')));
    return late && `${late.template} at ${late.at}`;
  }),
];
