import type { Standpoint } from '../../domain/journeys/engine/scope.ts';
import type { Json } from '../../kernel/canonical-json.ts';
import { formatInstant } from '../../kernel/time.ts';
import { isCarried, unpackEntries } from '../carried-entry.ts';
import { profileLine } from '../exports/profile-line.ts';
import type { MessageRecord, StoredProfile } from '../ports.ts';
import { asShown } from '../quiet-claim.ts';
import type { SubjectItem } from './ports.ts';
import type { Subject } from './subject.ts';

/** One item of a customer as their export has it. */
export type ExportLine = { readonly kind: string; readonly [field: string]: Json };

/** Attributes that are JSON text in their item, by kind. What is not named here is told as it is stored. */
const documents: { readonly [kind: string]: readonly string[] } = {
  'journal-entry': ['in', 'why'],
  message: ['detail', 'answer', 'gone'],
  'inbox-message': ['content'],
};

/** Of the machinery alone: versions, claims, and when DynamoDB deletes. */
const withheld: ReadonlySet<string> = new Set(['ttl', 'v', 'by', 'copy', 'quiet']);

/**
 * Whatever is stored, whether or not this file knows its kind: a kind that is added is in the export on the same day, if
 * not as well put.
 *
 * @param now epoch milliseconds.
 */
export function tellItem({ kind, key, item }: SubjectItem, now: number): ExportLine {
  const shown = kind === 'message' ? asShown(item as unknown as MessageRecord, now) : item;
  const fields = Object.entries(shown).filter(
    ([name]) => !withheld.has(name) && !isCarried(name) && !Object.hasOwn(key, name),
  );
  const told = fields.map(([name, value]) => [name, tellValue(kind, name, value)]);
  return { ...Object.fromEntries(told), kind, key: Object.values(key).join(' ') };
}

/** What a message carries of the journal, as if it lay there. */
export const tellCarried = ({ kind, key: { pk }, item }: SubjectItem): ExportLine[] =>
  (kind === 'message' ? unpackEntries(Object.entries(item)) : []).map(({ jk, at, why }) => {
    const inc = item['inc'] === undefined ? {} : { inc: item['inc'] as number };
    const entry = { st: 'moved', t: 'wake', why: why as unknown as Json, at: formatInstant(at) };
    return { ...entry, ...inc, kind: 'journal-entry', key: `${pk} ${jk}` };
  });

function tellValue(kind: string, name: string, value: unknown): Json {
  if (typeof value === 'string' && documents[kind]?.includes(name) === true) return JSON.parse(value) as Json;
  if (value instanceof Set) return [...value] as Json;
  return told(value as Json, name);
}

/** Epoch milliseconds wherever they stand, as people and programs read them. */
function told(value: Json, name: string): Json {
  if (typeof value === 'number') return isInstant(name) ? formatInstant(value) : value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  // Times of receipts are named by what happened.
  const inner = Object.entries(value).map(([one, of]) => [one, told(of, name === 'receipts' ? 'at' : one)]);
  return Object.fromEntries(inner) as Json;
}

const isInstant = (name: string): boolean => name === 'at' || name === 'notBefore' || /[a-z]At$/.test(name);

/** What was merged, and has given up all that was known of it, only says into whom. */
export function tellProfile(stored: StoredProfile, standpoint: Standpoint): ExportLine {
  const { key, profile } = stored;
  const { movedTo, frozen } = profile;
  if (movedTo !== undefined && frozen !== true) return { kind: 'profile', key, movedTo };
  return { kind: 'profile', ...(profileLine(key, standpoint) as object), ...(movedTo !== undefined && { movedTo }) };
}

/** Who else has the identity is theirs to know. */
export function tellIdentity({ key, profile }: StoredProfile, { keys }: Subject): ExportLine {
  const holders = Object.entries(profile.holders ?? {}).filter(([holder]) => keys.includes(holder));
  const since = holders.map(([holder, at]) => ({
    profile: holder,
    ...(at > 0 ? { since: formatInstant(at) } : { until: formatInstant(-at) }),
  }));
  return { kind: 'identity', key, holders: since };
}
