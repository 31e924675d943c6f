import type { Predicate } from './predicate.ts';
import type { Segment } from './segment.ts';

/** Absent of a list. */
export const whereOf = (segment: Segment): Predicate | undefined => ('where' in segment ? segment.where : undefined);

export const isList = (segment: Segment): boolean => 'list' in segment;

/** Entering and leaving it is noticed, so that journeys can enter on it, and since when somebody belongs to it is known. */
export const isKept = (segment: Segment): boolean => 'list' in segment || segment.live === true;
