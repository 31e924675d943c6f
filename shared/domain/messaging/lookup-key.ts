import { parseRef } from '../audiences/ref.ts';

const vars = /^vars((?:\.[\p{L}\p{N}_$-]+)+)$/u;

/**
 * Where the id of an item stands in what a template sees: a ref, or what only messages carry, `vars.product`. Apart from
 * lookup.ts, so that who sends reads it without loading zod.
 */
export function keyPath(ref: string): readonly string[] | undefined {
  const own = vars.exec(ref);
  if (own !== null) return ['vars', ...own[1]!.slice(1).split('.')];
  const parsed = parseRef(ref);
  return parsed && [parsed.root, ...parsed.path];
}

/** `event.products.0.sku` stands in `event.products`, and in itself. */
export const isStandingIn = (ref: string, outer: string): boolean =>
  ref === outer || ref.startsWith(`${outer}.`) || ref.startsWith(`${outer}[`);
