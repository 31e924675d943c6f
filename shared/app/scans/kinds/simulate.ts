import { deflateSync, inflateSync } from 'node:zlib';
import { type CompiledCatalog, compileCatalog } from '../../../domain/compiled-catalog.ts';
import { neededVersions } from '../../../domain/decide.ts';
import type { Journey } from '../../../domain/journeys/journey.ts';
import type { Profile } from '../../../domain/profiles/profile.ts';
import type { Json } from '../../../kernel/canonical-json.ts';
import { DAY_MS, formatInstant } from '../../../kernel/time.ts';
import type { Behaviour } from '../../../simulation/behaviour.ts';
import type { MadeEvents } from '../../../simulation/population.ts';
import { addParts, Sample, type SamplePart } from '../../../simulation/sample.ts';
import { isSomebody } from '../is-somebody.ts';
import { type ScanPorts, scanKind } from '../scan-kind.ts';

export type SimulateParams = {
  readonly journey: string;
  /** Live already, or the one that it would be. */
  readonly version: number;
  /** Of that version: a draft may have changed before the job is done. */
  readonly document: Journey;
  /** The catalog that it was checked with. */
  readonly epoch: number;
  /** At most so many customers. */
  readonly sample: number;
  readonly days: number;
  readonly seed: string;
  readonly events: MadeEvents;
  readonly behaviour: Behaviour;
};

/** A call works for a minute at most when its time is up, and an item has room for a part of so many records. */
const PAGE_RECORDS = 8_000;
const CUSTOMER_RECORDS = 2_000;
/** So many parts are added up when somebody reads the result. */
const ALL_RECORDS = 500_000;

/**
 * What a journey would do to the people who are there now. Nothing is told to anybody and nothing of anybody is kept:
 * a part has figures only.
 *
 * The sample is the first customers that one scan of the whole table comes to. DynamoDB places items by a hash of their
 * partition key (Developer Guide, "Partitions and data distribution"): who comes first has nothing to do with who they
 * are, and the same job that tries again meets the same. So a sample costs reads for itself, whatever the size of the table.
 */
export const simulateKind = scanKind<SimulateParams>({
  kind: 'simulate',
  async page(profiles, job, ports, _room, before) {
    const { params, begin } = job;
    const meant = profiles.map(({ profile }) => profile).filter(isSomebody);
    const sample = new Sample({
      ...params,
      catalog: await catalogWith(params, meant, ports),
      from: begin,
      until: begin + params.days * DAY_MS,
      maxRecords: CUSTOMER_RECORDS,
    });
    const taken = () => (before['customers'] ?? 0) + sample.counts.customers;
    const isEnough = () => taken() >= params.sample || (before['records'] ?? 0) + sample.counts.records >= ALL_RECORDS;
    let last = -1;
    for (const { key, profile, at } of profiles) {
      if (isEnough() || sample.counts.records >= PAGE_RECORDS) break;
      last += 1;
      if (isSomebody(profile)) sample.add({ key, profile, at });
    }
    return {
      counts: sample.counts,
      keep: packed(sample.part(params.journey)),
      last,
      ...(isEnough() && { enough: true }),
    };
  },
  async result({ counts, job: { params, begin }, kept }) {
    const { journey, version, days, seed, sample } = params;
    const { customers = 0, records = 0, endless = 0 } = counts;
    const figures = addParts((await kept()).map(unpacked), { customers, days });
    return {
      ...{ journey, version, seed, sample, customers, endless, isCut: records >= ALL_RECORDS && customers < sample },
      from: formatInstant(begin),
      until: formatInstant(begin + days * DAY_MS),
      ...figures,
    } as unknown as Json;
  },
});

/** Everything that is live, and in its place the version that is asked about: runs stay on theirs. */
async function catalogWith(
  { journey: id, version, document, epoch }: SimulateParams,
  profiles: readonly Profile[],
  { catalogs }: Pick<ScanPorts, 'catalogs'>,
): Promise<CompiledCatalog> {
  const { snapshot, pinned } = await catalogs.current(epoch, profiles.flatMap(neededVersions));
  const live = snapshot.journeys.find((one) => one.id === id);
  const others = snapshot.journeys.filter((one) => one.id !== id);
  const asked = { ...live, id, version, document, state: 'live' } as const;
  return compileCatalog({ ...snapshot, journeys: [...others, asked] }, live === undefined ? pinned : [...pinned, live]);
}

const packed = (part: SamplePart): string => deflateSync(JSON.stringify(part)).toString('base64');
const unpacked = (kept: Json): SamplePart =>
  JSON.parse(inflateSync(Buffer.from(kept as string, 'base64')).toString()) as SamplePart;
