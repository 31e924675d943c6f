import { jsonPointer } from '../../../kernel/json-pointer.ts';
import { parseRef } from '../../audiences/ref.ts';
import { predicatesOf, walkPredicate } from '../predicates-of.ts';
import { error, type Finding, type Rule, warning } from './finding.ts';

/**
 * A computed trait is what events say: a step cannot set it, and it is no day on which to enter. A score that decays is
 * another number at every instant, so it can be above or below something, and hardly ever equal to it.
 */
export const computedTraits: Rule = (journey, { computed }) => {
  if (computed === undefined || computed.size === 0) return [];
  const named = (ref: string) => {
    const parts = parseRef(ref);
    return parts?.root === 'profile' ? computed.get(parts.path[0]!) : undefined;
  };
  const findings: Finding[] = [];
  for (const [id, step] of Object.entries(journey.steps)) {
    if (step.type !== 'update') continue;
    const names = [
      ...[step.set, step.increment, step.append].flatMap((one) => Object.keys(one ?? {})),
      ...(step.unset ?? []),
    ];
    for (const name of names.filter((one) => computed.has(one))) {
      const fix = 'set a trait of another name';
      findings.push(error(jsonPointer(['steps', id]), 'computed-set', `"${name}" is a computed trait`, { fix }));
    }
  }
  for (const [i, entry] of journey.entry.entries()) {
    if (entry.on !== 'date' || named(entry.trait) === undefined) continue;
    const fix = 'wait for it with becomes-true, or wait until it';
    findings.push(
      error(`/entry/${i}/trait`, 'computed-date', `${entry.trait} is computed: nobody enters on it`, { fix }),
    );
  }
  for (const { predicate, pointer: at } of predicatesOf(journey)) {
    for (const { predicate: part, pointer } of walkPredicate(predicate, at)) {
      if (!('ref' in part) || !('is' in part || 'isNot' in part || 'in' in part || 'notIn' in part)) continue;
      const found = named(part.ref);
      const decays = found !== undefined && found.type === 'number' && 'asked' in found && found.asked.halfLifeMs;
      if (!decays || found.asked.function === 'average') continue;
      const detail = `${part.ref} decays all the time, and is hardly ever equal to anything`;
      findings.push(warning(pointer, 'computed-decays', detail, { fix: 'compare with >= or <' }));
    }
  }
  return findings;
};
