import { canonicalJson } from '../../kernel/canonical-json.ts';
import { FINISHED, type JourneyHistory } from '../profiles/journey-history.ts';
import type { Occurrences } from './did-clauses.ts';
import { evaluatePredicate } from './evaluate-predicate.ts';
import type { Facts } from './facts.ts';
import { nobody, refersTo, regionsOf, someValueFits } from './fitting-values.ts';
import type { Comparison, Did, HasConsent, InJourney, Predicate } from './predicate.ts';

/**
 * Whether there can be a customer, an event and an instant of which all of these predicates are true and none of those.
 *
 * 1. "No" is certain: no facts make it so. "Yes" is a guess: what cannot be decided here counts as possible.
 * 2. A tableau: `all`, `any` and `not` are taken apart into sets of single statements; a set is possible when what it
 *    says of each subject (a ref, a count, a consent, a journey) is true of at least one candidate. The evaluator
 *    itself is asked, so that the two cannot drift apart. Subjects are taken to be independent of each other.
 */
export function canHold(all: readonly Predicate[], none: readonly Predicate[] = []): boolean {
  const open = [
    ...all.map((predicate) => ({ predicate, holds: true })),
    ...none.map((predicate) => ({ predicate, holds: false })),
  ];
  return search(open, [], { left: MAX_STEPS });
}

/** Beyond so many, everything is possible. */
const MAX_STEPS = 1_000;

interface Statement<P = Predicate> {
  readonly predicate: P;
  readonly holds: boolean;
}

function search(open: readonly Statement[], found: readonly Statement[], budget: { left: number }): boolean {
  const rest = [...open];
  const single = [...found];
  const either: Statement[][] = [];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    budget.left -= 1;
    if (budget.left < 0) return true;
    const { predicate, holds } = next;
    if ('not' in predicate) rest.push({ predicate: predicate.not, holds: !holds });
    else if ('all' in predicate || 'any' in predicate) {
      const isAll = 'all' in predicate;
      const parts = (isAll ? predicate.all : predicate.any).map((part) => ({ predicate: part, holds }));
      if (isAll === holds) rest.push(...parts);
      else either.push(parts);
    } else single.push(next);
  }
  if (!agree(single)) return false;
  const [parts, ...others] = either;
  if (parts === undefined) return true;
  const later = others.map((group): Statement => {
    const [{ holds } = { holds: true }] = group;
    const predicates = group.map(({ predicate }) => predicate);
    return { predicate: holds ? { any: predicates } : { all: predicates }, holds };
  });
  return parts.some((part) => search([part, ...later], single, budget));
}

function agree(statements: readonly Statement[]): boolean {
  const groups = Map.groupBy(statements, ({ predicate }) => subjectOf(predicate));
  return [...groups.values()].every((group) => {
    const [{ predicate }] = group as [Statement];
    if ('ref' in predicate) return someValueFits(group as Statement<Comparison>[]);
    if ('did' in predicate) return someCountFits(group as Statement<Did>[]);
    if ('consent' in predicate) return someStateFits(group as Statement<HasConsent>[]);
    if ('journey' in predicate) return someHistoryFits(group as Statement<InJourney>[]);
    // The same words say the same.
    return new Set(group.map(({ holds }) => holds)).size === 1;
  });
}

function subjectOf(predicate: Predicate): string {
  if ('ref' in predicate) return `ref ${predicate.ref}`;
  if ('consent' in predicate) return `consent ${canonicalJson({ ...predicate.consent })}`;
  if ('journey' in predicate) return `journey ${predicate.journey}`;
  if (!('did' in predicate)) return canonicalJson(predicate as never);
  const { did, where, within, sum } = predicate;
  return `did ${canonicalJson({ did, where, within, of: sum?.of } as never)}`;
}

const fits = (statements: readonly Statement[], facts: Partial<Facts>): boolean =>
  statements.every(({ predicate, holds }) => evaluatePredicate(predicate, { ...nobody, ...facts }).value === holds);

function someCountFits(group: readonly Statement<Did>[]): boolean {
  // What a sum is compared with may be anybody's: such a statement tells nothing.
  const statements = group.filter(({ predicate: { sum } }) => sum === undefined || !refersTo(sum));
  const [first] = statements;
  if (first === undefined) return true;
  const { where } = first.predicate;
  const named = statements.flatMap(({ predicate: { times } }) => (times === undefined ? [1] : Object.values(times)));
  const counts = where !== undefined && !canHold([where]) ? [0] : [0, ...named.flatMap((n) => [n - 1, n, n + 1])];
  const sums = regionsOf(statements.flatMap(({ predicate: { sum } }) => sum ?? []));
  const seen = (count: number, sum: number): Occurrences => {
    const times = count > 0 ? [{ at: 0, count, sum }] : [];
    return { times, total: Math.max(0, count), sum, since: 0 };
  };
  return (
    fits(statements, { occurrences: () => undefined }) ||
    counts.some((count) =>
      (count > 0 ? sums : [0]).some((sum) => fits(statements, { occurrences: () => seen(count, sum) })),
    )
  );
}

const states = ['granted', 'pending', 'withdrawn', 'none'] as const;
const someStateFits = (statements: readonly Statement<HasConsent>[]): boolean =>
  states.some((state) => fits(statements, { consent: () => state }));

/** Runs of different re-entry keys may have ended in all these ways, and another one be under way. */
function someHistoryFits(statements: readonly Statement<InJourney>[]): boolean {
  const reasons = [...new Set(statements.flatMap(({ predicate: { reason } }) => reason ?? [])), FINISHED, ''];
  if (reasons.length > 8) return true;
  const subsets = Array.from({ length: 2 ** reasons.length }, (_, bits) => reasons.filter((_, i) => bits & (1 << i)));
  const histories: JourneyHistory[] = [
    { inside: false, everEntered: false, ends: [] },
    ...subsets.flatMap((ends) => [true, false].map((inside) => ({ inside, everEntered: true, ends }))),
  ];
  return histories.some((history) => fits(statements, { journey: () => history }));
}
