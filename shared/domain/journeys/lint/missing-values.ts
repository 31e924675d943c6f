import type { Predicate } from '../../audiences/predicate.ts';
import { predicatesOf, walkPredicate } from '../predicates-of.ts';
import { type Finding, type Rule, warning } from './finding.ts';

/**
 * `profile.plan != "pro"` is false for customers without a plan, and most people do not expect that. Whoever says in
 * the same group what happens when it is missing has thought of it.
 */
export const missingValues: Rule = (journey) =>
  predicatesOf(journey).flatMap(({ predicate, pointer: at }) =>
    [...walkPredicate(predicate, at)].flatMap(({ predicate: part, pointer, parent }): Finding[] => {
      if (!('ref' in part) || !('isNot' in part || 'notIn' in part) || asksExistence(parent, part.ref)) return [];
      const detail = `false for customers without ${part.ref}`;
      return [
        warning(pointer, 'missing-value', detail, {
          fix: `add: or ${part.ref} is missing (or: and ${part.ref} exists)`,
        }),
      ];
    }),
  );

function asksExistence(group: Predicate | undefined, ref: string): boolean {
  const parts = group === undefined ? [] : 'all' in group ? group.all : 'any' in group ? group.any : [];
  return parts.some((part) => 'ref' in part && part.ref === ref && 'exists' in part);
}
