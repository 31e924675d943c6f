import type { Json } from '../kernel/canonical-json.ts';

/** Names of the Segment Spec's first e-commerce version, as the names of its second one. */
const ecommerceAliases = new Map(
  Object.entries({
    'Searched Products': 'Products Searched',
    'Viewed Product Category': 'Product List Viewed',
    'Viewed Product List': 'Product List Viewed',
    'Filtered Product List': 'Product List Filtered',
    'Viewed Promotion': 'Promotion Viewed',
    'Clicked Promotion': 'Promotion Clicked',
    'Clicked Product': 'Product Clicked',
    'Viewed Product': 'Product Viewed',
    'Added Product': 'Product Added',
    'Removed Product': 'Product Removed',
    'Viewed Cart': 'Cart Viewed',
    'Started Checkout': 'Checkout Started',
    'Viewed Checkout Step': 'Checkout Step Viewed',
    'Completed Checkout Step': 'Checkout Step Completed',
    'Entered Payment Info': 'Payment Info Entered',
    'Completed Order': 'Order Completed',
    'Updated Order': 'Order Updated',
    'Cancelled Order': 'Order Cancelled',
    'Refunded Order': 'Order Refunded',
    'Entered Coupon': 'Coupon Entered',
    'Applied Coupon': 'Coupon Applied',
    'Denied Coupon': 'Coupon Denied',
    'Removed Coupon': 'Coupon Removed',
    'Shared Product': 'Product Shared',
    'Reviewed Product': 'Product Reviewed',
  }),
);

export const eventName = (asSent: string): string => ecommerceAliases.get(asSent) ?? asSent;

/** Reserved user traits of the Segment Spec; it compares them without case. */
const reservedTraits = new Map(
  [
    ...['address', 'age', 'avatar', 'birthday', 'company', 'createdAt', 'description', 'email', 'firstName', 'gender'],
    ...['id', 'lastName', 'name', 'phone', 'title', 'username', 'website'],
  ].map((name) => [name.toLowerCase(), name]),
);
reservedTraits.set('created_at', 'createdAt');

/** Traits under their reserved names; where two spellings meet, the reserved one wins. */
export function reservedNames(traits: { readonly [name: string]: Json }): { readonly [name: string]: Json } {
  const renamed = Object.keys(traits).some((name) => (reservedTraits.get(name.toLowerCase()) ?? name) !== name);
  if (!renamed) return traits;
  const result: Record<string, Json> = {};
  for (const [name, value] of Object.entries(traits)) {
    const reserved = reservedTraits.get(name.toLowerCase()) ?? name;
    if (reserved === name || !Object.hasOwn(traits, reserved)) result[reserved] = value;
  }
  return result;
}
