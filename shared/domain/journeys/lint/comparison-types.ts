import { jsonType } from '../../../kernel/json-type.ts';
import { parseCalendarDay, parseClientInstant } from '../../../kernel/time.ts';
import type { Op } from '../../audiences/predicate.ts';
import { parseRef } from '../../audiences/ref.ts';
import type { Journey, PropertyType } from '../journey.ts';
import { predicatesOf, walkPredicate } from '../predicates-of.ts';
import { type Finding, type LintCatalog, type Rule, warning } from './finding.ts';

/** Comparisons that can hardly ever be true: types mixed in a list, texts that are ordered and are no instants, another type than the property was declared with. */
export const comparisonTypes: Rule = (journey, { computed }) =>
  predicatesOf(journey).flatMap(({ predicate, pointer: at }) =>
    [...walkPredicate(predicate, at)].flatMap(({ predicate: part, pointer }): Finding[] => {
      if ('did' in part) return part.sum === undefined ? [] : checkOp(part.sum, `${pointer}/sum`, 'number');
      return 'ref' in part
        ? checkOp(part, pointer, computedType(computed, part.ref) ?? declaredType(journey, part.ref))
        : [];
    }),
  );

function checkOp(op: Op, pointer: string, declared: PropertyType | undefined): Finding[] {
  const operands = operandsOf(op);
  const types = [...new Set(operands.map(jsonType))].filter((type) => type !== 'null');
  const fix = { fix: 'compare with values of one type' };
  if (types.length > 1) return [warning(pointer, 'types-mixed', `compares with ${types.join(' and ')}`, fix)];
  if ('gt' in op || 'gte' in op || 'lt' in op || 'lte' in op || 'between' in op) {
    const text = operands.find((value) => typeof value === 'string' && !isInstant(value));
    if (text !== undefined) {
      const detail = 'texts have no order unless they are instants: this is always false';
      return [
        warning(pointer, 'comparison-unordered', detail, { fix: 'write a number, or an instant such as 2026-10-30' }),
      ];
    }
  }
  const wanted = declared === 'instant' ? 'string' : declared;
  if (declared === undefined || types.length === 0 || types[0] === wanted) return [];
  // A number may be looked for in a list.
  if (wanted === 'list' && 'contains' in op) return [];
  return [
    warning(pointer, 'types-mixed', `compares a ${declared} with a ${types[0]}: this is always false`, {
      limit: declared,
      actual: types[0]!,
    }),
  ];
}

function operandsOf(op: Op): unknown[] {
  if ('is' in op) return isRef(op.is) ? [] : [op.is];
  if ('isNot' in op) return isRef(op.isNot) ? [] : [op.isNot];
  if ('in' in op) return Array.isArray(op.in) ? op.in : [];
  if ('notIn' in op) return op.notIn;
  if ('gt' in op) return [op.gt];
  if ('gte' in op) return [op.gte];
  if ('lt' in op) return [op.lt];
  if ('lte' in op) return [op.lte];
  if ('between' in op) return op.between;
  if ('contains' in op) return [op.contains];
  if ('startsWith' in op) return [op.startsWith];
  return 'endsWith' in op ? [op.endsWith] : [];
}

const isRef = (value: unknown): boolean => typeof value === 'object' && value !== null;
const isInstant = (text: string): boolean =>
  parseCalendarDay(text) !== undefined || parseClientInstant(text) !== undefined;

/** Of `profile.<computed trait>`; undefined when it is whatever the event carried. */
function computedType(computed: LintCatalog['computed'], ref: string): PropertyType | undefined {
  const parts = parseRef(ref);
  if (parts?.root !== 'profile' || parts.path.length !== 1) return undefined;
  const type = computed?.get(parts.path[0]!)?.type;
  return type === 'any' ? undefined : type;
}

/** Of `entry.<property>`, when every entry is through the API and declares it alike. */
function declaredType(journey: Journey, ref: string): PropertyType | undefined {
  const parsed = parseRef(ref);
  if (parsed?.root !== 'entry' || parsed.path.length !== 1) return undefined;
  const types = new Set(
    journey.entry.map((entry) => (entry.on === 'api' ? entry.properties?.[parsed.path[0]!]?.type : undefined)),
  );
  return types.size === 1 ? [...types][0] : undefined;
}
