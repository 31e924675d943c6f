/**
 * A few hundred made-up customers of a made-up shop: who they are and what they do, hour by hour. The same seed makes
 * the same customers and the same events. Events lie on half hours, away from the instants at which the example
 * journeys act (an hour, 25 hours and 73 hours after a product was added), so that the outcome does not depend on how
 * fast this machine is.
 */
export interface Customer {
  readonly userId: string;
  readonly anonymousId: string;
  readonly traits: { readonly firstName: string; readonly email?: string; readonly locale: string };
  /** Presses the unsubscribe button of the first message that they get. */
  readonly unsubscribes: boolean;
}

export interface ShopEvent {
  /** Milliseconds after the start of the demo; a multiple of half an hour. */
  readonly after: number;
  readonly customer: Customer;
  readonly kind: 'identify' | 'track' | 'page';
  readonly anonymous: boolean;
  readonly id: string;
  readonly name?: string;
  readonly properties?: Readonly<Record<string, string | number | readonly Record<string, string | number>[]>>;
}

const halfHour = 30 * 60_000;
const day = 48 * halfHour;

const firstNames = ['Ada', 'Bela', 'Chidi', 'Dora', 'Emre', 'Fatou', 'Grete', 'Hugo', 'Ines', 'Jonas', 'Kaya', 'Lena'];
const products = [
  { name: 'Wool socks', price: 14 },
  { name: 'Tin mug', price: 18 },
  { name: 'Field guide', price: 24 },
  { name: 'Storm lantern', price: 49 },
  { name: 'Rain jacket', price: 129 },
  { name: 'Walking boots', price: 169 },
];

/** mulberry32: a small seeded generator with a full period of 2^32; quality enough for made-up shoppers. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Where the mailbox simulator of SES would bounce or complain, the capture server does too. */
function addressOf(number: number, roll: number): string | undefined {
  if (roll < 0.04) return undefined;
  if (roll < 0.06) return `bounce+${number}@simulator.amazonses.com`;
  if (roll < 0.07) return `complaint+${number}@simulator.amazonses.com`;
  return `customer-${number}@mail.example`;
}

export function shoppers(
  count: number,
  shoppingDays: number,
  seed: number,
): { customers: Customer[]; events: ShopEvent[] } {
  const random = seededRandom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const customers: Customer[] = [];
  const events: ShopEvent[] = [];

  for (let number = 1; number <= count; number++) {
    const email = addressOf(number, random());
    const customer: Customer = {
      userId: `customer-${number}`,
      anonymousId: `device-${seed}-${number}`,
      traits: { firstName: pick(firstNames), locale: random() < 0.3 ? 'de-DE' : 'en-GB', ...(email ? { email } : {}) },
      unsubscribes: random() < 0.05,
    };
    customers.push(customer);

    let sequence = 0;
    const add = (
      after: number,
      kind: ShopEvent['kind'],
      anonymous: boolean,
      name?: string,
      properties?: ShopEvent['properties'],
    ) =>
      events.push({
        after,
        customer,
        kind,
        anonymous,
        id: `demo-${seed}-${number}-${++sequence}`,
        ...(name === undefined ? {} : { name }),
        ...(properties === undefined ? {} : { properties }),
      });

    // Shopping hours: twelve hours from the start of each day.
    const signUp = Math.floor(random() * Math.min(2, shoppingDays)) * day + Math.floor(random() * 20) * halfHour;
    if (random() < 0.5) {
      add(signUp, 'page', true, 'Home', { url: 'https://shop.example/' });
      add(signUp, 'track', true, 'Product Viewed', { name: pick(products).name });
    }
    add(signUp + halfHour, 'identify', false);
    add(signUp + halfHour, 'track', false, 'Signed Up', { source: pick(['search', 'friend', 'advert']) });

    const visits = 1 + Math.floor(random() * 3);
    for (let visit = 1; visit <= visits; visit++) {
      const start = signUp + visit * day + Math.floor(random() * 4) * halfHour;
      if (start > shoppingDays * day) break;
      const product = pick(products);
      const cart = `cart-${number}-${visit}`;
      add(start, 'track', false, 'Product Viewed', { name: product.name, price: product.price });
      if (random() < 0.3) continue;
      add(start, 'track', false, 'Product Added', { cart_id: cart, name: product.name, price: product.price });
      const delays = [halfHour, 10 * halfHour, day + 10 * halfHour, 3 * day + 10 * halfHour];
      const chosen = Math.floor(random() * 7);
      const delay = delays[chosen];
      if (delay !== undefined)
        add(start + delay, 'track', false, 'Order Completed', {
          order_id: `order-${number}-${visit}`,
          cart_id: cart,
          total: product.price,
          products: [{ name: product.name, price: product.price, quantity: 1 }],
        });
    }
  }
  events.sort((a, b) => a.after - b.after);
  return { customers, events };
}
