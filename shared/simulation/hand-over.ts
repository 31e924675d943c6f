import type { CompiledCatalog } from '../domain/compiled-catalog.ts';
import type { MessageRequest } from '../domain/decision.ts';
import { missingKey, wantedOf } from '../domain/messaging/render/look-ups.ts';
import { missingVariable, requiredBy, scopeOf, variantFor } from '../domain/messaging/render/made-for.ts';
import type { Profile } from '../domain/profiles/profile.ts';

/**
 * Why a message could not be handed over although it was decided; undefined when it could. A simulation hands over in the
 * instant of the decision, so what `send` checks a second time has not changed; what only the template can tell has not
 * been looked at before: whether it has a variant for this customer, and whether what that needs is there.
 */
export function whyNotMade(
  { template: named, channel, values }: MessageRequest,
  profile: Profile,
  { templates, segments, computed, policy }: CompiledCatalog,
  now: number,
  zone: string,
): string | undefined {
  if (named === undefined) return undefined;
  const template = templates.get(named.id)?.document;
  if (template === undefined) return 'template.missing';
  const recipient = { profile, values, policy, segments, computed, now, zone };
  const variant = variantFor(recipient, template, channel);
  if (variant === undefined) return 'template.no-variant';
  if (template.lookups === undefined && requiredBy(template).length === 0) return undefined;
  const scope = scopeOf(recipient);
  // Items of collections are taken to be there: what they will be, nobody knows now. Whether the message names one is known.
  if (missingKey(wantedOf(template, variant, scope)) !== undefined) return 'lookup.missing';
  return missingVariable(template, variant, scope) === undefined ? undefined : 'template.variable-missing';
}
