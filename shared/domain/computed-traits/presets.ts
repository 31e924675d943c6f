import type { Commerce, ComputedTrait, Declared, Engagement } from './computed-trait.ts';
import type { ComputedType, Definition } from './definition.ts';
import { daysSince, lifecycleStage, ratio, rfmOf, scoreByQuintiles, weightedSum } from './derive.ts';
import { DEFAULT_HALF_LIFE, feedOf } from './feed.ts';
import { readWindow } from './source.ts';

/** Days after which somebody who has ordered once is expected again, where the document does not say. */
export const EXPECTED_DAYS = 60;

/** What a document stands for: a trait of its own name, or all of a preset. */
export function definitionsOf(document: ComputedTrait): Definition[] {
  if (!('preset' in document)) return [counted(document, document.id)];
  return document.preset === 'commerce' ? commerce(document) : engagement(document);
}

export function counted(declared: Declared, document: string): Definition {
  const { within, decay, last, top } = declared;
  const feed = feedOf(declared);
  return {
    id: declared.id,
    document,
    type: typeOf(declared),
    feed,
    asked: {
      function: declared.function,
      ...(within !== 'ever' && { window: readWindow(within)! }),
      ...(decay !== undefined && { halfLifeMs: feed.halfLifeMs! }),
      ...(last !== undefined && { last }),
      ...(top !== undefined && { top }),
    },
  };
}

function typeOf({ function: what, of, top }: Declared): ComputedType {
  switch (what) {
    case 'list':
      return 'list';
    case 'most-frequent':
      return top === undefined ? 'any' : 'list';
    case 'first':
    case 'last':
      return of.property === undefined && of.part === undefined ? 'instant' : 'any';
    default:
      return 'number';
  }
}

type Short = Pick<Declared, 'function' | 'of'> & Partial<Declared>;

/** Makes the definitions of a preset: names carry its prefix. */
function preset({ id: document, prefix = '' }: Commerce | Engagement) {
  const name = (id: string): string => prefix + id;
  return {
    count: (id: string, declared: Short): Definition =>
      counted({ schemaVersion: 1, id: name(id), name: id, within: 'ever', ...declared }, document),
    derive: (
      id: string,
      type: ComputedType,
      from: readonly string[],
      value: (names: readonly string[]) => Extract<Definition, { from: unknown }>['value'],
    ): Definition => ({
      id: name(id),
      document,
      type,
      from: from.map(name),
      ...(id.startsWith('rfm') && { byStatistics: true }),
      value: value(from.map(name)),
    }),
  };
}

/**
 * Purchases. Names of events and properties are those of the Segment Spec (segment.com/docs/connections/spec/ecommerce/v2):
 * Order Completed with `total` and `discount`, Product Viewed with `category`.
 */
function commerce(document: Commerce): Definition[] {
  const { count, derive } = preset(document);
  const order = document.events?.order ?? 'Order Completed';
  const view = document.events?.view ?? 'Product Viewed';
  const { total = 'total', discount = 'discount', category = 'category' } = document.properties ?? {};
  const halfLife = document.halfLife ?? DEFAULT_HALF_LIFE;
  const discounted = { ref: discount.startsWith('[') ? `event${discount}` : `event.${discount}`, gt: 0 };
  return [
    count('orders', { function: 'count', of: { event: order } }),
    count('revenue', { function: 'sum', of: { event: order, property: total } }),
    count('average-order-value', { function: 'average', of: { event: order, property: total } }),
    count('first-order', { function: 'first', of: { event: order } }),
    count('last-order', { function: 'last', of: { event: order } }),
    count('discounted-orders', { function: 'count', of: { event: order, where: discounted } }),
    count('category-interests', {
      function: 'most-frequent',
      of: { event: view, property: category },
      decay: { halfLife },
      top: 3,
    }),
    derive('discount-share', 'number', ['discounted-orders', 'orders'], () => ratio),
    derive('days-since-last-order', 'number', ['last-order'], () => daysSince),
    derive('rfm-recency', 'number', ['days-since-last-order'], ([name]) => scoreByQuintiles(name!, 'least is best')),
    derive('rfm-frequency', 'number', ['orders'], ([name]) => scoreByQuintiles(name!, 'most is best')),
    derive('rfm-monetary', 'number', ['revenue'], ([name]) => scoreByQuintiles(name!, 'most is best')),
    derive('rfm', 'string', ['rfm-recency', 'rfm-frequency', 'rfm-monetary'], () => rfmOf),
    derive('lifecycle-stage', 'string', ['orders', 'first-order', 'last-order'], () =>
      lifecycleStage(document.expectedDays ?? EXPECTED_DAYS),
    ),
  ];
}

/** What a customer does with messages; machines that open and click do not count. */
function engagement(document: Engagement): Definition[] {
  const { count, derive } = preset(document);
  const decay = { halfLife: document.halfLife ?? DEFAULT_HALF_LIFE };
  const opened = { message: {}, was: 'opened' } as const;
  const clicked = { message: {}, was: 'clicked' } as const;
  const either = { message: {}, was: ['opened', 'clicked'] } satisfies Declared['of'];
  return [
    count('recent-opens', { function: 'count', of: opened, decay }),
    count('recent-clicks', { function: 'count', of: clicked, decay }),
    count('preferred-hour', { function: 'most-frequent', of: { ...either, part: 'hour' }, decay }),
    count('preferred-channel', { function: 'most-frequent', of: { ...either, property: 'channel' }, decay }),
    derive('engagement-score', 'number', ['recent-opens', 'recent-clicks'], () =>
      weightedSum([1, CLICK_WEIGHT], feedOf({ ...NO_TRAIT, of: opened, decay }).halfLifeMs!),
    ),
  ];
}

/** A click takes more than an open, and no mail client does it unasked. A convention, not a finding. */
export const CLICK_WEIGHT = 3;
const NO_TRAIT = { schemaVersion: 1, id: 'x', name: 'x', function: 'count', within: 'ever' } as const;
