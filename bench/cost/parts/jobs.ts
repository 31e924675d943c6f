import type { MeterReading } from '../../../local/cloud.ts';
import { type BenchCloud, DAY, MINUTE, withCloud } from '../bench-cloud.ts';
import { measureIdentities } from '../identities.ts';
import { measureImports } from '../imports.ts';
import { less, type MeasuredRow } from '../measured.ts';
import { type Part, Rows, rowOf } from '../part.ts';
import { mustDiffer, table, unmeasured } from '../table.ts';

/** Two sizes of the base: what a job costs by itself, and what each profile adds. */
const FEW = 50;
const MANY = 200;
/** A clause that has been counted back is there for the next segment that has it, so each size asks another. */
const DAYS = [79, 80] as const;
const ERASED = 5;
const A_MILLION = 1_000_000;

interface Job {
  readonly id: string;
  readonly what: string;
  run(bench: BenchCloud, round: number): Promise<unknown>;
}

const jobs: readonly Job[] = [
  {
    ...{ id: 'broadcast', what: 'a broadcast of one e-mail to everybody' },
    async run({ api, cloud }, round) {
      const id = `all-${round}`;
      await api.post(
        '/v1/broadcasts',
        { id, template: 'hello', topic: 'account', perMinute: 60_000 },
        { 'idempotency-key': id },
      );
      const before = cloud.messages().length;
      await cloud.advance(10 * MINUTE);
      const sent = cloud.messages().length - before;
      if (sent !== [FEW, MANY][round]) throw new Error(`the broadcast reached ${sent}`);
    },
  },
  {
    ...{ id: 'backfill.found', what: 'a segment counted back from journals, found there' },
    run: (bench, round) => saveSegment(bench, `found-${round}`, `did "Looked Around" in last ${DAYS[round]} days`),
  },
  {
    ...{ id: 'backfill.absent', what: 'a segment counted back from journals, nothing there' },
    run: (bench, round) => saveSegment(bench, `absent-${round}`, `did "Never Happened" in last ${DAYS[round]} days`),
  },
  {
    ...{ id: 'count', what: 'an exact count of a segment on demand' },
    async run({ api, rest }) {
      await api.get('/v1/segments/on-demand/count?exact=true');
      await rest();
    },
  },
  {
    ...{ id: 'day', what: 'a day with nobody doing anything' },
    run: ({ cloud }) => cloud.advance(DAY),
  },
];

async function saveSegment({ api, rest }: BenchCloud, id: string, where: string): Promise<void> {
  await api.put(`/v1/segments/${id}`, { schemaVersion: 1, id, name: id, where });
  await rest();
}

/** Jobs that look at everybody, and what is done for one customer or row. */
export const jobsPart: Part = {
  name: 'jobs',
  async count() {
    const rows = new Rows('jobs');
    await withCloud((bench) => measureScans(bench, rows));
    await withCloud(async (bench) => {
      await measureIdentities(bench, rows);
      await measureErasures(bench, rows);
      await measureImports(bench, rows);
    });
    return rows.rows;
  },
  text(rows) {
    const scans = jobs.map(({ id, what }) => ({
      what,
      fixed: rowOf(rows, `job.${id}.fixed`),
      each: rowOf(rows, `job.${id}.profile`),
    }));
    return render(
      scans,
      rows.filter(({ id }) => !id.startsWith('job.')),
    );
  },
};

interface Scan {
  readonly what: string;
  readonly fixed: MeasuredRow;
  readonly each: MeasuredRow;
}

async function measureScans(bench: BenchCloud, rows: Rows): Promise<void> {
  const { api, meter, postInTurn, rest } = bench;
  const onDemand = { schemaVersion: 1, id: 'on-demand', name: 'On demand', where: 'profile.plan = "gold"' };
  await api.put('/v1/segments/on-demand', onDemand);
  const readings: MeterReading[][] = [];
  let known = 0;
  for (const [round, size] of [FEW, MANY].entries()) {
    const users = Array.from({ length: size - known }, (_, i) => `customer-${known + i}`);
    known = size;
    await postInTurn(
      users.map((userId) => ({
        ...{ type: 'identify', userId, traits: { plan: 'gold', firstName: 'Ada', email: `${userId}@mail.example` } },
      })),
      100,
    );
    await postInTurn(
      users.map((userId) => ({ type: 'track', userId, event: 'Looked Around' })),
      100,
    );
    await rest();
    // The first sweep after it does not know how large the table is.
    await bench.cloud.advance(DAY);
    const found: MeterReading[] = [];
    for (const job of jobs) found.push(await meter(() => job.run(bench, round)));
    readings.push(found);
  }
  for (const [i, { id, what }] of jobs.entries()) {
    const [few, many] = [readings[0]![i]!, readings[1]![i]!];
    const more = less(many, few, 1);
    rows.add(`job.${id}.profile`, `${what}: each profile`, 'profile', MANY - FEW, more);
    rows.add(`job.${id}.fixed`, `${what}: by itself`, 'job', 1, less(few, more, FEW / (MANY - FEW)));
    mustDiffer(`read units of ${what} with ${MANY} profiles against ${FEW}`, few.readUnits, many.readUnits);
  }
}

async function measureErasures({ api, cloud, meter }: BenchCloud, rows: Rows): Promise<void> {
  const reading = await meter(async () => {
    for (let i = 0; i < ERASED; i++) await api.delete(`/v1/profiles/customer-${i}?idType=userId`);
    await cloud.advance(30 * MINUTE);
  });
  rows.add('erase', 'a customer erased, of four entries in the journal', 'customer', ERASED, reading);
}

const dollarsFor = ({ fixed, each }: Scan, profiles: number): number =>
  (fixed.dollarsPerMillion + each.dollarsPerMillion * profiles) / 1e6;

function render(scans: readonly Scan[], single: readonly MeasuredRow[]): string {
  const lines = scans.map((scan) => {
    const { each } = scan;
    const cells = [
      each.writeUnits.toFixed(2),
      each.readUnits.toFixed(2),
      each.transitions.toFixed(4),
      `$${(dollarsFor(scan, 0)).toFixed(4)}`,
    ];
    return `| ${scan.what} | ${cells.join(' | ')} | $${dollarsFor(scan, A_MILLION).toFixed(2)} |`;
  });
  return `## Jobs

Written by \`npm run bench:cost -- --only jobs\`. Jobs that look at everybody were counted with ${FEW} small profiles and with ${MANY}: the difference is what each profile
costs, the rest what the job costs by itself. **A million is the sum of both, scaled up, and was not run.** A message, its decision and its receipt are in the broadcast; the provider's
fee is not.

| job | write units of each | read units | transitions | by itself | a million profiles |
| --- | --: | --: | --: | --: | --: |
${lines.join('\n')}

### For one customer, or one row

By the default policy e-mail and phone are looked up. Imports are of a thousand rows each, of some 60 bytes, and counted by the row.

${table(single)}

The control: each job must read more among ${MANY} profiles than among ${FEW}.

${unmeasured([
  'Profiles as large as real ones: a scan is billed by the bytes that it passes, and these have a name, a plan and an address.',
  'A million: pages, segments of a scan and steps of its pace grow with the profiles, and the first two sizes have one page for each segment. Pacing is transitions: 4,000 a million at 6,000 a minute (docs/broadcasts.md).',
  "Lambda's gigabyte-seconds, S3.",
])}
`;
}
