import type { NamedIdentity } from '../../domain/mail-record.ts';
import type { Policy } from '../../domain/messaging/policy.ts';
import type { IdentityRule } from '../../domain/profiles/identity-rules.ts';
import { ruleOf } from '../../domain/profiles/rule-of.ts';
import { InvalidInput } from '../../kernel/errors.ts';
import type { NamedKind, ProfileKey } from '../../kernel/ids.ts';
import { readPolicy } from '../catalog/live-documents.ts';
import type { CatalogStore } from '../catalog/ports.ts';
import type { ProfileStore } from '../ports.ts';
import { findProfile, keyOfIdentity } from './find-profile.ts';

export interface Addressee {
  readonly key: ProfileKey;
  /** What the profile is told of how it was named; absent where that is nothing new to it. */
  readonly identity?: NamedIdentity;
}

/**
 * Whose mailbox a command for one profile belongs into. By user id, anonymous id and kinds that merge: the identity's own,
 * whether or not anything is known of it. By a kind that never merges: that of the one profile that has it; NotFound and
 * Conflict are said at once, and not in a journal that nobody would look into.
 */
export async function addresseeOf(
  identity: NamedIdentity,
  ports: { readonly catalog: CatalogStore; readonly profiles: Pick<ProfileStore, 'read'> },
): Promise<Addressee> {
  const key = keyOfIdentity(identity);
  if (!('kind' in identity)) return { key, identity };
  const rule = await requireTracked(identity.kind, ports.catalog);
  if (rule.merge !== 'never') return { key, identity };
  return { key: (await findProfile(ports.profiles, key)).key };
}

/** The policy's rule for the kind; InvalidInput where it has none. */
export async function requireTracked(kind: NamedKind, catalog: CatalogStore): Promise<IdentityRule> {
  const policy = (await readPolicy(catalog)).document as Policy;
  const rule = ruleOf(policy.identities, kind);
  if (rule !== undefined) return rule;
  const detail = `the policy does not track identities of this kind: ${kind}`;
  const problem = {
    pointer: '/idType',
    code: 'identity.not-tracked',
    detail,
    fix: 'add it to the policy’s identities',
  };
  throw new InvalidInput('identity.not-tracked', detail, [problem], 'invalid');
}
