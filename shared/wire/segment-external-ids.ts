import { MAX_NAMED_PER_EVENT, NAMED_KIND, type NamedId, normaliseId } from '../domain/profiles/named-id.ts';
import type { NamedKind } from '../kernel/ids.ts';
import { textFault } from './segment-faults.ts';

type Fields = { readonly [name: string]: unknown };

/** Types of the Segment Spec that are kinds of our own; `user_id` and `anonymous_id` have fields of their own on the wire. */
const ownKinds: { readonly [type: string]: NamedKind | null } = {
  email: 'email',
  phone: 'phone',
  'email-sha256': 'email-sha256',
  email_sha256: 'email-sha256',
  'phone-sha256': 'phone-sha256',
  phone_sha256: 'phone-sha256',
  'android.id': 'device',
  'android.idfa': 'device',
  'ios.id': 'device',
  'ios.idfa': 'device',
  user_id: null,
  anonymous_id: null,
  group_id: null,
};

/**
 * Identities beside user id and anonymous id: `context.externalIds` (id, type, collection, encoding; Segment Unify,
 * "Custom externalIDs"), then `context.device.id` and `advertisingId` (Segment Spec, Common fields).
 *
 * At most 10, each once. Of externalIds only the collection `users`, which is meant when there is none. What is faulty, or a
 * placeholder that many would share, is left out: it decorates the event and must not cost it.
 */
export function readNamedIds(context: Fields): readonly NamedId[] {
  const found = new Map<string, NamedId>();
  const add = (kind: NamedKind | null | undefined, value: unknown) => {
    if (!kind || !NAMED_KIND.test(kind) || found.size >= MAX_NAMED_PER_EVENT) return;
    const id = normaliseId(kind, value);
    if (id !== undefined && textFault(id, '') === undefined) found.set(`${kind} ${id}`, { kind, id });
  };
  const externalIds = context['externalIds'];
  for (const one of Array.isArray(externalIds) ? (externalIds as unknown[]).slice(0, 50) : []) {
    if (isFields(one) && (one['collection'] ?? 'users') === 'users') add(kindOf(one), one['id']);
  }
  const device = context['device'];
  if (isFields(device)) for (const field of ['id', 'advertisingId'] as const) add('device', device[field]);
  return [...found.values()];
}

function kindOf({ type, encoding }: Fields): NamedKind | null | undefined {
  if (typeof type !== 'string') return undefined;
  const name = type.trim().toLowerCase();
  const own = Object.hasOwn(ownKinds, name) ? ownKinds[name] : undefined;
  if ((own === 'email' || own === 'phone') && isHash(encoding)) return `${own}-sha256`;
  return own === undefined ? `external:${name}` : own;
}

const isHash = (encoding: unknown) => typeof encoding === 'string' && /^sha-?256$/i.test(encoding.trim());

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
