import type { Collections } from '../domain/messaging/collection.ts';
import { cleanItem, exampleItem, type ItemValues } from '../domain/messaging/collection-item.ts';
import type { Lookup } from '../domain/messaging/lookup.ts';
import type { Template } from '../domain/messaging/template.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { type Problem, requireNoProblems } from '../kernel/errors.ts';
import { jsonPointer } from '../kernel/json-pointer.ts';
import { isExpired, type ReadItems } from './collections/items.ts';

/** By the look-up's name: an item's values, or a list of such. */
export type GivenLookups = { readonly [name: string]: ItemValues | readonly ItemValues[] };

/** What a preview was given in the place of what it would read, as if it had been saved. */
export function readGiven(
  { lookups = {} }: Template,
  given: GivenLookups,
  collections: Collections,
): { readonly [name: string]: Json } {
  const problems: Problem[] = [];
  const read = Object.entries(given).map(([name, value]): [string, Json] => {
    const lookup = Object.hasOwn(lookups, name) ? lookups[name] : undefined;
    const refuse = (code: string, detail: string, limit: string): [string, Json] => {
      problems.push({ pointer: jsonPointer(['lookups', name]), code: `preview.${code}`, detail, limit });
      return [name, null];
    };
    if (lookup === undefined) {
      return refuse('lookup-unknown', 'the template has no such look-up', Object.keys(lookups).join(', ') || 'none');
    }
    const isList = 'keys' in lookup;
    if (isList !== Array.isArray(value))
      return refuse('lookup-shape', 'one item, or a list', isList ? 'list' : 'object');
    const at = (index: number) => ['lookups', name, ...(isList ? [String(index)] : [])];
    const items = [value].flat().map((one, index) => itemOf(lookup, one, at(index)));
    return [name, isList ? items : items[0]!];
  });

  function itemOf({ collection }: Lookup, { id = 'example', ...values }: ItemValues, at: readonly string[]): Json {
    const fields = collections.get(collection);
    const cleaned = fields === undefined ? { values } : cleanItem(fields, values);
    if ('values' in cleaned) return { ...cleaned.values, id };
    problems.push(...cleaned.problems.map((one) => ({ ...one, pointer: jsonPointer(at) + one.pointer })));
    return null;
  }

  requireNoProblems(problems);
  return Object.fromEntries(read);
}

/** What is not there is shown by its collection's example; `missing` learns of which. */
export const orExamples =
  (read: ReadItems, collections: Collections, now: number, missing: Set<string>): ReadItems =>
  async (wanted) => {
    const items = (await read(wanted)).filter((one) => !isExpired(one, now));
    const examples = wanted.flatMap(({ collection: name, id }) => {
      const collection = collections.get(name);
      if (collection === undefined || items.some((one) => one.collection === name && one.id === id)) return [];
      missing.add(name);
      const { id: _, ...values } = exampleItem(collection);
      return [{ collection: name, id, values, savedAt: 0 }];
    });
    return [...items, ...examples];
  };

export const shownByExample = (collection: string): Problem => ({
  pointer: '',
  code: 'lookup.example',
  detail: `nothing in ${collection} has the example's id: an example of its fields is shown`,
  fix: 'give a variable an id that is there as its example, or name a profile',
});
