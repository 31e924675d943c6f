/** What a team's own tests import: what would happen (`simulate`), and whether it can ever go wrong (`verify`). */
export type { Documents } from './documents.ts';
export type { JourneyFigures } from './figures.ts';
export { type SimulationInput, type SimulationResult, simulate } from './simulate.ts';
export type { Trace } from './trace.ts';
export { endsWithin, maxMessagesPer, never, nothingAfterWithdrawal, type Rule, rule } from './verify/rules.ts';
export { type CounterExample, type Verdict, type VerifyOptions, verify } from './verify/verify.ts';
