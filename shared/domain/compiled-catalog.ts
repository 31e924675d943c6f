import { type Clause, type DidClause, didClauses, longestOfEach } from './audiences/did-clauses.ts';
import { indexLiveSegments, type LiveSegments, noLiveSegments } from './audiences/live-segments.ts';
import { type MessageClause, messageClauses } from './audiences/message-clauses.ts';
import type { Segment } from './audiences/segment.ts';
import { whereOf } from './audiences/segment-kind.ts';
import type { CatalogSnapshot, JourneyState, JourneyVersion } from './catalog.ts';
import { CatalogMiss } from './catalog-miss.ts';
import { computedParts } from './computed-traits/computed-parts.ts';
import { type ComputedTraits, compileComputedTraits } from './computed-traits/computed-traits.ts';
import { CompiledJourney } from './journeys/engine/compiled-journey.ts';
import { type DatePlaces, indexDates, isArming } from './journeys/engine/date-entries.ts';
import { scheduleEntries } from './journeys/engine/schedule-entries.ts';
import type { Entry } from './journeys/journey.ts';
import type { AppliedPlan } from './journeys/plans/moves.ts';
import { priorityOf } from './journeys/priority.ts';
import type { Policy } from './messaging/policy.ts';
import type { Template } from './messaging/template.ts';
import type { Topic } from './messaging/topic.ts';
import type { WebhookEndpoint } from './messaging/webhook-endpoint.ts';
import { type TestRun, testedJourney } from './profiles/profile.ts';
import { compileTraitRules, type TraitRules } from './profiles/trait-rules.ts';
import type { Statistics } from './statistics/statistics.ts';

export type EventEntry = Extract<Entry, { on: 'event' }>;
export type JourneyEntry = Extract<Entry, { on: 'journey' }>;
export type SegmentEntry = Extract<Entry, { on: 'segment' }>;

export interface LiveJourney {
  readonly state: JourneyState;
  readonly journey: CompiledJourney;
  /** Oldest first. */
  readonly plans: readonly AppliedPlan[];
  /** Messages that came due until then, during a pause, are passed over; epoch milliseconds. */
  readonly overdueUntil?: number;
  /** Whoever enters it now does so as if. */
  readonly dryRun?: true;
}

/**
 * The catalog as decisions ask for it: by id and by event name, so that an event costs the same whether 1 or 1,000
 * journeys wait for other events. Immutable; a newer epoch is another one.
 */
export interface CompiledCatalog {
  readonly epoch: number;
  readonly policy: Policy;
  readonly topics: ReadonlyMap<string, Topic>;
  readonly endpoints: ReadonlyMap<string, WebhookEndpoint>;
  readonly segments: ReadonlyMap<string, Segment>;
  /** What the policy's schemas say of traits. */
  readonly traitRules: TraitRules;
  readonly computed: ComputedTraits;
  /** Of the whole base, made by the nightly job; absent before the first one. */
  readonly statistics?: Statistics;
  /** Those of them that are kept exact in profiles; of a test run none. */
  readonly live: LiveSegments;
  readonly templates: ReadonlyMap<string, { readonly version: number; readonly document: Template }>;
  readonly journeys: ReadonlyMap<string, LiveJourney>;
  /** Version of the newest plan, of the journeys that have one. */
  readonly newestPlans: ReadonlyMap<string, number>;
  /** Who may enter by an event, by its name; by priority, then in the order of journey ids. */
  readonly entriesByEvent: ReadonlyMap<string, readonly { readonly live: LiveJourney; readonly entry: EventEntry }[]>;
  /** Who may enter on leaving a journey, by its id; in the order of journey ids. */
  readonly entriesByJourney: ReadonlyMap<
    string,
    readonly { readonly live: LiveJourney; readonly entry: JourneyEntry }[]
  >;
  /** Who may enter on coming into a segment or out of it, by `<change> <segment>`; in the order of journey ids. */
  readonly entriesBySegment: ReadonlyMap<
    string,
    readonly { readonly live: LiveJourney; readonly entry: SegmentEntry }[]
  >;
  /** Who may enter on a day that a trait names. */
  readonly dates: DatePlaces;
  /** Those that a clock lets customers into, live or paused. */
  readonly scheduled: readonly LiveJourney[];
  /** What segments, the policy and live versions ask about the past, by event name; a run's own version says the rest. */
  readonly clausesByEvent: ReadonlyMap<string, readonly DidClause[]>;
  /** What they ask about messages, each once, by what became of the message. */
  readonly clausesByOutcome: ReadonlyMap<MessageClause['was'], readonly MessageClause[]>;
  /** Throws CatalogMiss when it was not loaded. */
  version(journey: string, version: number): CompiledJourney;
  readonly pinned: readonly JourneyVersion[];
  readonly snapshot: CatalogSnapshot;
}

