import type * as z from 'zod';
import { checkSegment, Segment } from '../domain/audiences/segment.ts';
import type { CatalogSnapshot } from '../domain/catalog.ts';
import { type CompiledCatalog, compileCatalog } from '../domain/compiled-catalog.ts';
import { checkComputedTrait } from '../domain/computed-traits/check-computed-trait.ts';
import { ComputedTrait } from '../domain/computed-traits/computed-trait.ts';
import { compileComputedTraits } from '../domain/computed-traits/computed-traits.ts';
import { Journey } from '../domain/journeys/journey.ts';
import type { LintCatalog } from '../domain/journeys/lint/finding.ts';
import { lintJourney } from '../domain/journeys/lint/lint-journey.ts';
import { Channel } from '../domain/messaging/channel.ts';
import { lintPolicy } from '../domain/messaging/lint-policy.ts';
import { Policy } from '../domain/messaging/policy.ts';
import { Template } from '../domain/messaging/template.ts';
import { Topic } from '../domain/messaging/topic.ts';
import { WebhookEndpoint } from '../domain/messaging/webhook-endpoint.ts';
import { parsePart, refusal, refused } from './parse-part.ts';

/** The documents as a team holds them in files; each is checked as the management API checks it. */
export interface Documents {
  readonly journeys: readonly unknown[];
  /** Of each the live version; a step that pins a version gets it too. */
  readonly templates: readonly unknown[];
  readonly topics: readonly unknown[];
  /** Absent: UTC, English, no quiet hours and no caps. */
  readonly policy?: unknown;
  readonly endpoints?: readonly unknown[];
  readonly segments?: readonly unknown[];
  readonly computedTraits?: readonly unknown[];
}

const noPolicy = { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] };

/** Everything live at once; what could not be published is refused, with the same words. */
export const catalogOf = (documents: Documents): CompiledCatalog => compileCatalog(snapshotOf(documents));

export function snapshotOf(documents: Documents): CatalogSnapshot {
  const journeys = parseAll(Journey, documents.journeys, '/journeys');
  const templates = parseAll(Template, documents.templates, '/templates');
  const topics = parseAll(Topic, documents.topics, '/topics');
  const endpoints = parseAll(WebhookEndpoint, documents.endpoints ?? [], '/endpoints');
  const segments = parseAll(Segment, documents.segments ?? [], '/segments');
  const computedTraits = parseAll(ComputedTrait, documents.computedTraits ?? [], '/computedTraits');
  const policy = parsePart(Policy, documents.policy ?? noPolicy, '/policy');
  if (journeys.length === 0) throw refusal('/journeys', 'too-short', 'no journey', 'give at least one');

  const lint = {
    ...lintCatalogOf(journeys, templates, topics, endpoints, segments, policy),
    computed: compileComputedTraits(computedTraits).byName,
  };
  const wrongTraits = computedTraits.flatMap((trait, index) => {
    const others = computedTraits.filter(({ id }) => id !== trait.id);
    return checkComputedTrait(trait, others).map((one) => ({
      ...one,
      pointer: `/computedTraits/${index}${one.pointer}`,
    }));
  });
  const wrong = segments.flatMap((segment, index) => {
    const others = new Map(segments.filter(({ id }) => id !== segment.id).map((one) => [one.id, one]));
    return checkSegment(segment, others).map((one) => ({ ...one, pointer: `/segments/${index}${one.pointer}` }));
  });
  const errors = journeys.flatMap((journey, index) =>
    lintJourney(journey, lint)
      .filter(({ severity }) => severity === 'error')
      .map((finding) => ({ ...finding, pointer: `/journeys/${index}${finding.pointer}` })),
  );
  const wrongPolicy = lintPolicy(policy, lint)
    .filter(({ severity }) => severity === 'error')
    .map((finding) => ({ ...finding, pointer: `/policy${finding.pointer}` }));
  const all = [...wrongTraits, ...wrong, ...wrongPolicy, ...errors];
  if (all.length > 0) throw refused(all);
  return {
    epoch: 1,
    journeys: journeys.map((document) => ({ id: document.id, state: 'live', version: 1, document })),
    templates: templates.map((document) => ({ id: document.id, version: 1, document })),
    topics,
    endpoints,
    segments,
    computedTraits,
    policy,
  };
}

function parseAll<T extends { readonly id: string }>(schema: z.ZodType<T>, all: unknown, pointer: string): T[] {
  if (!Array.isArray(all)) throw refusal(pointer, 'type', 'not a list', `give ${pointer.slice(1)} as a list`);
  const parsed = all.map((one, index) => parsePart(schema, one, `${pointer}/${index}`));
  const ids = new Set<string>();
  for (const [index, { id }] of parsed.entries()) {
    if (ids.has(id)) throw refusal(`${pointer}/${index}/id`, 'duplicate', `"${id}" is there twice`, 'remove one');
    ids.add(id);
  }
  return parsed;
}

/** Senders and channels belong to an environment, which a simulation has none of: whatever a step names is there. */
function lintCatalogOf(
  journeys: readonly Journey[],
  templates: readonly Template[],
  topics: readonly Topic[],
  endpoints: readonly WebhookEndpoint[],
  segments: readonly Segment[],
  policy: Policy,
): LintCatalog {
  const byId = new Map(templates.map((template) => [template.id, template]));
  const steps = journeys.flatMap((journey) => Object.values(journey.steps));
  const senders = steps.flatMap((step) =>
    step.type === 'message' && step.sender !== undefined
      ? (step.channels === 'by-policy' ? Channel.options : step.channels).map((channel) => ({
          id: step.sender!,
          channel,
          postalAddress: 'simulated',
        }))
      : [],
  );
  return {
    templates: { get: (id) => byId.get(id), ids: () => byId.keys() },
    topics: new Map(topics.map((topic) => [topic.id, topic])),
    journeys: new Map(journeys.map((journey) => [journey.id, journey])),
    endpoints: new Map(endpoints.map((endpoint) => [endpoint.id, endpoint])),
    segments: new Map(segments.map((segment) => [segment.id, segment])),
    geofences: new Set(Object.keys(policy.geofences ?? {})),
    senders: [{ id: 'simulated', channel: 'email', postalAddress: 'simulated' }, ...senders],
    channels: ['email', 'sms', 'push', 'in-app', 'webhook'],
    policy,
  };
}
