import { readFileSync } from 'node:fs';
import type { LocalCloud } from '../../local/cloud.ts';

/** CPU time in µs, since each began. */
export interface CpuReading {
  /** By name, without the environment's prefix: worker threads. */
  readonly functions: Readonly<Record<string, number>>;
  /** The main thread: every emulator but DynamoDB's, and whoever posts the events. */
  readonly main: number;
  /** Threads of V8's own, which collect garbage and compile for all of them. */
  readonly helpers: number;
  readonly database: number;
}

export async function readCpu(cloud: LocalCloud): Promise<CpuReading> {
  const workers = await cloud.workerCpuMicros();
  const functions = Object.fromEntries(
    Object.entries(workers).map(([name, micros]) => [name.replace('godwit-local-', ''), micros]),
  );
  const main = sum(process.threadCpuUsage());
  const inWorkers = Object.values(functions).reduce((total, micros) => total + micros, 0);
  const helpers = sum(process.cpuUsage()) - main - inWorkers;
  return { functions, main, helpers, database: databaseMicros(cloud.databasePid) };
}

export function since(after: CpuReading, before: CpuReading): CpuReading {
  return {
    functions: Object.fromEntries(
      Object.entries(after.functions).map(([name, micros]) => [name, micros - (before.functions[name] ?? 0)]),
    ),
    main: after.main - before.main,
    helpers: after.helpers - before.helpers,
    database: after.database - before.database,
  };
}

export const functionsMicros = ({ functions }: CpuReading): number =>
  Object.values(functions).reduce((total, micros) => total + micros, 0);

const sum = ({ user, system }: NodeJS.CpuUsage) => user + system;

/** proc(5): utime and stime in ticks, of which Linux shows a hundred a second on every architecture that Node runs on. */
function databaseMicros(pid: number | undefined): number {
  if (pid === undefined) return 0;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.reduce((total, child) => {
    const fields = readFileSync(`/proc/${child}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return total + (Number(fields[11]) + Number(fields[12])) * 10_000;
  }, 0);
}