/** @param pinned versions that runs are on and that are not the live ones (`neededVersions`). */
export function compileCatalog(snapshot: CatalogSnapshot, pinned: readonly JourneyVersion[] = []): CompiledCatalog {
  const templates = new Map(snapshot.templates.map(({ id, version, document }) => [id, { version, document }]));
  const journeys = new Map<string, LiveJourney>();
  for (const { id, state, version, document, overdueUntil, plans = [], dryRun } of sortedById(snapshot.journeys)) {
    journeys.set(id, {
      state,
      ...(overdueUntil !== undefined && { overdueUntil }),
      journey: new CompiledJourney(id, version, document, (template) => templates.get(template)?.document),
      plans,
      ...(dryRun && { dryRun }),
    });
  }
  const computed = compileComputedTraits(snapshot.computedTraits ?? [], snapshot.statistics);
  const segments = new Map((snapshot.segments ?? []).map((segment) => [segment.id, segment]));
  return withPinned(
    {
      epoch: snapshot.epoch,
      policy: snapshot.policy,
      topics: new Map(snapshot.topics.map((topic) => [topic.id, topic])),
      endpoints: new Map(snapshot.endpoints.map((endpoint) => [endpoint.id, endpoint])),
      computed,
      segments,
      live: indexLiveSegments(segments, {
        ...(snapshot.segmentEpochs && { segments: snapshot.segmentEpochs }),
        ...(snapshot.policyEpoch !== undefined && { policy: snapshot.policyEpoch }),
        computed: computedParts(computed, snapshot.computedEpochs, snapshot.statisticsEpoch),
      }),
      templates,
      journeys,
      newestPlans: new Map(
        [...journeys].flatMap(([id, { plans }]) => plans.slice(-1).map(({ version }) => [id, version] as const)),
      ),
      traitRules: compileTraitRules(snapshot.policy.traits),
      ...(snapshot.statistics !== undefined && { statistics: snapshot.statistics }),
      entriesByEvent: indexEntries(journeys, 'event', ({ event }) => event),
      entriesByJourney: indexEntries(journeys, 'journey', ({ journey }) => journey),
      entriesBySegment: indexEntries(journeys, 'segment', ({ segment, change }) => `${change} ${segment}`),
      dates: indexDates(journeys.values(), snapshot.policy.zone),
      scheduled: [...journeys.values()].filter(
        (live) => isArming(live) && scheduleEntries(live.journey.document).length > 0,
      ),
      ...clausesIn(journeys, snapshot.policy, snapshot.segments),
      snapshot,
    },
    pinned,
  );
}

/**
 * As a test run of one version sees it: that journey is live, whatever its state is, and there is no other, nor a day or
 * a segment that lets in. A test send sees none.
 */
