// `npm run bench:statistics`: what the nightly job costs for a million customers. Counted on pages of made-up profiles, by
// the code that the job runs; only seconds of CPU are timed.
import type { StoredProfile } from '../shared/app/ports.ts';
import type { Job } from '../shared/app/scans/job.ts';
import { statisticsKind } from '../shared/app/scans/kinds/statistics.ts';
import type { ScanPorts } from '../shared/app/scans/scan-kind.ts';
import { Segment } from '../shared/domain/audiences/segment.ts';
import { compileCatalog } from '../shared/domain/compiled-catalog.ts';
import { emptyProfile, type Trait } from '../shared/domain/profiles/profile.ts';
import type { Statistics } from '../shared/domain/statistics/statistics.ts';
import type { Json } from '../shared/kernel/canonical-json.ts';
import { profileKey } from '../shared/kernel/ids.ts';
import { prices } from './prices.ts';
import { writeSection } from './write-section.ts';

const A_MILLION = 1_000_000;
/** A page of a scan is 1 MB. */
const PROFILE_BYTES = 2_048;
const PER_PAGE = Math.floor(1_048_576 / PROFILE_BYTES);
const PAGES = 40;
const NUMBERS = 20;
const SEGMENTS = 50;
/** What scan-profiles has of a vCPU, and its memory in GB (Lambda: 1,769 MB are one vCPU). */
const GIGABYTES = 0.5;
const VCPU = 512 / 1_769;
const now = Date.UTC(2026, 10, 26, 2, 17);

/** The same sequence every time (Park and Miller). */
let seed = 1;
const random = () => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed / 2_147_483_647;
};
const trait = (value: Json): Trait => ({ value, at: now, source: 'identify' });

function made(index: number): StoredProfile {
  const traits: { [name: string]: Trait } = { plan: trait(index % 3 === 0 ? 'gold' : 'free') };
  // Half of them are small whole numbers, half are amounts that spread over three decades.
  for (let i = 0; i < NUMBERS; i += 1) {
    traits[`number${i}`] = trait(
      i % 2 === 0 ? Math.floor(random() * 30) : Math.round(10 ** (random() * 3) * 100) / 100,
    );
  }
  const profile = { ...emptyProfile, ids: { user: `u${index}` }, traits };
  return { key: profileKey('user', `u${index}`), version: 1, at: now, epoch: 1, profile };
}

const catalog = compileCatalog({
  epoch: 1,
  journeys: [],
  templates: [],
  topics: [],
  endpoints: [],
  segments: Array.from({ length: SEGMENTS }, (_, i) =>
    Segment.parse({
      schemaVersion: 1,
      id: `s${i}`,
      name: `s${i}`,
      where: `profile.number${i % NUMBERS} > ${i} and profile.plan = "gold"`,
    }),
  ),
  policy: { schemaVersion: 1, zone: 'UTC', locale: 'en', quietHours: [], caps: [] },
});

const kept: Json[] = [];
let saved: Statistics | undefined;
let sizesWritten = 0;
const refuse = () => {
  throw new Error('the job has no use for this');
};
const ports: ScanPorts = {
  clock: () => now,
  metrics: { count: refuse },
  catalogs: { current: async () => catalog },
  profiles: { scan: refuse, read: refuse },
  journal: { read: refuse },
  journalRetentionDays: 90,
  mailbox: { send: refuse },
  backlog: { waiting: refuse, most: 0 },
  jobs: new Proxy({} as ScanPorts['jobs'], { get: refuse }),
  machine: { start: refuse },
  suppressions: new Proxy({} as ScanPorts['suppressions'], { get: refuse }),
  consents: new Proxy({} as ScanPorts['consents'], { get: refuse }),
  subjects: new Proxy({} as ScanPorts['subjects'], { get: refuse }),
  intake: new Proxy({} as ScanPorts['intake'], { get: refuse }),
  files: { read: refuse, write: refuse },
  messages: { read: refuse },
  carried: { mayCarry: true, has: refuse },
  unknown: { list: refuse, settle: refuse },
  items: { list: refuse, put: refuse, remove: refuse },
  remains: { list: refuse, remove: refuse },
  collections: refuse,
  documents: {
    readHead: async () => undefined,
    readVersion: async () => undefined,
    async saveLive(kind, id, name, document) {
      if (kind === 'statistics') saved = document as Statistics;
      return { id, name, state: 'live', latest: 1, etag: '', hasDraft: false, changedAt: now, changedBy: 'bench' };
    },
  },
  sizes: {
    async put(_day, sizes) {
      sizesWritten = sizes.size;
    },
  },
};
const job: Job = {
  ...{ id: 'bench', kind: 'statistics', state: 'running', params: {}, segments: 1, by: 'bench', run: 0 },
  ...{ at: now, begin: now },
};

