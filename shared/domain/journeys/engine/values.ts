import type { Json } from '../../../kernel/canonical-json.ts';
import { visibleTraits } from '../../computed-traits/visible-traits.ts';
import { isFailure, renderLiquid } from '../../messaging/render/liquid.ts';
import type { Turn } from '../../turn.ts';
import type { Value, Values } from '../value.ts';
import { resolveRef } from './facts.ts';
import { localeOf, type Scope, zoneOf } from './scope.ts';

/** The value that a step names; undefined when a ref leads nowhere or a template fails (the reason is recorded). */
export function resolveValue(turn: Turn, value: Value, scope: Scope): Json | undefined {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((one) => resolveValue(turn, one, scope) ?? null);
  if ('ref' in value) return resolveRef(turn, value.ref, scope);
  const text = renderLiquid(value.liquid, 'none', liquidScope(turn, scope), {
    now: turn.now,
    zone: zoneOf(turn, scope.journey),
    locale: localeOf(turn),
  });
  if (!isFailure(text)) return text;
  turn.because({
    code: text.code,
    ...(scope.journey && { journey: scope.journey.id }),
    saw: { line: text.line, column: text.column },
  });
  return undefined;
}

/** Each named value; what has none is null. */
export function resolveValues(turn: Turn, values: Values, scope: Scope): { readonly [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, resolveValue(turn, value, scope) ?? null]),
  );
}

function liquidScope(turn: Turn, scope: Scope) {
  const at = { now: turn.now, zone: zoneOf(turn, scope.journey) };
  return {
    profile: visibleTraits(turn.profile, turn.catalog.computed, at),
    entry: scope.entry,
    event: scope.event?.data ?? {},
    steps: scope.fields,
  };
}
