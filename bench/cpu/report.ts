import { availableParallelism, cpus } from 'node:os';
import { BARE, type ClientRow, DEFAULT } from './clients.ts';
import type { LatencyRow } from './latency.ts';
import { type CpuReading, functionsMicros } from './who.ts';

export interface Measured {
  readonly cpu: CpuReading;
  /** Of real time, until all was at rest. */
  readonly seconds: number;
}

export interface Part extends Measured {
  readonly what: string;
  readonly events: number;
}

interface Figures {
  readonly clients: readonly ClientRow[];
  readonly parts: readonly Part[];
  /** The part that the budget is about. */
  readonly message: Part;
  readonly kinds: readonly { readonly name: string; readonly micros: ReadonlyMap<string, number> }[];
  readonly latencies: readonly LatencyRow[];
}

/** In the order of their columns. */
const onTheWay = ['ingest', 'evaluate', 'send-email', 'receipts'] as const;

/** CPU-seconds per 1,000 events, until the message is captured (design, budgets). */
const BUDGET = 3;
const AIM = 1;

export function renderCpu({ clients, parts, message, kinds, latencies }: Figures): string {
  const bare = clients.find(({ what }) => what === BARE)!.micros;
  const sdk = clients.find(({ what }) => what === DEFAULT)!.micros;
  const { model = 'unknown processor' } = cpus()[0] ?? {};
  return `## CPU from request to captured message

Written by \`npm run bench:cpu\`. CPU-seconds per 1,000 events, and beside them how many bare HTTP round trips that is, of
${bare.toFixed(0)} µs this time: seconds belong to one machine and what else it does, the multiple much less. Functions run in
worker threads, which tell their CPU; the least of several rounds that take turns. Controls: an event that changes
nothing costs less than a message, ten events to a request less than one.

| one event, one request | ${onTheWay.join(' | ')} | until the message | in round trips each | V8's own threads | emulators and client | DynamoDB's emulator | events per second |
| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
${parts.map((part) => partLine(part, bare)).join('\n')}

Eight requests at a time, as fast as they are answered: the last column is what two cores carry, and the columns before it are where
their time goes. \`receipts\` comes after the message: delivery and send events of SES. Emulators are the
gateway, the HTTP API, queues and SES in the main thread, and whoever posts. V8's threads collect and compile for them, too.

${verdict(message)}

### What the functions compute

By the source of each function of a CPU profile; what Node and V8 do belongs to whoever called them.

${kindTable(kinds)}

### One call of DynamoDB, by the options of its client

A put or a read of 1 KB, CPU of the caller's thread. Options one by one, then together; what they gave is discussed in
[ADR 45](docs/adr/0045-the-short-way-of-aws-calls.md).

| client | µs this time | of the SDK as it comes | round trips |
| --- | --: | --: | --: |
${clients.map(({ what, micros }) => `| ${what} | ${micros.toFixed(0)} | ${((100 * micros) / sdk).toFixed(0)} % | ${(micros / bare).toFixed(1)} |`).join('\n')}

### How long it takes

From before the request leaves until the message is captured, this time; client, emulators and functions share the two cores. At a
rate above what they carry (the last column above), events wait in the mailbox, and that is what is seen.

| events per second | events | p50 | p99 |
| --: | --: | --: | --: |
${latencies.map(({ perSecond, events, p50, p99 }) => `| ${perSecond} | ${events} | ${p50.toFixed(0)} ms | ${p99.toFixed(0)} ms |`).join('\n')}

This time: ${model}, ${availableParallelism()} cores shared with other work, Node ${process.version}.

### What it does not measure
- Lambda: a worker thread is no micro-VM; freezing, TLS and the network of AWS are not there. Nothing of it has run on AWS.
- The first event of a container: everything is compiled before anything is counted.
- Other channels, larger profiles, many journeys: one journey answers each event with one e-mail.
`;
}

/** `receipts` are told of the message when it is there. */
const untilMessage = (cpu: CpuReading): number => functionsMicros(cpu) - (cpu.functions['receipts'] ?? 0);

function verdict({ cpu, events }: Part): string {
  const found = untilMessage(cpu) / 1e3 / events;
  const word = (most: number) => (found <= most ? 'met' : `missed by ${(found - most).toFixed(2)}`);
  return `The budget until the message is ${BUDGET} CPU-seconds per 1,000 events: ${word(BUDGET)} this time; the aim after it is ${AIM}: ${word(AIM)}.`;
}

function partLine({ what, events, cpu, seconds }: Part, bare: number): string {
  const each = (micros: number) => (micros / 1e3 / events).toFixed(2);
  const functions = untilMessage(cpu);
  const cells = [
    ...onTheWay.map((name) => each(cpu.functions[name] ?? 0)),
    each(functions),
    (functions / events / bare).toFixed(0),
    each(cpu.helpers),
    each(cpu.main),
    each(cpu.database),
    (events / seconds).toFixed(0),
  ];
  return `| ${what} | ${cells.join(' | ')} |`;
}

function kindTable(kinds: Figures['kinds']): string {
  const found = onTheWay.flatMap((name) => kinds.find((one) => one.name.endsWith(`-${name}`)) ?? []);
  const sums = new Map<string, number>();
  for (const { micros } of found) for (const [what, one] of micros) sums.set(what, (sums.get(what) ?? 0) + one);
  const total = (micros: ReadonlyMap<string, number>) => [...micros.values()].reduce((sum, one) => sum + one, 0);
  const columns = [...found.map(({ micros }) => micros), sums];
  const lines = [...sums]
    .sort((a, b) => b[1] - a[1])
    .map(([what]) => {
      const shares = columns.map((micros) => `${((100 * (micros.get(what) ?? 0)) / total(micros)).toFixed(0)} %`);
      return `| ${what} | ${shares.join(' | ')} |`;
    });
  return [`| | ${onTheWay.join(' | ')} | all |`, `| --- |${' --: |'.repeat(columns.length)}`, ...lines].join('\n');
}
