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
  maxMessagesPer({ max: 1, per: 'P300D', template: 'birthday-gift' }),
  endsWithin('P30D', 'birthday'),
  never({ who: 'not (did "Order Completed" at least 2 times in last 366 days)', template: 'birthday-gift' }),
  rule('an order is asked about twice at most, and the second time in one way', ({ messages }) => {
    const again = messages.filter(
      ({ template }) => template === 'review-reminder' || template === 'review-request-again',
    );
    const twice = again.find(({ run }, i) => again.slice(0, i).some((one) => one.run === run));
    return twice && `${twice.template} at ${twice.at}`;
  }),
  rule('nothing comes of a run that is over', ({ messages, runs }) => {
    const late = messages.find(({ run, at }) => runs.some((one) => one.run === run && at > (one.ended ?? '9')));
    return late && `${late.template} at ${late.at}`;
  }),
];
