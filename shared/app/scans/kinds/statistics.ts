import { deflateSync, inflateSync } from 'node:zlib';
import type { CompiledCatalog } from '../../../domain/compiled-catalog.ts';
import { factsOf } from '../../../domain/journeys/engine/facts.ts';
import { zoneOf } from '../../../domain/journeys/engine/scope.ts';
import type { Profile } from '../../../domain/profiles/profile.ts';
import { addSummaries, noSummary, statisticsOf, summaryOf } from '../../../domain/statistics/base-summary.ts';
import { namedNumbers, numbersOf } from '../../../domain/statistics/numbers-of.ts';
import { type PackedSummary, packSummary, unpackSummary } from '../../../domain/statistics/pack-summary.ts';
import type { Json } from '../../../kernel/canonical-json.ts';
import { formatInstant } from '../../../kernel/time.ts';
import { saveStatistics } from '../../statistics/save-statistics.ts';
import { isSomebody } from '../is-somebody.ts';
import { scanKind } from '../scan-kind.ts';
import { startNightlyLook } from '../start-look.ts';
import { startScan } from '../start-scan.ts';

/** What a page keeps: figures only, nothing of anybody. */
interface Part {
  readonly summary: PackedSummary;
  /** Members by segment; those with none are left out. */
  readonly members: { readonly [segment: string]: number };
}

/**
 * Once a night: what the numbers of all customers are like, and how many belong to each segment.
 *
 * 1. Every page keeps what its customers add up to (a page of 1 MB holds some 500), and the end adds up the parts: sums of
 *    any pages in any order are the same, and a page that is done again replaces what it kept.
 * 2. A person counts once, at the root of what was merged; a signpost and what an erasure left are nobody.
 * 3. The end may come twice. The document has the time at which the job began, so it is the same one.
 */
export const statisticsKind = scanKind<Record<string, never>>({
  kind: 'statistics',
  async page(profiles, _job, ports) {
    const people = profiles.filter(({ profile }) => isSomebody(profile));
    const epoch = people.reduce((newest, one) => Math.max(newest, one.epoch), 0);
    const catalog = await ports.catalogs.current(epoch, []);
    const now = ports.clock();
    const members: { [segment: string]: number } = {};
    for (const { profile } of people) {
      for (const segment of segmentsOf(profile, catalog, now)) members[segment] = (members[segment] ?? 0) + 1;
    }
    const named = namedNumbers(catalog.policy);
    const summary = summaryOf(
      people.map(({ profile }) => {
        const zone = zoneOf({ profile, catalog, now }, undefined);
        return numbersOf(profile, named, catalog.computed, { now, zone });
      }),
    );
    const keep = people.length > 0 && { keep: packed({ summary: packSummary(summary), members }) };
    const outliers = people.reduce((sum, { profile }) => sum + flaggedIn(profile), 0);
    return { counts: { people: people.length, outliers }, ...keep };
  },
  async finish({ id, begin, by }, ports, kept) {
    const catalog = await ports.catalogs.current(0, [], true);
    const members = new Map([...catalog.segments.keys()].map((id) => [id, 0]));
    let summary = noSummary;
    for await (const one of kept) {
      const part = unpacked(one);
      summary = addSummaries(summary, unpackSummary(part.summary));
      for (const [id, many] of Object.entries(part.members)) members.set(id, (members.get(id) ?? 0) + many);
    }
    await ports.sizes.put(formatInstant(begin).slice(0, 10), members);
    const first = new Set([...catalog.computed.byName.keys(), ...namedNumbers(catalog.policy)]);
    const statistics = statisticsOf(summary, begin, first);
    await saveStatistics(ports.documents, statistics, { by, at: ports.clock() });
    const figures = await ports.catalogs.current(0, [], true);
    await startNightlyLook(startScan({ ...ports, now: ports.clock }), figures, id, by);
  },
});

const flaggedIn = ({ traits }: Profile): number =>
  Object.values(traits).filter(({ flag }) => flag === 'outlier').length;

function segmentsOf(profile: Profile, catalog: CompiledCatalog, now: number): string[] {
  const facts = factsOf({ profile, catalog, now }, { entry: {}, fields: {} });
  return [...catalog.segments.keys()].filter((id) => facts.segment(id)?.value === true);
}

const packed = (part: Part): string => deflateSync(JSON.stringify(part)).toString('base64');
const unpacked = (kept: Json): Part =>
  JSON.parse(inflateSync(Buffer.from(kept as string, 'base64')).toString()) as Part;
