import type { KillSwitchTarget } from '../../domain/messaging/kill-switch.ts';
import type { JourneyCount, StatsReader } from '../profiles/ports.ts';
import type { CatalogStore, Head } from './ports.ts';

/** Versions whose counters are summed: older ones are empty of people in any journey that is still published. */
const MAX_VERSIONS = 20;

/** What dry runs count has this in front. */
const DRY_RUN = 'dry-run/';

/**
 * The counters of the newest versions, of dry runs alone or without them; live counters are at least once, so all figures
 * are approximate.
 */
export async function readCounts(
  stats: StatsReader,
  head: Pick<Head, 'id' | 'latest'>,
  dryRun = false,
): Promise<readonly JourneyCount[]> {
  const newest = Array.from({ length: Math.min(head.latest, MAX_VERSIONS) }, (_, index) => head.latest - index);
  const counts = (await Promise.all(newest.map((version) => stats.read(head.id, version)))).flat();
  if (!dryRun) return counts.filter(({ what }) => !what.startsWith(DRY_RUN));
  return counts.flatMap((one) =>
    one.what.startsWith(DRY_RUN) ? [{ ...one, what: one.what.slice(DRY_RUN.length) }] : [],
  );
}

/**
 * What had left before a switch was thrown, at most: decided, and not given back since. What lies in a queue at that
 * moment is among it. Successes are not reported to the actor, so that they cost nothing, and cannot be counted here.
 */
export async function countHandedOver(
  stats: StatsReader,
  head: Pick<Head, 'id' | 'latest'>,
  isCounted: (step: string) => boolean = () => true,
): Promise<number> {
  const counts = await readCounts(stats, head);
  const of = (outcome: string) =>
    sum(
      counts.filter(({ what }) => {
        const [, step] = new RegExp(`^message/([^/]+)/${outcome}$`).exec(what) ?? [];
        return step !== undefined && isCounted(step);
      }),
    );
  return Math.max(0, of('decided') - of('not-sent') - of('failed') - of('taken-back'));
}

const CONCURRENT_JOURNEYS = 10;

/**
 * The same of what a kill switch stops. Of a channel, all messages of steps that may use it, and of steps that are no
 * longer there. Messages of no journey are not counted.
 */
export async function countStopped(
  { catalog, stats }: { readonly catalog: Pick<CatalogStore, 'readSnapshot'>; readonly stats: StatsReader },
  target: KillSwitchTarget,
): Promise<number> {
  const [kind, name] = target.split(':') as [string, string?];
  const { journeys } = await catalog.readSnapshot();
  const meant = journeys.filter(({ id }) => kind !== 'journey' || id === name);
  let count = 0;
  for (let from = 0; from < meant.length; from += CONCURRENT_JOURNEYS) {
    const some = meant.slice(from, from + CONCURRENT_JOURNEYS).map(({ id, version, document: { steps } }) => {
      const mayUse = (stepId: string) => {
        const step = Object.hasOwn(steps, stepId) ? steps[stepId] : undefined;
        if (step === undefined || kind !== 'channel') return true;
        if (step.type !== 'message') return name === 'webhook';
        return step.channels === 'by-policy' || step.channels.some((channel) => channel === name);
      };
      return countHandedOver(stats, { id, latest: version }, mayUse);
    });
    count += (await Promise.all(some)).reduce((total, one) => total + one, 0);
  }
  return count;
}

export interface InFlight {
  readonly version: number;
  readonly inside: number;
  /** Who stands at which step; only those where somebody does. */
  readonly steps: Readonly<Record<string, number>>;
}

/** Who came into a version and has not left it, and where they stand. */
export async function countInFlight(stats: StatsReader, head: Head): Promise<InFlight[]> {
  const counts = await readCounts(stats, head);
  const versions = [...new Set(counts.map(({ version }) => version))].sort((a, b) => b - a);
  return versions.map((version) => {
    let inside = 0;
    const steps: Record<string, number> = {};
    for (const { what, count } of counts.filter((one) => one.version === version)) {
      if (what === 'entered' || what === 'moved-here') inside += count;
      else if (what === 'moved-away' || what.startsWith('exited/')) inside -= count;
      const at = /^step\/([^/]+)\/(?:(visited|moved-here)|port\/.+|left|moved-away)$/.exec(what);
      if (at !== null) steps[at[1]!] = (steps[at[1]!] ?? 0) + (at[2] === undefined ? -count : count);
    }
    const occupied = Object.entries(steps).filter(([, people]) => people > 0);
    return { version, inside: Math.max(0, inside), steps: Object.fromEntries(occupied) };
  });
}

/**
 * `by` step: per step what happened there. `by` day: per day what happened in the journey. Of dry runs alone, or without
 * them.
 */
export async function countJourney(stats: StatsReader, head: Head, by: 'step' | 'day', dryRun: boolean) {
  const counts = await readCounts(stats, head, dryRun);
  const groups = new Map<string, Record<string, number>>();
  for (const { day, what, count } of counts) {
    if (what.startsWith('path/')) continue;
    const place = placeOf(what);
    const group = by === 'day' ? day : (place?.step ?? '');
    const name = by === 'day' ? what : (place?.what ?? what);
    const sums = groups.get(group) ?? {};
    groups.set(group, sums);
    sums[name] = (sums[name] ?? 0) + count;
  }
  const data = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([group, sums]) => ({ [by]: group, counts: sums }));
  return { data };
}

/** `step/<id>/visited`, `step/<id>/port/<port>` and `message/<id>/<outcome>` belong to a step. */
function placeOf(what: string): { readonly step: string; readonly what: string } | undefined {
  const match = /^(step|message)\/([^/]+)\/(.+)$/.exec(what);
  if (match === null) return undefined;
  return { step: match[2]!, what: match[1] === 'message' ? `message/${match[3]}` : match[3]! };
}

const sum = (counts: readonly JourneyCount[]) => counts.reduce((total, { count }) => total + count, 0);
