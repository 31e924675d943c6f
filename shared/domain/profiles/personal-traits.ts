import type { TraitSchema } from './trait-schema.ts';

/** Of the Segment Spec, those that say who somebody is. */
const byName = [
  ...['address', 'age', 'avatar', 'birthday', 'description', 'email', 'firstName', 'gender', 'lastName', 'name'],
  ...['phone', 'title', 'username', 'website'],
];

/** Whether a trait, or a part of one, is personal: by its name, or by its schema (`personal`, or of type email or phone). */
export function personalTraitsOf(schemas: { readonly [trait: string]: TraitSchema }): (trait: string) => boolean {
  const declared = Object.entries(schemas).flatMap(([name, { type, personal }]) =>
    personal === true || type === 'email' || type === 'phone' ? [name] : [],
  );
  // `address.city` and the whole of which a declared part is one.
  const all = [...byName, ...declared];
  return (trait) =>
    all.some((name) => trait === name || trait.startsWith(`${name}.`)) ||
    declared.some((name) => name.startsWith(`${trait}.`));
}
