import type { Problem } from '../../kernel/errors.ts';
import { parseRef } from '../audiences/ref.ts';
import { walkPredicate } from '../journeys/predicates-of.ts';
import { MAX_COMPUTED_TRAITS } from '../profiles/limits.ts';
import { isReservedTrait } from '../profiles/reserved-traits.ts';
import type { ComputedTrait, Declared } from './computed-trait.ts';
import { definitionsOf } from './presets.ts';

/** What keeps a computed trait from being saved, among the other ones. */
export function checkComputedTrait(document: ComputedTrait, others: readonly ComputedTrait[]): Problem[] {
  const problems = 'preset' in document ? [] : [...checkFunction(document), ...checkWhere(document)];
  if (problems.length > 0) return problems;
  const taken = new Map(others.flatMap(definitionsOf).map((one) => [one.id, one.document]));
  const own = definitionsOf(document);
  for (const { id } of own) {
    const by = taken.get(id);
    if (by !== undefined) {
      const fix = 'preset' in document ? 'give a prefix' : 'choose another id';
      problems.push(problem('/id', 'taken', `"${id}" is computed by ${by} already`, { fix }));
    }
    if (isReservedTrait(id)) {
      problems.push(problem('/id', 'reserved', `"${id}" is a reserved trait`, { fix: 'choose another id' }));
    }
  }
  const actual = taken.size + own.length;
  if (actual > MAX_COMPUTED_TRAITS) {
    const sizes = { limit: MAX_COMPUTED_TRAITS, actual };
    problems.push(problem('', 'too-many', 'more computed traits than an environment has', sizes));
  }
  return problems;
}

/** Functions of values, which a property or a part of the time names. */
const ofValues = ['unique', 'most-frequent', 'list'];
const ofNumbers = ['sum', 'average', 'min', 'max'];
const decaying = ['count', 'sum', 'average', 'most-frequent'];

function checkFunction({ function: what, of, within, decay, last, top }: Declared): Problem[] {
  const problems: Problem[] = [];
  const { property, part } = of;
  if (property !== undefined && part !== undefined) {
    problems.push(problem('/of/part', 'part', 'a property and a part of the time', { fix: 'leave one of them out' }));
  }
  if (part !== undefined && !ofValues.includes(what)) {
    problems.push(problem('/of/part', 'part', `${what} of a part of the time`, { limit: ofValues.join(', ') }));
  }
  if (property === undefined && (ofNumbers.includes(what) || (ofValues.includes(what) && part === undefined))) {
    problems.push(problem('/of', 'property', `${what} of what?`, { fix: 'name a property' }));
  }
  if (property !== undefined && what === 'count') {
    const fix = 'leave it out, or count those that have it with where';
    problems.push(problem('/of/property', 'property', 'count counts what happens, and no values', { fix }));
  }
  if (property !== undefined && 'message' in of && ofNumbers.includes(what)) {
    problems.push(problem('/of/property', 'property', `${of.property} of a message is no number`, {}));
  }
  if (decay !== undefined && !decaying.includes(what)) {
    problems.push(problem('/decay', 'decay', `${what} cannot decay`, { limit: decaying.join(', ') }));
  }
  if (decay !== undefined && within !== 'ever') {
    problems.push(problem('/decay', 'decay', 'decay and a window', { fix: 'write within: ever, or leave decay out' }));
  }
  if ((what === 'list') !== (last !== undefined)) {
    const fix = what === 'list' ? 'write last: 1 to 20' : 'leave last out';
    problems.push(problem('/last', 'last', 'last belongs to list, and list needs it', { fix }));
  }
  if (top !== undefined && what !== 'most-frequent') {
    problems.push(problem('/top', 'top', 'top belongs to most-frequent', { fix: 'leave it out' }));
  }
  return problems;
}

/** The filter asks the event alone: then a journal that is read again yields the same. */
function checkWhere({ of }: Declared): Problem[] {
  if (!('event' in of) || of.where === undefined) return [];
  const fix = 'compare event.*';
  return [...walkPredicate(of.where, '/of/where')].flatMap(({ predicate: part, pointer }): Problem[] => {
    if ('all' in part || 'any' in part || 'not' in part) return [];
    if (!('ref' in part)) {
      return [problem(pointer, 'where', `${Object.keys(part)[0]}: only the event itself can be asked`, { fix })];
    }
    const beside = Object.values(part).flatMap((value) => refIn(value) ?? []);
    return [part.ref, ...beside]
      .filter((ref) => parseRef(ref)?.root !== 'event')
      .map((ref) => problem(`${pointer}/ref`, 'where', `${ref}: only the event itself can be asked`, { fix }));
  });
}

function refIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('ref' in value)) return undefined;
  return String((value as { readonly ref: unknown }).ref);
}

const problem = (pointer: string, code: string, detail: string, more: Partial<Problem>): Problem => ({
  pointer,
  code: `computed-trait.${code}`,
  detail,
  ...more,
});
