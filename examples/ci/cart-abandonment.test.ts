/**
 * What a team runs in its own CI before a journey is published: what would happen to its customers, and rules that must
 * hold for every customer there can be. No AWS account and no local cloud is needed. Copy it, and name your own folder.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { groupDocuments } from '../../cli/documents/group-documents.ts';
import { readFolder } from '../../cli/folder/read-folder.ts';
import {
  endsWithin,
  maxMessagesPer,
  never,
  nothingAfterWithdrawal,
  rule,
  simulate,
  verify,
} from '../../shared/simulation/index.ts';

const shop = groupDocuments(await readFolder(join(import.meta.dirname, '../shop')));

describe('abandoned carts', () => {
  it('a Monday with a thousand carts', () => {
    const { journeys, messages, peakSendsPerMinute, cost } = simulate({
      ...shop,
      from: '2026-11-23T07:00:00Z',
      days: 8,
      population: {
        customers: 1_000,
        traits: { firstName: { oneOf: ['Ada', 'Bela', 'Chidi'] }, locale: { en: 0.7, de: 0.3 } },
        events: [
          {
            name: 'Product Added',
            hour: [0, 14],
            properties: { cart_id: 'cart-{n}', name: 'Rain jacket', price: { between: [10, 150], step: 1 } },
          },
          {
            name: 'Order Completed',
            probability: 0.3,
            after: { event: 'Product Added', between: ['PT10M', 'PT12H'], same: ['cart_id'] },
            properties: { total: 80 },
          },
        ],
      },
      behaviour: {
        messages: [
          {
            template: 'cart-10-off',
            opens: 0.4,
            clicks: 0.5,
            unsubscribes: 0.01,
            followedBy: [
              {
                event: 'Order Completed',
                probability: 0.5,
                after: 'clicked',
                within: 'PT3H',
                properties: { cart_id: { ref: 'entry.cart_id' }, total: { ref: 'entry.price' } },
              },
            ],
          },
        ],
      },
    });
    const carts = journeys['cart-abandonment']!;
    expect(carts.entered).toBe(1_000);
    expect(carts.stillInside).toBe(0);
    // Whoever buys gets no further offer.
    expect(carts.exits['purchased']).toBeGreaterThan(300);
    expect(messages.byStep.find(({ step }) => step === 'second-offer')!.sent).toBeLessThan(600);
    // The provider's account sends 14 a second in its first weeks.
    expect(peakSendsPerMinute.count).toBeLessThan(14 * 60);
    expect(cost.dollars).toBeLessThan(1);
  });

  it('keeps the rules of the house', () => {
    const verdict = verify(shop, [
      maxMessagesPer({ max: 2, per: 'P1D' }),
      nothingAfterWithdrawal(),
      endsWithin('P30D'),
      never({ who: 'profile.email is missing' }),
      rule('no second offer for a small cart', ({ messages, events }) => {
        const prices = events.map(({ properties }) => Number(properties['price'] ?? 0));
        const offer = messages.find(({ template }) => template === 'cart-20-off');
        return offer && Math.max(...prices) < 40 ? `offered at ${offer.at}` : undefined;
      }),
    ]);
    expect(verdict.holds ? [] : verdict.counterExample.story).toEqual([]);
  }, 60_000);

  it('shows how a rule is broken: gold customers do get the 20 % offer', () => {
    const verdict = verify(shop, [never({ who: 'profile.plan = "gold"', template: 'cart-20-off' })]);
    expect(verdict.holds).toBe(false);
    if (verdict.holds) return;
    // Two acts are enough: the customer is gold, and leaves a cart of 40 or more.
    expect(verdict.counterExample.histories).toHaveLength(2);
    expect(verdict.counterExample.story.join('\n')).toMatch(/gets cart-20-off by email/);
  });
});
