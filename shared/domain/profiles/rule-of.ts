import type { NamedKind } from '../../kernel/ids.ts';
import type { IdentityRule, IdentityRules } from './identity-rules.ts';

export const ruleOf = (rules: IdentityRules | undefined, kind: NamedKind): IdentityRule | undefined =>
  rules !== undefined && Object.hasOwn(rules, kind) ? rules[kind] : undefined;
