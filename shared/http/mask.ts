import { allows } from '../app/access/scopes.ts';
import { personalTraitsOf } from '../domain/profiles/personal-traits.ts';
import type { TraitSchema } from '../domain/profiles/trait-schema.ts';
import { emailInText, maskAddress, normaliseEmail, normalisePhone } from '../kernel/addresses.ts';
import type { Principal, Route } from './route.ts';

/**
 * What those see of customers who may look at them, and not at their personal data (`profiles:personal`): where people stand,
 * what was decided and why, with names, addresses and tokens taken out.
 *
 * 1. It goes over whatever the route answers, so a new field of an answer is looked at too.
 * 2. Traits are personal by name (those of the Segment Spec that say who somebody is), by schema (`personal`, or of type
 *    email or phone), and by what they hold: a value that is an address is masked wherever it stands.
 */
const HIDDEN = '•••';
/** Of devices, of consents, of identities. */
const personalFields = ['token', 'evidence', 'guardian', 'email', 'phone', 'email-sha256', 'phone-sha256', 'ip'];
/** Objects whose fields are traits. */
const traitFields = ['traits', 'aside', 'set'];
/** What an event said may be anything: its names stay, its values go. */
const spoken = ['properties', 'entry', 'vars', 'data', 'context'];

const masked = ['profiles:read', 'messages:read', 'events:read'] as const;

export const isMasked = ({ scope }: Pick<Route, 'scope'>, principal: Principal): boolean =>
  (masked as readonly string[]).includes(scope) && !allows(principal.scopes, 'profiles:personal');

type Schemas = { readonly [trait: string]: TraitSchema };

export function maskPersonal(body: unknown, schemas: Schemas = {}): unknown {
  const isPersonal = personalTraitsOf(schemas);

  const mask = (value: unknown, field: string): unknown => {
    if (value === null || typeof value === 'boolean') return value;
    if (personalFields.includes(field)) return hide(value);
    if (traitFields.includes(field))
      return eachField(value, (inner, name) => (isPersonal(name) ? hideTrait(inner) : mask(inner, '')));
    if (spoken.includes(field)) return hide(value);
    if (typeof value === 'string') return maskText(value);
    if (Array.isArray(value)) return value.map((one) => mask(one, ''));
    if (typeof value !== 'object') return value;
    return maskComparison(maskReason(eachField(value, mask), isPersonal), isPersonal);
  };
  const list = listIn(body);
  return list === undefined
    ? mask(body, '')
    : { ...(mask({ ...(body as object), data: [] }, '') as object), data: list.map((one) => mask(one, '')) };
}

/** `data` of an answer is a list of ours; further in it is what somebody said. */
function listIn(body: unknown): readonly unknown[] | undefined {
  const { data } = (body ?? {}) as { readonly data?: unknown };
  return Array.isArray(data) ? data : undefined;
}

/**
 * `{ segment, change: 'entered' }`, of a segment that tells an endpoint: what it asks may be personal, and nobody looks it up here.
 * `{ trait: 'age', actual: 203 }`: why a value of it was taken or not.
 */
function maskReason(value: unknown, isPersonal: (trait: string) => boolean): unknown {
  const { segment, change, trait } = value as {
    readonly segment?: unknown;
    readonly change?: unknown;
    readonly trait?: unknown;
  };
  if (segment !== undefined && change !== undefined) return { ...(value as object), segment: HIDDEN, change: HIDDEN };
  return typeof trait === 'string' && isPersonal(trait) ? { ...(hide(value) as object), trait } : value;
}

/** `{ part: 'profile.email is known', saw: '…' }`: what a predicate compared. */
function maskComparison(value: unknown, isPersonal: (trait: string) => boolean): unknown {
  const { part, saw } = value as { readonly part?: unknown; readonly saw?: unknown };
  if (typeof part !== 'string' || saw === undefined) return value;
  const traits = [...part.matchAll(/profile\.([\w$-]+(?:\.[\w$-]+)*)/g)].map(([, trait]) => trait!);
  const isAboutEvents = /\b(?:event|entry)\./.test(part);
  return traits.some(isPersonal) || isAboutEvents ? { ...(value as object), saw: HIDDEN } : value;
}

/** The shape stays, so that a client that reads it goes on. */
function hide(value: unknown): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return 0;
  if (Array.isArray(value)) return value.map(hide);
  if (typeof value === 'object') return eachField(value, hide);
  const text = maskText(String(value));
  return text === value ? HIDDEN : text;
}

/** As a profile shows it, with when and where it was learned, which is nobody's secret; or the bare value. */
function hideTrait(trait: unknown): unknown {
  const isTold = typeof trait === 'object' && trait !== null && 'at' in trait && 'value' in trait;
  return isTold ? { ...trait, value: hide(trait.value) } : hide(trait);
}

const eachField = (value: unknown, change: (inner: unknown, name: string) => unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [maskText(name), change(inner, name)]))
    : value;

const numbers = /\+[1-9]\d{6,14}\b/g;

function maskText(text: string): string {
  if (normaliseEmail(text) !== undefined || normalisePhone(text) !== undefined) return maskAddress(text.trim());
  return text.replace(emailInText, maskAddress).replace(numbers, maskAddress);
}
