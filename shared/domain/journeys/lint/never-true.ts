import { canHold } from '../../audiences/can-hold.ts';
import type { Predicate } from '../../audiences/predicate.ts';
import { printPredicate } from '../../audiences/print-predicate.ts';
import type { BranchStep, Journey } from '../journey.ts';
import { predicatesOf, walkPredicate } from '../predicates-of.ts';
import { comparisonTypes } from './comparison-types.ts';
import { duplicates } from './duplicates.ts';
import { type Finding, type Rule, warning } from './finding.ts';

/**
 * Conditions of which no customer can make anything: a part that contradicts itself (the smallest one is named), a case
 * that an earlier one always takes, an entry that the journey's own `where` never lets in. All that is said is certain.
 */
export const neverTrue: Rule = (journey, catalog) => {
  const found = [
    ...predicatesOf(journey).flatMap(({ predicate, pointer }) => contradictions(predicate, pointer)),
    ...Object.entries(journey.steps).flatMap(([id, step]) => (step.type === 'branch' ? casesNeverTaken(id, step) : [])),
    ...entriesNeverUsed(journey),
  ];
  if (found.length === 0) return [];
  // These say the same with a better reason.
  const said = [...comparisonTypes(journey, catalog), ...duplicates(journey, catalog)];
  return found.filter(({ pointer: at }) => !said.some(({ pointer }) => `${pointer}/`.startsWith(`${at}/`)));
};

function contradictions(predicate: Predicate, at: string): Finding[] {
  const impossible = [...walkPredicate(predicate, at)].filter(({ predicate: part }) => !canHold([part]));
  return impossible
    .filter(({ pointer }) => !impossible.some((other) => other.pointer.startsWith(`${pointer}/`)))
    .map(({ predicate: part, pointer }) => {
      const detail = `can never be true: ${shortened(printPredicate(part))}`;
      return warning(pointer, 'never-true', detail, { fix: 'change what contradicts itself, or remove it' });
    });
}

function casesNeverTaken(id: string, { cases }: BranchStep): Finding[] {
  return cases.flatMap((one, i): Finding[] => {
    const earlier = cases.slice(0, i).map((other) => other.if);
    if (!canHold([one.if]) || canHold([one.if], earlier)) return [];
    const taken = earlier.findIndex((other) => !canHold([one.if], [other]));
    const by = taken < 0 ? 'the cases before it' : `case ${taken}`;
    const detail = `whoever this is true of is taken by ${by}: nobody comes here`;
    return [warning(`/steps/${id}/cases/${i}/if`, 'case-never-taken', detail, { fix: 'put the narrower case first' })];
  });
}

function entriesNeverUsed({ entry, where }: Journey): Finding[] {
  if (where === undefined) return [];
  return entry.flatMap((one, i): Finding[] => {
    if (one.on !== 'event' || one.where === undefined) return [];
    if (!canHold([one.where]) || !canHold([where]) || canHold([one.where, where])) return [];
    const detail = 'contradicts the where of the journey: nobody enters by it';
    return [warning(`/entry/${i}/where`, 'entry-never-used', detail, { fix: 'change one of them' })];
  });
}

const shortened = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 200)}…`);
