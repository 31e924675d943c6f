import { normaliseEmail, normalisePhone } from '../../kernel/addresses.ts';
import { type NamedKind, type ProfileKey, profileKey, sha256Hex } from '../../kernel/ids.ts';
import { isPlaceholderId } from '../../kernel/placeholder-ids.ts';

/** One identity that is neither a user id nor an anonymous id, as it is compared: `id` is normalised. */
export interface NamedId {
  readonly kind: NamedKind;
  readonly id: string;
}

/** Characters of an id, as of a user id. */
const MAX_NAMED_ID = 256;
export const MAX_NAMED_PER_EVENT = 10;
/** Types of external ids are in lower case, so that two spellings of one system are one kind; at most 64 characters. */
export const NAMED_KIND = /^(?:email|phone|device|email-sha256|phone-sha256|external:[a-z0-9][a-z0-9._-]{0,63})$/;
/** For whoever wrote another kind. */
export const NAMED_KINDS_TOLD =
  'email, phone, device, email-sha256, phone-sha256, or external:<type> with the type in lower case (a-z, 0-9, ".", "_", "-"; at most 64)';

export const keyOfNamed = ({ kind, id }: NamedId): ProfileKey => profileKey(kind, id);

/**
 * The id as it is compared; undefined for what is none.
 *
 * E-mail: trimmed, lower case, the domain in ASCII. Phone: E.164 with its plus sign. Hashes: SHA-256 of exactly those forms, as 64
 * hexadecimal digits in lower case, as Google takes them (Google Ads API, Customer Match: "normalize and hash"); a partner
 * that hashes phone numbers without the plus sign, as Meta asks for, is not understood. All others: trimmed.
 */
export function normaliseId(kind: NamedKind, value: unknown): string | undefined {
  switch (kind) {
    case 'email':
      return normaliseEmail(value);
    case 'phone':
      return normalisePhone(value);
    case 'email-sha256':
    case 'phone-sha256': {
      const digits = typeof value === 'string' ? value.trim().toLowerCase() : '';
      return /^[0-9a-f]{64}$/.test(digits) ? digits : undefined;
    }
    default: {
      const id = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
      return id === '' || id.length > MAX_NAMED_ID || isPlaceholderId(id) ? undefined : id;
    }
  }
}

const addresses: { readonly [kind: string]: readonly [trait: 'email' | 'phone', isHashed: boolean] } = {
  email: ['email', false],
  phone: ['phone', false],
  'email-sha256': ['email', true],
  'phone-sha256': ['phone', true],
};

/** Kinds that a profile's own address gives. */
export const addressKinds = Object.entries(addresses).map(([kind, [trait, isHashed]]) => ({
  kind: kind as NamedKind,
  trait,
  isHashed,
}));

/** What an address is called under this kind; undefined when it is no address. */
export function idOfAddress({ trait, isHashed }: (typeof addressKinds)[number], value: unknown): string | undefined {
  const id = normaliseId(trait, value);
  return id !== undefined && isHashed ? sha256Hex(id) : id;
}
