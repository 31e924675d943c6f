import type { CatalogSnapshot } from '../../shared/domain/catalog.ts';
import type { Documents } from '../../shared/simulation/documents.ts';
import { type RecordedAct, readHistories } from '../../shared/simulation/histories.ts';
import { randomDocuments } from '../simulation/random-journey.ts';

/** A world of live segments, computed traits, identities and schemas: what the examples' documents do not ask for together. */
const live = (id: string, where: string) => ({ schemaVersion: 1, id, name: id, where, live: true });
const onChange = (segment: string, change: 'entered' | 'left') => ({
  schemaVersion: 1,
  id: `${change}-${segment}`,
  name: `${change} ${segment}`,
  entry: [{ on: 'segment', segment, change, existing: 'ignore' }],
  reentry: { again: 'after-exit', whileInside: 'ignore' },
  topic: 'news',
  start: 'pause',
  steps: {
    pause: { type: 'wait', for: 'P1D', next: 'stay' },
    stay: {
      type: 'branch',
      cases: [{ if: `in segment ${segment} for at least 1 hour and profile.orders > 0`, next: 'end' }],
      else: 'out',
    },
    out: { type: 'exit', reason: 'gone' },
  },
});

export const segmentDocuments: Documents = {
  ...randomDocuments([]),
  journeys: [onChange('best', 'entered'), onChange('recent', 'left')],
  segments: [
    live('recent', 'did "Order Completed" in last 7 days'),
    live('best', 'profile.rfm-monetary = 5'),
    live('keen', 'in segment recent for at least 2 days and profile.spent-30d >= 100'),
  ],
  computedTraits: [
    { schemaVersion: 1, id: 'shop', preset: 'commerce' },
    {
      ...{ schemaVersion: 1, id: 'spent-30d', name: 'Spent', function: 'sum', within: 'P30D' },
      of: { event: 'Order Completed', property: 'total' },
    },
    {
      ...{ schemaVersion: 1, id: 'taste', name: 'Taste', function: 'most-frequent', within: 'ever', decay: {} },
      of: { event: 'Product Viewed', property: 'category' },
    },
  ],
  policy: {
    ...{ schemaVersion: 1, zone: 'Europe/Berlin', locale: 'en', quietHours: [], caps: [], defaultCountry: 'DE' },
    identities: { email: { merge: 'unknown' }, phone: { merge: 'never' } },
    traits: { age: { type: 'integer', min: 0, max: 120 } },
  },
};

export const segmentFigures: Partial<CatalogSnapshot> = {
  epoch: 4,
  segmentEpochs: { recent: 1, best: 2, keen: 2 },
  computedEpochs: { shop: 1, 'spent-30d': 1, taste: 1 },
  statisticsEpoch: 4,
  statistics: {
    ...{ schemaVersion: 1, at: Date.parse('2026-10-19T02:17:00Z'), profiles: 100 },
    traits: { revenue: { n: 80, mean: 40, sd: 20, quintiles: [10, 20, 40, 80], before: [10, 20, 40, 60] } },
  },
};

const order = (who: object, at: string, total: number): RecordedAct => ({
  ...{ ...who, at, event: 'Order Completed', properties: { total, discount: total > 60 ? 5 : 0 } },
});

export const segmentCustomers = () =>
  readHistories([
    { anonymousId: 'tab', at: '2026-10-19T09:00:00Z', event: 'Product Viewed', properties: { category: 'tea' } },
    order({ anonymousId: 'tab' }, '2026-10-19T09:30:00Z', 70),
    {
      userId: 'ann',
      at: '2026-10-20T09:00:00Z',
      traits: { email: 'ann@mail.example', age: 'old', phone: '030 123456' },
    },
    order({ userId: 'ann' }, '2026-10-20T10:00:00Z', 30),
    { anonymousId: 'tab', userId: 'ann', at: '2026-10-20T12:00:00Z', traits: { age: '41' } },
    { userId: 'ann', at: '2026-10-21T08:00:00Z', event: 'Product Viewed', properties: { category: 'coffee' } },
    order({ userId: 'ann' }, '2026-10-30T10:00:00Z', 45),
    { userId: 'ann', at: '2026-11-02T09:00:00Z', traits: { email: 'ann@work.example' } },
    { userId: 'bob', at: '2026-10-20T09:00:00Z', traits: { email: 'bob@mail.example', phone: '+49 30 654321' } },
    order({ userId: 'bob' }, '2026-10-21T10:00:00Z', 10),
  ]);
