import { noOccurrences } from '../domain/audiences/did-clauses.ts';
import { evaluatePredicate } from '../domain/audiences/evaluate-predicate.ts';
import { parseRef } from '../domain/audiences/ref.ts';
import type { CompiledCatalog } from '../domain/compiled-catalog.ts';
import type { MessageRequest } from '../domain/decision.ts';
import { consentKey } from '../domain/messaging/consent.ts';
import { refOf, type VariableUse, variablesOf } from '../domain/messaging/render/variables.ts';
import { chooseVariant, normaliseLocale } from '../domain/messaging/render/variant.ts';
import type { Template, TemplateVariant } from '../domain/messaging/template.ts';
import { historyIn } from '../domain/profiles/journey-history.ts';
import type { Profile } from '../domain/profiles/profile.ts';
import { traitValue } from '../domain/profiles/set-traits.ts';
import type { Json } from '../kernel/canonical-json.ts';

/**
 * Why a message could not be handed over although it was decided; undefined when it could. A simulation hands over in the
 * instant of the decision, so what `send` checks a second time has not changed; what only the template can tell has not
 * been looked at before: whether it has a variant for this customer, and whether what that needs is there.
 */
export function whyNotMade(
  request: MessageRequest,
  profile: Profile,
  catalog: CompiledCatalog,
  now: number,
  zone: string,
): string | undefined {
  if (request.template === undefined) return undefined;
  const template = catalog.templates.get(request.template.id)?.document;
  if (template === undefined) return 'template.missing';
  const scope = scopeOf(profile, request.values);
  const facts = {
    now,
    zone,
    lookup: (ref: string) => {
      const parts = parseRef(ref);
      return parts === undefined ? undefined : dig(scope, [parts.root, ...parts.path]);
    },
    occurrences: ({ id }: { readonly id: string }) =>
      Object.hasOwn(profile.seen, id) ? profile.seen[id] : noOccurrences(profile.createdAt || now),
    journey: (id: string) => historyIn(profile, id),
    consent: (channel: MessageRequest['channel'], topic: string) =>
      profile.consents[consentKey(channel, topic)]?.state ?? 'none',
  } as const;
  const locales = { customer: normaliseLocale(traitValue(profile, 'locale')), environment: catalog.policy.locale };
  const holds = (predicate: Parameters<typeof evaluatePredicate>[0]) => evaluatePredicate(predicate, facts).value;
  const variant = chooseVariant(template, request.channel, locales, holds);
  if (variant === undefined) return 'template.no-variant';
  return isMissing(template, variant, scope) ? 'template.variable-missing' : undefined;
}

const usesOf = new WeakMap<TemplateVariant, readonly VariableUse[]>();

function isMissing(template: Template, variant: TemplateVariant, scope: Json): boolean {
  const required = Object.keys(template.variables).filter((ref) => template.variables[ref]!.required === true);
  if (required.length === 0) return false;
  let uses = usesOf.get(variant);
  if (uses === undefined) {
    uses = variablesOf(variant.content).filter((use) => required.includes(refOf(use) ?? ''));
    usesOf.set(variant, uses);
  }
  return uses.some(({ root, path }) => {
    const value = dig(scope, [root, ...path]);
    return value === undefined || value === null || value === '';
  });
}

function scopeOf(profile: Profile, values: MessageRequest['values']): Json {
  const traits = Object.entries(profile.traits).map(([name, trait]) => [name, trait.value]);
  return { entry: {}, event: {}, steps: {}, vars: {}, ...values, profile: Object.fromEntries(traits) };
}

function dig(value: Json | undefined, path: readonly string[]): Json | undefined {
  let node = value;
  for (const name of path) {
    if (node === null || typeof node !== 'object' || !Object.hasOwn(node, name)) return undefined;
    node = (node as { readonly [name: string]: Json })[name];
  }
  return node;
}
