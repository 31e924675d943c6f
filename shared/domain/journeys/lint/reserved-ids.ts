import { END } from '../ports.ts';
import { error, type Rule } from './finding.ts';

/** 'end' is where a run ends; a step of that name could never be reached. */
export const reservedIds: Rule = ({ id, steps }) => {
  const fix = { fix: 'choose another id' };
  return [
    ...(id === END ? [error('/id', 'id-reserved', `"${END}" is reserved`, fix)] : []),
    ...(Object.hasOwn(steps, END) ? [error(`/steps/${END}`, 'id-reserved', `"${END}" is reserved`, fix)] : []),
  ];
};
