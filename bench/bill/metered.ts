import type { LocalCloud, MeterReading } from '../../local/cloud.ts';
import { storedBytes } from './stored-bytes.ts';

/** Everything that work leaves behind on the local cloud. */
export interface Metered {
  readonly reading: MeterReading;
  /** As CloudWatch Logs counts: UTF-8, and 26 bytes for each event. */
  readonly logBytes: number;
  readonly cpuMilliseconds: number;
  /** What was added to each table. */
  readonly storedBytes: Readonly<Record<string, number>>;
}

const LOG_EVENT_OVERHEAD = 26;

const logLines = (cloud: LocalCloud) => cloud.traces().filter(({ kind }) => kind === 'log');

const cpuMicros = async (cloud: LocalCloud): Promise<number> =>
  Object.values(await cloud.workerCpuMicros()).reduce((sum, micros) => sum + micros, 0);

export async function meter(cloud: LocalCloud, work: () => Promise<void>): Promise<Metered> {
  await cloud.settle();
  const before = await storedBytes(cloud);
  const linesBefore = logLines(cloud).length;
  const microsBefore = await cpuMicros(cloud);
  cloud.meter.reset();
  await work();
  await cloud.settle();
  const reading = cloud.meter.read();
  const cpuMilliseconds = ((await cpuMicros(cloud)) - microsBefore) / 1_000;
  const logBytes = logLines(cloud)
    .slice(linesBefore)
    .reduce((sum, { text }) => sum + Buffer.byteLength(text) + LOG_EVENT_OVERHEAD, 0);
  const after = await storedBytes(cloud);
  const added = Object.entries(after).map(([table, bytes]) => [table, bytes - (before[table] ?? 0)] as const);
  return { reading, logBytes, cpuMilliseconds, storedBytes: Object.fromEntries(added) };
}

/** Names of the metrics that functions counted, as they stand in the lines that CloudWatch makes metrics of. */
export function countedMetrics(cloud: LocalCloud): string[] {
  const names = new Set<string>();
  for (const { text } of logLines(cloud)) {
    if (!text.includes('"CloudWatchMetrics"')) continue;
    const line = JSON.parse(text) as { _aws: { CloudWatchMetrics: { Metrics: { Name: string }[] }[] } };
    for (const { Metrics } of line._aws.CloudWatchMetrics) for (const { Name } of Metrics) names.add(Name);
  }
  return [...names].sort();
}
