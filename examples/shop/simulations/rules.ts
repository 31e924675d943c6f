import { endsWithin, maxMessagesPer, nothingAfterWithdrawal } from 'godwit/simulation';

/** godwit verify simulations/rules.ts */
export default [maxMessagesPer({ max: 2, per: 'day' }), nothingAfterWithdrawal(), endsWithin('P60D')];
