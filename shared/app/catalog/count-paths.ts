import type { Journey } from '../../domain/journeys/journey.ts';
import { PathTree } from '../../domain/journeys/path-tree.ts';
import type { JourneyCount, StatsReader } from '../profiles/ports.ts';
import { readCounts } from './count-journey.ts';
import type { CatalogStore, Head } from './ports.ts';

/** The catalog says how the trees of a version are called. */
export interface CountPorts {
  readonly stats: StatsReader;
  readonly catalog: Pick<CatalogStore, 'readVersion'>;
}

/** Sums of what was counted, and the share that reached the goal; null where nobody could. */
export interface Converted {
  readonly counts: { readonly [what: string]: number };
  readonly conversion: number | null;
}

type Counts = { [what: string]: number };

/** What was not told apart: runs beyond the trees that a version has numbers for. */
const OTHER = 'other';

/**
 * Per path, as text that versions share: how many runs took it (`entered`), ended on it, and reached the goal on it or on
 * what continues it, with the goal's value. A goal that was reached before a choice does not count for it. Of dry runs
 * alone, or without them.
 */
export async function countByPath(ports: CountPorts, head: Head, dryRun: boolean) {
  const { counts, trees } = await read(ports, head, dryRun);
  const rows = new Map<string, Counts>();
  for (const { version, path, what, count } of pathCounts(counts)) {
    const texts =
      path === undefined
        ? [OTHER]
        : (trees.get(version)?.passed(path) ?? []).map((one) => trees.get(version)!.text(one.path)!);
    for (const text of what.startsWith('goal') ? texts : texts.slice(-1)) add(rows, text, what, count);
  }
  return { data: listed(rows, 'path', 'entered'), ...whole(counts) };
}

/** Per `<split>/<arm>`: how many were assigned to it, and what became of them. */
export async function countByArm(ports: CountPorts, head: Head, dryRun: boolean) {
  const { counts, trees } = await read(ports, head, dryRun);
  const rows = new Map<string, Counts>();
  for (const { what, count } of counts) {
    const [, step, arm] = /^step\/([^/]+)\/port\/arm-(.+)$/.exec(what) ?? [];
    if (step !== undefined) add(rows, `${step}/${arm}`, 'assigned', count);
  }
  for (const { version, path, what, count } of pathCounts(counts)) {
    if (!what.startsWith('goal')) continue;
    const passed = path === undefined ? [] : (trees.get(version)?.passed(path) ?? []);
    const arms = passed.filter(({ isArm }) => isArm).map(({ step, choice }) => `${step}/${choice}`);
    for (const arm of new Set(arms)) add(rows, arm, what, count);
  }
  return { data: listed(rows, 'arm', 'assigned'), ...whole(counts) };
}

async function read({ stats, catalog }: CountPorts, head: Head, dryRun: boolean) {
  const counts = await readCounts(stats, head, dryRun);
  const versions = [...new Set(pathCounts(counts).map(({ version }) => version))];
  const found = await Promise.all(
    versions.map(async (version) => [version, await catalog.readVersion('journey', head.id, version)] as const),
  );
  const trees = new Map(
    found.flatMap(([version, stored]) =>
      stored === undefined ? [] : [[version, new PathTree(stored.document as Journey)] as const],
    ),
  );
  return { counts, trees };
}

function pathCounts(counts: readonly JourneyCount[]) {
  return counts.flatMap(({ version, what, count }) => {
    const [, path, rest] = /^path\/(\d+|other)\/(.+)$/.exec(what) ?? [];
    if (path === undefined || rest === undefined) return [];
    return [{ version, path: path === OTHER ? undefined : Number(path), what: rest, count }];
  });
}

/** The journey as a whole, and those who were let in beside those who were kept out for comparison. */
function whole(counts: readonly JourneyCount[]) {
  const sum = (wanted: (what: string) => boolean) =>
    counts.filter(({ what }) => wanted(what)).reduce((all, { count }) => all + count, 0);
  const of = (name: string) => sum((what) => what === name);
  const all = {
    entered: of('entered'),
    ended: sum((what) => what.startsWith('exited/')),
    goal: of('goal'),
    'goal-value': of('goal-value'),
  };
  const side = (name: 'in' | 'out') => {
    const own = { people: of(`holdout/${name}/people`), goal: of(`holdout/${name}/goal`) };
    return converted({ ...own, 'goal-value': of(`holdout/${name}/goal-value`) }, 'people');
  };
  const [letIn, keptOut] = [side('in'), side('out')];
  const isCompared = letIn.counts['people']! + keptOut.counts['people']! > 0;
  const lift =
    letIn.conversion === null || !keptOut.conversion ? null : rounded(letIn.conversion / keptOut.conversion - 1);
  return {
    total: converted(all, 'entered'),
    holdout: isCompared ? { in: letIn, out: keptOut, lift } : null,
  };
}

const listed = <K extends string>(rows: ReadonlyMap<string, Counts>, key: K, from: string) =>
  [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, counts]) => ({ [key]: name, ...converted(counts, from) }) as Converted & Record<K, string>);

function converted(counts: Counts, from: string): Converted {
  const base = counts[from] ?? 0;
  return { counts, conversion: base === 0 ? null : rounded((counts['goal'] ?? 0) / base) };
}

const rounded = (share: number): number => Math.round(share * 10_000) / 10_000;

function add(rows: Map<string, Counts>, row: string, what: string, count: number): void {
  const sums = rows.get(row) ?? {};
  rows.set(row, sums);
  sums[what] = (sums[what] ?? 0) + count;
}
