import type { Json } from '../../../kernel/canonical-json.ts';
import { dig } from '../../../kernel/dig.ts';
import type { Item } from '../collection-item.ts';
import type { Lookup } from '../lookup.ts';
import { keyPath } from '../lookup-key.ts';
import type { Template, TemplateVariant } from '../template.ts';
import { usesIn } from './made-for.ts';

/**
 * What a message looks up in collections: decided here, read by whoever sends.
 *
 * 1. A look-up that this variant does not name costs nothing.
 * 2. What is named twice is read once.
 * 3. A list has what was found, in the order of its keys; of one, nothing found is nil.
 */
export interface Wanted {
  readonly name: string;
  readonly lookup: Lookup;
  /** At most the look-up's limit, each once; empty: nothing stands where the id should. */
  readonly ids: readonly string[];
}

type Scope = { readonly [root: string]: Json };

export function wantedOf({ lookups }: Template, variant: TemplateVariant, scope: Scope): readonly Wanted[] {
  if (lookups === undefined) return [];
  const named = new Set(usesIn(variant).flatMap(({ root, path }) => (root === 'lookups' ? (path[0] ?? []) : [])));
  return Object.entries(lookups)
    .filter(([name]) => named.has(name))
    .map(([name, lookup]) => ({ name, lookup, ids: idsOf(lookup, scope) }));
}

function idsOf(lookup: Lookup, scope: Scope): readonly string[] {
  if ('key' in lookup) {
    const { key } = lookup;
    const id = typeof key === 'string' ? key : idIn(dig(scope, keyPath(key.ref)!));
    return id === undefined ? [] : [id];
  }
  const { ref, property } = lookup.keys;
  const list = dig(scope, keyPath(ref)!);
  if (!Array.isArray(list)) return [];
  const ids = (list as readonly Json[]).flatMap(
    (one) => idIn(property === undefined ? one : dig(one, [property])) ?? [],
  );
  return [...new Set(ids)].slice(0, lookup.limit);
}

/** Shops have numbers for ids as well. */
function idIn(value: Json | undefined): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text.length <= 256 ? text : undefined;
}

/** Why the message is not to be sent: nothing was found where the look-up says that it must not go without. */
export interface MissingItem {
  readonly lookup: string;
  readonly collection: string;
  /** Where the id was to be found, as the template writes it; never the id. */
  readonly key: string;
  /** There was no id, or no item of it. */
  readonly missing: 'key' | 'item';
}

export type LookedUp = { readonly lookups: { readonly [name: string]: Json } } | MissingItem;

/** @param found undefined: not there, or expired. */
export function lookedUp(
  wanted: readonly Wanted[],
  found: (collection: string, id: string) => Item | undefined,
): LookedUp {
  const lookups: { [name: string]: Json } = {};
  for (const { name, lookup, ids } of wanted) {
    const items = ids.flatMap((id) => found(lookup.collection, id) ?? []).map(shownItem);
    if (items.length === 0 && lookup.onMissing === 'skip') return missingItem(name, lookup, ids);
    lookups[name] = 'key' in lookup ? (items[0] ?? null) : items;
  }
  return { lookups };
}

/** The same as far as it can be told without the items: they are taken to be there. */
export function missingKey(wanted: readonly Wanted[]): MissingItem | undefined {
  const without = wanted.find(({ lookup, ids }) => lookup.onMissing === 'skip' && ids.length === 0);
  return without && missingItem(without.name, without.lookup, without.ids);
}

const missingItem = (name: string, lookup: Lookup, ids: readonly string[]): MissingItem => ({
  lookup: name,
  collection: lookup.collection,
  key: 'keys' in lookup ? lookup.keys.ref : typeof lookup.key === 'string' ? 'fixed' : lookup.key.ref,
  missing: ids.length === 0 ? 'key' : 'item',
});

/** As templates see it. */
export const shownItem = ({ id, values }: Pick<Item, 'id' | 'values'>): { readonly [name: string]: Json } => ({
  ...values,
  id,
});
