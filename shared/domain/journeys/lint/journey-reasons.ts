import { predicatesOf, walkPredicate } from '../predicates-of.ts';
import { error, type Finding, type Rule } from './finding.ts';

export const journeyReasons: Rule = (journey) =>
  predicatesOf(journey).flatMap(({ predicate, pointer: at }) =>
    [...walkPredicate(predicate, at)].flatMap(({ predicate: part, pointer }): Finding[] => {
      if (!('journey' in part) || part.reason === undefined || part.is === 'exited') return [];
      const detail = `only who exited has a reason, not who is ${part.is}`;
      return [error(`${pointer}/reason`, 'predicate-reason', detail, { fix: "remove it, or write is: 'exited'" })];
    }),
  );
