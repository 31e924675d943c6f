import type { Collection, Collections } from '../domain/messaging/collection.ts';
import { exampleItem } from '../domain/messaging/collection-item.ts';
import type { Lookup } from '../domain/messaging/lookup.ts';
import { isStandingIn } from '../domain/messaging/lookup-key.ts';
import type { VariableUse } from '../domain/messaging/render/variables.ts';
import type { Template } from '../domain/messaging/template.ts';
import type { Json } from '../kernel/canonical-json.ts';
import { didYouMean } from '../kernel/did-you-mean.ts';
import type { Problem } from '../kernel/errors.ts';
import { jsonPointer } from '../kernel/json-pointer.ts';

/**
 * What is wrong with a template's look-ups, before it is live: so that no customer finds it.
 *
 * 1. The collection is there, and the id can be: its ref is a variable of the template, of a type that ids have.
 * 2. Of an item nothing is read but its collection's fields: where the path is written, and wherever a part that is
 *    rendered with examples comes by (in loops, behind filters).
 * 3. A part that needs more of an item than every item has, or an item where there may be none, fails here.
 */
type Lookups = NonNullable<Template['lookups']>;

const lookupsOf = ({ lookups = {} }: Template): Lookups => lookups;

/** @param used names of those that a part reads. */
export function checkLookups(template: Template, collections: Collections, used: ReadonlySet<string>): Problem[] {
  return Object.entries(lookupsOf(template)).flatMap(([name, lookup]): Problem[] => {
    const at = ['lookups', name];
    const problems: Problem[] = [...checkKey(template, lookup, at)];
    if (!collections.has(lookup.collection)) {
      const meant = didYouMean(lookup.collection, [...collections.keys()]);
      problems.push({
        pointer: jsonPointer([...at, 'collection']),
        code: 'template.collection-unknown',
        detail: `there is no collection ${lookup.collection}`,
        fix: meant === undefined ? 'save it first' : `did you mean ${meant}?`,
      });
    }
    if (!used.has(name)) {
      const detail = `no content reads lookups.${name}`;
      problems.push({ pointer: jsonPointer(at), code: 'template.lookup-unused', detail, fix: 'remove it' });
    }
    return problems;
  });
}

function checkKey({ variables }: Template, lookup: Lookup, at: readonly string[]): Problem[] {
  const isList = 'keys' in lookup;
  const key = isList ? lookup.keys : lookup.key;
  if (typeof key === 'string') return [];
  const pointer = jsonPointer([...at, isList ? 'keys' : 'key', 'ref']);
  const { ref } = key;
  // What a step gives only its journey knows: see lint.
  if (ref.startsWith('vars.')) return [];
  const declared = Object.keys(variables).find((one) => isStandingIn(ref, one));
  if (declared === undefined) {
    const detail = `${ref} is not among the variables, so no message would carry it`;
    return [{ pointer, code: 'template.variable-undeclared', detail, fix: `add "${ref}" to variables` }];
  }
  if (declared !== ref) return [];
  const { type } = variables[ref]!;
  const fits = isList ? ['list'] : ['string', 'number'];
  if (fits.includes(type) || !known.includes(type)) return [];
  const detail = isList ? 'ids stand in a list' : 'an id is a text or a number';
  return [{ pointer, code: 'template.lookup-key-type', detail, limit: fits.join(', '), actual: type }];
}

const known = ['string', 'number', 'boolean', 'object', 'list', 'instant'];

/** One place where content reads `lookups`. */
export function checkLookupUse(
  template: Template,
  collections: Collections,
  { path, dynamic, line, column }: VariableUse,
): Omit<Problem, 'pointer'> | undefined {
  const place = `line ${line}, column ${column}`;
  const [name, first, second] = path;
  if (name === undefined) {
    const detail = `${place}: what lookups is asked for cannot be told before it is rendered`;
    return { code: 'template.variable-open', detail, fix: 'name the look-up: lookups.product' };
  }
  const lookups = lookupsOf(template);
  const lookup = Object.hasOwn(lookups, name) ? lookups[name] : undefined;
  if (lookup === undefined) {
    const limit = Object.keys(lookups).join(', ') || 'none';
    return { code: 'template.lookup-undeclared', detail: `${place}: there is no look-up ${name}`, limit };
  }
  const collection = collections.get(lookup.collection);
  if (collection === undefined || dynamic) return undefined;
  const ofList = 'keys' in lookup;
  if (ofList && first !== undefined && !/^(\d+|size|first|last)$/.test(first)) {
    const detail = `${place}: lookups.${name} is a list`;
    return { code: 'template.lookup-field-unknown', detail, fix: `write {% for one in lookups.${name} %}` };
  }
  const field = ofList ? second : first;
  return field === undefined ? undefined : unknownField(collection, field, place);
}

function unknownField(collection: Collection, field: string, place?: string): Omit<Problem, 'pointer'> | undefined {
  if (field === 'id' || field === 'size' || Object.hasOwn(collection.fields, field)) return undefined;
  const names = ['id', ...Object.keys(collection.fields)];
  const meant = didYouMean(field, names);
  return {
    code: 'template.lookup-field-unknown',
    detail: `${place === undefined ? '' : `${place}: `}items of ${collection.id} have no ${field.slice(0, 60)}`,
    limit: names.join(', '),
    ...(meant !== undefined && { fix: `did you mean ${meant}?` }),
  };
}

export interface ExampleLookups {
  readonly lookups: { readonly [name: string]: Json };
  /** What was read of an item, when rendered, and no item has. */
  readonly unknown: () => readonly Omit<Problem, 'pointer'>[];
}

/**
 * What content is checked with: made-up items of each collection.
 *
 * @param of `required`: items that have no more than every item has, and none where a message goes without.
 */
export function exampleLookups(template: Template, collections: Collections, of: 'all' | 'required'): ExampleLookups {
  const found = new Map<string, Omit<Problem, 'pointer'>>();
  const lookups = Object.entries(lookupsOf(template)).map(([name, lookup]): [string, Json] => {
    const isList = 'keys' in lookup;
    const collection = collections.get(lookup.collection);
    const isEmpty = collection === undefined || (of === 'required' && lookup.onMissing === 'empty');
    if (isEmpty) return [name, isList ? [] : null];
    const item = watched(exampleItem(collection, of), (field) => {
      const problem = unknownField(collection, field);
      if (problem !== undefined) found.set(`${collection.id} ${field}`, problem);
    });
    return [name, isList ? [item] : item];
  });
  return { lookups: Object.fromEntries(lookups), unknown: () => [...found.values()] };
}

/** Liquid reads own properties only, and asks for each whether it is one. */
function watched<T extends object>(item: T, read: (name: string) => void): T {
  return new Proxy(item, {
    getOwnPropertyDescriptor(target, name) {
      if (typeof name === 'string') read(name);
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
  });
}