export function onlyTested(catalog: CompiledCatalog, test: Pick<TestRun, 'journey' | 'version'>): CompiledCatalog {
  const tested = testedJourney(test);
  const journey = tested && catalog.version(tested.journey, tested.version);
  const journeys = new Map<string, LiveJourney>(journey && [[journey.id, { state: 'live', journey, plans: [] }]]);
  return {
    ...catalog,
    journeys,
    newestPlans: new Map(),
    entriesByEvent: indexEntries(journeys, 'event', ({ event }) => event),
    entriesByJourney: new Map(),
    entriesBySegment: new Map(),
    live: noLiveSegments,
    dates: indexDates([], catalog.policy.zone),
    ...clausesIn(journeys, catalog.policy, [...catalog.segments.values()]),
  };
}

/** The same catalog with more versions in it. */
export function withVersions(catalog: CompiledCatalog, versions: readonly JourneyVersion[]): CompiledCatalog {
  return withPinned(catalog, [...catalog.pinned, ...versions]);
}

function withPinned(
  catalog: Omit<CompiledCatalog, 'version' | 'pinned'>,
  pinned: readonly JourneyVersion[],
): CompiledCatalog {
  const versions = new Map<string, CompiledJourney>();
  for (const { id, version, document } of pinned) {
    versions.set(
      `${id}@${version}`,
      new CompiledJourney(id, version, document, (template) => catalog.templates.get(template)?.document),
    );
  }
  return {
    ...catalog,
    pinned,
    version(journey, version) {
      const live = catalog.journeys.get(journey)?.journey;
      if (live?.version === version) return live;
      const found = versions.get(`${journey}@${version}`);
      if (found === undefined) throw new CatalogMiss(journey, version);
      return found;
    },
  };
}

function sortedById<T extends { readonly id: string }>(all: readonly T[]): T[] {
  return [...all].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function indexEntries<On extends 'event' | 'journey' | 'segment'>(
  journeys: ReadonlyMap<string, LiveJourney>,
  on: On,
  keyOf: (entry: Extract<Entry, { on: On }>) => string,
) {
  type Kind = Extract<Entry, { on: On }>;
  const index = new Map<string, { live: LiveJourney; entry: Kind }[]>();
  const byPriority = [...journeys.values()].sort(
    (a, b) => priorityOf(b.journey.document) - priorityOf(a.journey.document),
  );
  for (const live of byPriority) {
    if (live.state === 'draft' || live.state === 'archived') continue;
    for (const entry of live.journey.document.entry) {
      if (isOn(entry, on)) push(index, keyOf(entry), { live, entry });
    }
  }
  return index;
}

const isOn = <On extends Entry['on']>(entry: Entry, on: On): entry is Extract<Entry, { on: On }> => entry.on === on;

function clausesIn(
  journeys: ReadonlyMap<string, LiveJourney>,
  policy: Pick<Policy, 'channelOrder'>,
  segments: readonly Segment[] = [],
) {
  const asked = [...segments.map(whereOf), ...(policy.channelOrder ?? []).map((rule) => rule.if)];
  return {
    clausesByEvent: indexClauses(
      journeys,
      ({ clauses }) => clauses,
      didClauses(...asked),
      ({ event }) => event,
    ),
    clausesByOutcome: indexClauses(
      journeys,
      (journey) => journey.messageClauses,
      messageClauses(...asked),
      ({ was }) => was,
    ),
  };
}

/** A paused journey goes on remembering: it may be resumed. A segment or a policy counts from when it is saved, also before it is used. */
function indexClauses<C extends Clause, K>(
  journeys: ReadonlyMap<string, LiveJourney>,
  clausesOf: (journey: CompiledJourney) => readonly C[],
  ofOthers: readonly C[],
  keyOf: (clause: C) => K,
): ReadonlyMap<K, readonly C[]> {
  const asking = [...journeys.values()].filter(({ state }) => state === 'live' || state === 'paused');
  const clauses = [...asking.flatMap(({ journey }) => clausesOf(journey)), ...ofOthers];
  return Map.groupBy(longestOfEach(clauses), keyOf);
}

function push<T>(index: Map<string, T[]>, key: string, value: T): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [value]);
  else list.push(value);
}