async function cpu(work: () => Promise<void>): Promise<number> {
  const started = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1e6;
}

const pages = Array.from({ length: PAGES }, (_, page) =>
  Array.from({ length: PER_PAGE }, (_, i) => made(page * PER_PAGE + i)),
);
const pageSeconds = await cpu(async () => {
  for (const [index, page] of pages.entries()) {
    const result = await statisticsKind.page!(page, job, ports, 1, {}, { segment: 0, page: index });
    kept.push(result.keep!);
  }
});
const finishSeconds = await cpu(async () => {
  await statisticsKind.finish!(
    job,
    ports,
    (async function* () {
      yield* kept;
    })(),
  );
});
if (saved?.profiles !== PAGES * PER_PAGE || Object.keys(saved.traits).length !== NUMBERS) {
  throw new Error('the counts are wrong');
}

const perMillion = Math.ceil(A_MILLION / PER_PAGE);
const keptBytes = kept.map((one) => Buffer.byteLength(JSON.stringify(one)));
const averageKept = keptBytes.reduce((sum, bytes) => sum + bytes, 0) / PAGES;
const keptUnits = (keptBytes.reduce((sum, bytes) => sum + Math.ceil((bytes + 200) / 1_024), 0) / PAGES) * perMillion;
const documentBytes = Buffer.byteLength(JSON.stringify(saved));
const reads = {
  table: (A_MILLION * PROFILE_BYTES) / 4_096 / 2,
  // The job before every page, and at the end what pages have kept; consistent.
  job: perMillion,
  parts: (averageKept * perMillion) / 4_096,
};
const writes = { parts: keptUnits, progress: perMillion, sizes: sizesWritten };
const sum = (all: object) => (Object.values(all) as number[]).reduce((total, one) => total + one, 0);
const seconds = (pageSeconds / PAGES + finishSeconds / PAGES) * perMillion;
const dollars = {
  reads: sum(reads) * prices.readUnit,
  writes: sum(writes) * prices.writeUnit,
  lambda: (seconds / VCPU) * GIGABYTES * prices.lambdaGigabyteSecond,
};
const whole = (count: number) => Math.round(count).toLocaleString('en-US');
const text = `## The base counted, per million customers

Written by \`npm run bench:statistics\`: profiles of 2 KB, of which ${NUMBERS} traits are numbers, and ${SEGMENTS} segments of two
comparisons; ${PAGES} pages of ${PER_PAGE} profiles, scaled up.

| | |
| --- | --: |
| read units: the table | ${whole(reads.table)} |
| read units: the job before each page, and what pages have kept | ${whole(reads.job + reads.parts)} |
| write units: what pages keep (${whole(averageKept)} bytes each) | ${whole(writes.parts)} |
| write units: progress, and a size for each segment | ${whole(writes.progress + writes.sizes)} |
| the document that decisions read | ${whole(documentBytes)} bytes |
| CPU for the pages, this time | ${whole((pageSeconds / PAGES) * perMillion)} s |
| CPU for adding up at the end, this time | ${((finishSeconds / PAGES) * perMillion).toFixed(1)} s |
| **a night** | **$${sum(dollars).toFixed(2)}**: reads $${dollars.reads.toFixed(3)}, writes $${dollars.writes.toFixed(3)}, Lambda $${dollars.lambda.toFixed(3)} |

Counts are the same on every machine, seconds are not. Evaluating segments is most of the CPU: it grows with profiles times segments.
Not measured: what DynamoDB and the network add to the time of a call, and how evaluation slows down while it loads a newer catalog.
`;
writeSection('statistics', text);
process.stdout.write(text);
