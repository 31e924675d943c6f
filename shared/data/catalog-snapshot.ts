import { type DocumentKind, POLICY_ID, STATISTICS_ID } from '../app/catalog/ports.ts';
import type { Segment } from '../domain/audiences/segment.ts';
import type { CatalogSnapshot, JourneyState } from '../domain/catalog.ts';
import type { ComputedTrait } from '../domain/computed-traits/computed-trait.ts';
import type { Journey } from '../domain/journeys/journey.ts';
import type { AppliedPlan } from '../domain/journeys/plans/moves.ts';
import type { Policy } from '../domain/messaging/policy.ts';
import type { Template } from '../domain/messaging/template.ts';
import type { Topic } from '../domain/messaging/topic.ts';
import type { WebhookEndpoint } from '../domain/messaging/webhook-endpoint.ts';
import type { Statistics } from '../domain/statistics/statistics.ts';
import type { Item } from './pages.ts';

/** The items of the `live` partition as documents; they were checked when they were saved. */
export function toSnapshot(epoch: number, items: readonly Item[], fallbackPolicy: Policy): CatalogSnapshot {
  const of = (kind: DocumentKind) =>
    items
      .filter((item) => (item['sk'] as string).startsWith(`${kind}#`))
      .map((item) => ({
        id: item['id'] as string,
        version: item['version'] as number,
        state: item['state'] as JourneyState,
        document: JSON.parse(item['document'] as string) as unknown,
        ...(item['epoch'] !== undefined && { epoch: item['epoch'] as number }),
        ...(item['overdueUntil'] !== undefined && { overdueUntil: item['overdueUntil'] as number }),
        ...(item['dryRun'] === true && { dryRun: true as const }),
      }));
  const plans = new Map(
    items
      .filter((item) => (item['sk'] as string).startsWith('plan#'))
      .map((item) => [item['id'] as string, JSON.parse(item['plans'] as string) as readonly AppliedPlan[]]),
  );
  const statistics = of('statistics').find((one) => one.id === STATISTICS_ID);
  const computed = of('computed-trait');
  const policy = of('policy').find((one) => one.id === POLICY_ID);
  const segments = of('segment');
  return {
    epoch,
    journeys: of('journey').map((one) => {
      const applied = plans.get(one.id);
      return { ...one, document: one.document as Journey, ...(applied !== undefined && { plans: applied }) };
    }),
    templates: of('template').map(({ id, version, document }) => ({ id, version, document: document as Template })),
    topics: of('topic').map((one) => one.document as Topic),
    endpoints: of('endpoint').map((one) => one.document as WebhookEndpoint),
    computedTraits: computed.map((one) => one.document as ComputedTrait),
    computedEpochs: Object.fromEntries(computed.map(({ id, epoch = 0 }) => [id, epoch])),
    ...(statistics !== undefined && { statistics: statistics.document as Statistics }),
    ...(statistics?.epoch !== undefined && { statisticsEpoch: statistics.epoch }),
    segments: segments.map((one) => one.document as Segment),
    segmentEpochs: Object.fromEntries(segments.map(({ id, epoch = 0 }) => [id, epoch])),
    policy: (policy?.document ?? fallbackPolicy) as Policy,
    ...(policy?.epoch !== undefined && { policyEpoch: policy.epoch }),
  };
}
