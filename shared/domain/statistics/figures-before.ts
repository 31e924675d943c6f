import type { Statistics } from './statistics.ts';

/** As far as scores go: the figures before these. */
export function figuresBefore({ traits, ...rest }: Statistics): Statistics {
  const then = Object.entries(traits).flatMap(([name, { before, ...one }]) =>
    before === undefined ? [] : [[name, { ...one, quintiles: before }]],
  );
  return { ...rest, traits: Object.fromEntries(then) };
}
