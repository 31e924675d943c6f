import * as z from 'zod';
import { oneOf } from '../../../kernel/one-of.ts';
import { Id, type IssueParams } from '../../../kernel/schema.ts';
import { Next } from '../journey.ts';

/** What becomes of who stands at a step of an older version when a plan is applied. */
export const Choice = oneOf([
  z.literal('stay'),
  z.strictObject({ to: Next }),
  z.strictObject({ leave: Id.describe('the reason') }),
]).meta({ id: 'PlanChoice', description: 'stay on the version; go to a step of the new one, or to its end; leave' });
export type Choice = z.infer<typeof Choice>;

const Choices = z.record(Id, Choice);
const MAX_MOVES_BYTES = 32_768;

/**
 * One rule for every step of every older version, so that nobody is missed by what a counter does not know. The most
 * special word wins: a version's own, then `steps`, then `default`.
 */
export const Moves = z
  .strictObject({
    default: z
      .enum(['stay', 'same-step'])
      .exactOptional()
      .describe("for steps that are not named; 'same-step': to the step of the same id, where the new version has one"),
    steps: Choices.exactOptional().describe('by step, of whatever older version'),
    versions: z
      .record(z.string().regex(/^[1-9]\d{0,8}$/, 'the number of a version'), Choices)
      .exactOptional()
      .describe('by older version and step'),
  })
  .check((payload) => {
    const actual = Buffer.byteLength(JSON.stringify(payload.value));
    if (actual <= MAX_MOVES_BYTES) return;
    const params: IssueParams = { code: 'moves-too-large', limit: MAX_MOVES_BYTES, actual };
    payload.issues.push({ code: 'custom', message: 'moves too large', input: payload.value, params: { ...params } });
  })
  .meta({ id: 'PlanMoves' });
export type Moves = z.infer<typeof Moves>;

/** A publish plan as decisions know it: applied when `version` went live, to whoever is inside an older one. */
export interface AppliedPlan {
  readonly id: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly moves: Moves;
}

/** Whether anybody at all can be moved by it, or made to leave. */
export const movesAnybody = ({ default: others, steps = {}, versions = {} }: Moves): boolean =>
  others === 'same-step' ||
  [steps, ...Object.values(versions)].some((choices) => Object.values(choices).some((choice) => choice !== 'stay'));
