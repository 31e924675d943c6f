import type { Json } from '../../../kernel/canonical-json.ts';
import { dig } from '../../../kernel/dig.ts';
import { noOccurrences } from '../../audiences/did-clauses.ts';
import { evaluatePredicate } from '../../audiences/evaluate-predicate.ts';
import { membershipIn } from '../../audiences/evaluate-segment.ts';
import type { Facts } from '../../audiences/facts.ts';
import { lasting, missing } from '../../audiences/found.ts';
import type { Predicate } from '../../audiences/predicate.ts';
import { parseRef } from '../../audiences/ref.ts';
import type { Segment } from '../../audiences/segment.ts';
import type { ComputedTraits } from '../../computed-traits/computed-traits.ts';
import { visibleTraits } from '../../computed-traits/visible-traits.ts';
import type { MessageRequest } from '../../decision.ts';
import { historyIn } from '../../profiles/journey-history.ts';
import { memberSince } from '../../profiles/memberships.ts';
import type { Profile } from '../../profiles/profile.ts';
import { traitValue } from '../../profiles/set-traits.ts';
import { consentKey } from '../consent.ts';
import { geofenceIn } from '../geofence-in.ts';
import type { Policy } from '../policy.ts';
import { renderedContent } from '../rendered-content.ts';
import type { Template, TemplateVariant } from '../template.ts';
import { refOf, type VariableUse, variablesOf } from './variables.ts';
import { chooseVariant, normaliseLocale } from './variant.ts';

/** What of a template a customer gets, and whether all that it needs is there: for whoever sends, and for a simulation. */
export interface Recipient {
  readonly profile: Profile;
  /** What the message carries. */
  readonly values: MessageRequest['values'];
  readonly policy: Pick<Policy, 'locale' | 'geofences'>;
  /** Absent: none is known, and nobody belongs to any. */
  readonly segments?: ReadonlyMap<string, Segment>;
  /** Absent: there are none. */
  readonly computed?: ComputedTraits;
  readonly now: number;
  /** The customer's, else the journey's, else the environment's. */
  readonly zone: string;
}

type Scope = { readonly [root: string]: Json };

/** What a template sees: `profile.<trait>` beside the values that the message carries. */
export function scopeOf({ profile, values, computed, now, zone }: Recipient): Scope {
  return {
    entry: {},
    event: {},
    steps: {},
    vars: {},
    ...values,
    profile: visibleTraits(profile, computed, { now, zone }),
  };
}

/** By the customer's locale, and by each variant's `if` over the profile and the values that the message carries. */
export function variantFor(
  recipient: Recipient,
  template: Template,
  channel: MessageRequest['channel'],
): TemplateVariant | undefined {
  const { profile, policy } = recipient;
  let facts: Facts | undefined;
  const holds = (predicate: Predicate) => {
    facts ??= factsOf(recipient);
    return evaluatePredicate(predicate, facts).value;
  };
  const locales = { customer: normaliseLocale(traitValue(profile, 'locale')), environment: policy.locale };
  return chooseVariant(template, channel, locales, holds);
}

function factsOf(recipient: Recipient): Facts {
  const { profile, policy, segments, now, zone } = recipient;
  let scope: Scope | undefined;
  const facts: Facts = {
    now,
    zone,
    lookup: (ref) => {
      const parts = parseRef(ref);
      scope ??= scopeOf(recipient);
      return parts === undefined ? missing : lasting(dig(scope, [parts.root, ...parts.path]));
    },
    occurrences: ({ id }) =>
      Object.hasOwn(profile.seen, id) ? profile.seen[id] : noOccurrences(profile.createdAt || now),
    journey: (id) => historyIn(profile, id),
    geofence: (id) => geofenceIn(policy, id),
    memberSince: (id) => memberSince(profile, id),
    segment: membershipIn(segments, () => facts),
    consent: (of, topic) => profile.consents[consentKey(of, topic)]?.state ?? 'none',
  };
  return facts;
}

/** Parsing a template's parts costs more than all else; a variant is the same object as long as its template lives. */
const usesOf = new WeakMap<TemplateVariant, readonly VariableUse[]>();

export function usesIn(variant: TemplateVariant): readonly VariableUse[] {
  let found = usesOf.get(variant);
  if (found === undefined) {
    found = variablesOf(renderedContent(variant));
    usesOf.set(variant, found);
  }
  return found;
}

/** Whether some part of it reads this word or variable. */
export const uses = (variant: TemplateVariant, root: string): boolean =>
  usesIn(variant).some((use) => use.root === root);

export const requiredBy = ({ variables }: Template): string[] =>
  Object.keys(variables).filter((ref) => variables[ref]!.required === true);

/** The first required variable that this variant reads and nobody has given. */
export function missingVariable(template: Template, variant: TemplateVariant, scope: Scope): string | undefined {
  const required = requiredBy(template);
  if (required.length === 0) return undefined;
  for (const use of usesIn(variant)) {
    const ref = refOf(use);
    if (ref === undefined || !required.includes(ref)) continue;
    const value = dig(scope, [use.root, ...use.path]);
    if (value === undefined || value === null || value === '') return ref;
  }
  return undefined;
}
