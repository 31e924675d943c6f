import type { Segment } from './audiences/segment.ts';
import type { ComputedTrait } from './computed-traits/computed-trait.ts';
import type { Journey } from './journeys/journey.ts';
import type { AppliedPlan } from './journeys/plans/moves.ts';
import type { Policy } from './messaging/policy.ts';
import type { Template } from './messaging/template.ts';
import type { Topic } from './messaging/topic.ts';
import type { WebhookEndpoint } from './messaging/webhook-endpoint.ts';
import type { Statistics } from './statistics/statistics.ts';

export type JourneyState = 'draft' | 'live' | 'paused' | 'draining' | 'stopped' | 'archived';

/** Everything published, as plain documents, at one epoch; the epoch grows by one with every change. */
export interface CatalogSnapshot {
  readonly epoch: number;
  /** Every journey that was ever published, archived ones too: who finds none has an older catalog. `document` is its live version. */
  readonly journeys: readonly {
    readonly id: string;
    readonly state: JourneyState;
    readonly version: number;
    readonly document: Journey;
    /** Those that moved anybody, oldest first. Absent: none. */
    readonly plans?: readonly AppliedPlan[];
    /** It went on after a pause without what was due until then: epoch milliseconds of the resumption. */
    readonly overdueUntil?: number;
    /** The live version is a dry run: everything is decided, nothing is sent or changed. */
    readonly dryRun?: true;
  }[];
  readonly templates: readonly { readonly id: string; readonly version: number; readonly document: Template }[];
  readonly topics: readonly Topic[];
  readonly endpoints: readonly WebhookEndpoint[];
  /** Absent in catalogs that were recorded before there were any. */
  readonly segments?: readonly Segment[];
  /** Absent in catalogs that were recorded before there were any. */
  readonly computedTraits?: readonly ComputedTrait[];
  /** Of the last night; absent before the first one. */
  readonly statistics?: Statistics;
  /** At which epoch the live version of each segment was saved; absent: before any of them could be live. */
  readonly segmentEpochs?: { readonly [segment: string]: number };
  /** The same of computed traits, and of the statistics, by which some of them go. */
  readonly computedEpochs?: { readonly [document: string]: number };
  readonly statisticsEpoch?: number;
  /** The same of the policy, by whose zone and areas segments go. */
  readonly policyEpoch?: number;
  readonly policy: Policy;
}

/** A version of a journey that people may still be in. */
export interface JourneyVersion {
  readonly id: string;
  readonly version: number;
  readonly document: Journey;
}
