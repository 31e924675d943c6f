import type { Journey } from './journey.ts';

const DEFAULT_PRIORITY = 50;

/** Who goes first where a cap leaves room for one: the higher number. */
export const priorityOf = (journey: Pick<Journey, 'priority'> | undefined): number =>
  journey?.priority ?? DEFAULT_PRIORITY;
