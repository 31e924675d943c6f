import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { compileCatalog } from '../../domain/compiled-catalog.ts';
import { compileComputedTraits } from '../../domain/computed-traits/computed-traits.ts';
import type { Journey } from '../../domain/journeys/journey.ts';
import type { Finding, LintCatalog } from '../../domain/journeys/lint/finding.ts';
import { lintJourney } from '../../domain/journeys/lint/lint-journey.ts';
import type { Template } from '../../domain/messaging/template.ts';
import { GodwitError, InvalidInput } from '../../kernel/errors.ts';
import { deliveryChannels } from '../../resources.ts';
import type { Settings } from '../../settings.ts';
import { type EventType, eventTypes, type IntakeStore, maxShapesPerType } from '../intake.ts';
import type { CatalogStore } from './ports.ts';

export interface Check {
  readonly errors: readonly Finding[];
  readonly findings: readonly Finding[];
}

/**
 * What lint says of a journey among what is live now, and whether the catalog would still compile with it.
 *
 * @param now epoch milliseconds; absent: no day is called past.
 */
export async function checkJourney(
  ports: {
    readonly catalog: Pick<CatalogStore, 'readSnapshot' | 'readVersion'>;
    readonly settings: Settings;
    /** Absent where nothing comes in. */
    readonly intake?: Pick<IntakeStore, 'listEventTypes'>;
  },
  journey: Journey,
  now?: number,
): Promise<Check> {
  const snapshot = await ports.catalog.readSnapshot();
  const known = await lintCatalog(ports, journey, snapshot);
  const linted = lintJourney(journey, { ...known, ...(now !== undefined && { now }) });
  const broken = linted.some(isError);
  const findings = broken ? linted : [...linted, ...compileProblems(journey, snapshot)];
  return { findings, errors: findings.filter(isError) };
}

/** @returns what else is to be known. */
export async function requireSound(
  ports: Parameters<typeof checkJourney>[0],
  journey: Journey,
  now: number,
): Promise<readonly Finding[]> {
  const { errors, findings } = await checkJourney(ports, journey, now);
  const [first] = errors;
  if (first === undefined) return findings;
  const detail = `${errors.length} errors keep this journey from being published`;
  throw new InvalidInput(first.code, detail, errors, 'invalid');
}

const isError = ({ severity }: Finding) => severity === 'error';

async function lintCatalog(
  { catalog, settings, intake }: Parameters<typeof checkJourney>[0],
  journey: Journey,
  snapshot: CatalogSnapshot,
): Promise<LintCatalog> {
  const templates = new Map(snapshot.templates.map(({ id, document }) => [id, document]));
  const pinned = new Map<string, Template>();
  for (const step of Object.values(journey.steps)) {
    const [id, version] = step.type === 'message' ? step.template.split('@') : [];
    if (id === undefined || version === undefined || pinned.has(`${id}@${version}`)) continue;
    const found = await catalog.readVersion('template', id, Number(version));
    if (found !== undefined) pinned.set(`${id}@${version}`, found.document as Template);
  }
  const seen = intake && (await eventTypes(intake));
  return {
    ...(seen?.complete && { eventTypes: new Map(seen.data.map((one) => [one.name, propertiesOf(one)])) }),
    templates: {
      get: (id, version) => (version === undefined ? templates.get(id) : pinned.get(`${id}@${version}`)),
      ids: () => templates.keys(),
    },
    topics: new Map(snapshot.topics.map((topic) => [topic.id, topic])),
    journeys: new Map(
      snapshot.journeys.filter(({ state }) => state !== 'archived').map(({ id, document }) => [id, document]),
    ),
    endpoints: new Map(snapshot.endpoints.map((endpoint) => [endpoint.id, endpoint])),
    segments: new Map(snapshot.segments?.map((segment) => [segment.id, segment])),
    computed: compileComputedTraits(snapshot.computedTraits ?? []).byName,
    geofences: new Set(Object.keys(snapshot.policy.geofences ?? {})),
    senders: settings.senders.map(({ id, postalAddress }) => ({ id, channel: 'email', postalAddress })),
    channels: deliveryChannels.filter(
      (channel) => (channel !== 'sms' && channel !== 'push') || settings[channel] !== undefined,
    ),
    policy: snapshot.policy,
  };
}

/** Undefined when some may be missing from the list. */
const propertiesOf = ({ properties }: EventType): ReadonlySet<string> | undefined => {
  const shapes = Object.values(properties).flat().length;
  return shapes < maxShapesPerType ? new Set(Object.keys(properties)) : undefined;
};

/** A journey that cannot be compiled would stop the decisions of everybody, so it never becomes live. */
function compileProblems(journey: Journey, catalog: CatalogSnapshot): Finding[] {
  const others = catalog.journeys.filter(({ id }) => id !== journey.id);
  try {
    compileCatalog({
      ...catalog,
      journeys: [...others, { id: journey.id, state: 'live', version: 1, document: journey }],
    });
    return [];
  } catch (error) {
    if (!(error instanceof GodwitError)) throw error;
    const problems =
      error.problems.length > 0 ? error.problems : [{ pointer: '', code: error.code, detail: error.message }];
    return problems.map((problem) => ({ ...problem, severity: 'error' }));
  }
}
