import type * as z from 'zod';
import type { Journey } from '../shared/domain/journeys/journey.ts';

type JourneyInput = z.input<typeof Journey>;
type StepInput = JourneyInput['steps'][string];
type ExitRuleInput = NonNullable<JourneyInput['exitWhen']>[number];

/**
 * The same shape, in which whatever leads to a step takes `To` and whatever names one takes `Id`. A webhook's
 * `timeout` is a duration, a wait-for's and a task's lead somewhere.
 */
type Leading<Shape, Id extends string, To extends string> = Shape extends unknown
  ? {
      [K in keyof Shape]: K extends 'next' | 'skipped' | 'failed' | 'else'
        ? To
        : K extends 'timeout'
          ? Shape extends { type: 'wait-for' | 'task' }
            ? To
            : Shape[K]
          : K extends 'step'
            ? Id
            : K extends 'any' | 'cases' | 'arms'
              ? Shape[K] extends readonly (infer Element)[]
                ? Leading<Element, Id, To>[]
                : Shape[K]
              : K extends 'outcomes'
                ? { [outcome: string]: To }
                : Shape[K];
    }
  : never;

type JourneyOf<Id extends string> = Omit<JourneyInput, 'start' | 'steps' | 'exitWhen'> & {
  start: NoInfer<Id>;
  steps: { [K in Id]: Leading<StepInput, NoInfer<Id>, NoInfer<Id> | 'end'> };
  exitWhen?: Leading<ExitRuleInput, NoInfer<Id>, never>[];
};

/**
 * A journey as TypeScript: a `next` that leads to no step does not compile, and neither does a message trigger of a
 * step that is not there. It returns what it is given; `godwit lint` says the rest.
 */
export const defineJourney = <const Id extends string>(journey: JourneyOf<Id>): JourneyInput =>
  journey as unknown as JourneyInput;
