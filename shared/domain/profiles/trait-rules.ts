import { canonicalJson, type Json } from '../../kernel/canonical-json.ts';
import { dig } from '../../kernel/dig.ts';
import { type Cleaned, type CleaningRule, cleanValue } from './clean-value.ts';
import { compilePattern } from './pattern.ts';
import { countryOf, isRecord } from './reserved-traits.ts';
import type { TraitSchema } from './trait-schema.ts';

/** What schemas say of one trait: of its value, and of parts of it. */
export interface TraitRule {
  readonly whole?: CleaningRule;
  readonly parts: readonly { readonly path: readonly string[]; readonly rule: CleaningRule }[];
  /** Which numbers are flagged when they lie so many standard deviations from the mean; no path: the value itself. */
  readonly outliers: readonly { readonly path: readonly string[]; readonly limit: number }[];
}

export type TraitRules = ReadonlyMap<string, TraitRule>;

export function compileTraitRules(schemas: { readonly [name: string]: TraitSchema } = {}): TraitRules {
  const rules = new Map<string, TraitRule>();
  // Countries before regions, which are read by the country beside them.
  const inOrder = Object.entries(schemas).sort(
    ([, a], [, b]) => Number(a.type === 'region') - Number(b.type === 'region'),
  );
  for (const [name, schema] of inOrder) {
    const [trait, ...path] = name.split('.') as [string, ...string[]];
    const before = rules.get(trait) ?? { parts: [], outliers: [] };
    const rule = compileRule(schema);
    rules.set(trait, {
      ...before,
      ...(path.length === 0 ? { whole: rule } : { parts: [...before.parts, { path, rule }] }),
      ...(schema.outlier !== undefined && { outliers: [...before.outliers, { path, limit: schema.outlier.z }] }),
    });
  }
  return rules;
}

function compileRule(schema: TraitSchema): CleaningRule {
  const pattern = schema.pattern === undefined ? undefined : compilePattern(schema.pattern);
  return {
    schema,
    ...(pattern !== undefined && { pattern }),
    ...(schema.enum !== undefined && { allowed: new Set(schema.enum.map((one) => canonicalJson(one))) }),
  };
}

/**
 * A trait's value by its schemas. A part that is bad makes the whole value bad: a trait has one time, and half of an
 * address is none. A part that is not there is nobody's fault.
 *
 * @param country alpha-2; of what has a country of its own beside it, that one is meant.
 */
export function cleanTrait({ whole, parts }: TraitRule, value: Json, country: string | undefined): Cleaned {
  let cleaned: Cleaned = whole === undefined ? { value } : cleanValue(whole, value, country);
  for (const { path, rule } of parts) {
    if ('why' in cleaned) return cleaned;
    const { value: before } = cleaned;
    const part = dig(before, path);
    if (part === undefined || part === null) continue;
    const found = cleanValue(rule, part, countryOf(before) ?? country);
    cleaned =
      'why' in found ? { why: { ...found.why, part: path.join('.') } } : { value: withPart(before, path, found.value) };
  }
  return cleaned;
}

function withPart(value: Json, [name, ...rest]: readonly string[], part: Json): Json {
  if (name === undefined || !isRecord(value)) return part;
  return { ...value, [name]: withPart(value[name]!, rest, part) };
}
