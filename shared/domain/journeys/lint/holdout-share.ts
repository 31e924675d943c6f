import { type Rule, warning } from './finding.ts';

export const holdoutShare: Rule = ({ holdout }) =>
  holdout?.percent === 100
    ? [warning('/holdout/percent', 'holdout-everybody', 'keeps everybody out: nobody enters', { fix: 'write less' })]
    : [];
