import { availableParallelism, cpus } from 'node:os';
import type { BundleSize } from '../../infra/bundle-size.ts';

export interface StartRow extends BundleSize {
  readonly name: string;
  readonly gzip: number;
  /** Packages of the clients that its baseline makes. */
  readonly clients: readonly string[];
  /** µs, Node's own start included: with those clients alone, and with all of the function. */
  readonly clientsMicros: number;
  readonly micros: number;
}

export interface ControlRow {
  readonly what: string;
  readonly bytes: number;
  readonly micros: number;
}

export interface StartFigures {
  readonly rounds: number;
  readonly emptyMicros: number;
  readonly rows: readonly StartRow[];
  readonly controls: readonly ControlRow[];
}

/** The budget: so many times what Node and its clients take. */
export const INGEST_RATIO = 2;

export const ratioOf = ({ micros, clientsMicros }: StartRow): number => micros / clientsMicros;

const kilobytes = (bytes: number) => Math.round(bytes / 1_000).toLocaleString('en-US');
const ms = (micros: number) => (micros / 1_000).toFixed(0);

export function renderStart({ rounds, emptyMicros, rows, controls }: StartFigures): string {
  const { model = 'unknown processor' } = cpus()[0] ?? {};
  const ingest = ratioOf(rows.find(({ name }) => name === 'ingest')!);
  return `## Cold start

Written by \`npm run bench:start\`. CPU, user and system, of a process from its beginning until it has loaded: Node and nothing
(${ms(emptyMicros)} ms this time), Node and the clients of AWS that the function needs, bundled as it is and made once, and the function, loaded as
Lambda loads it, with the variables that its template gives it. The median of ${rounds} processes of each, which take turns; compiled code is not
kept. Milliseconds belong to one machine, the last column much less.

| function | read at start, KB | package, KB | gzip, KB | clients | clients alone, ms | function, ms | of clients alone |
| --- | --: | --: | --: | --- | --: | --: | --: |
${rows.map(startLine).join('\n')}

| budget | | measured | |
| --- | --: | --: | --- |
| \`ingest\`, of Node and its clients | ≤ ${INGEST_RATIO}.00 | ${ingest.toFixed(2)} | ${ingest <= INGEST_RATIO ? 'met' : 'missed'} |

Controls, which must come out dearer than what they are compared with:

| control | KB | ms |
| --- | --: | --: |
${controls.map(({ what, bytes, micros }) => `| ${what} | ${kilobytes(bytes)} | ${ms(micros)} |`).join('\n')}

This time: ${model}, ${availableParallelism()} cores shared with other work, Node ${process.version}.

### What it does not measure
- Lambda: the micro-VM, the download of the package, AWS's own runtime client, and that a function has more CPU while it starts than its memory
  buys it afterwards. Nothing of it has run on AWS.
- The first call: what is loaded by then only, what V8 compiles when it is called, TLS, and the region's network.
- The processor: functions run on arm64.
`;
}

function startLine(row: StartRow): string {
  const cells = [
    ...[row.start, row.package, row.gzip].map(kilobytes),
    row.clients.map((one) => one.replace('client-', '')).join(', '),
    ...[row.clientsMicros, row.micros].map(ms),
    ratioOf(row).toFixed(2),
  ];
  return `| ${row.name} | ${cells.join(' | ')} |`;
}
