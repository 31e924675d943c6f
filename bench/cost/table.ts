import { invocationsOf, type MeasuredRow } from './measured.ts';

const head = `| what | write units | read units | FIFO requests | standard requests | transitions | invocations | per million |
| --- | --: | --: | --: | --: | --: | --: | --: |`;

const line = (row: MeasuredRow): string => {
  const cells = [
    row.writeUnits.toFixed(2),
    row.readUnits.toFixed(2),
    row.fifoRequests.toFixed(2),
    row.standardRequests.toFixed(2),
    transitionsOf(row.transitions),
    invocationsOf(row).toFixed(2),
    `$${row.dollarsPerMillion.toFixed(2)}`,
  ];
  return `| ${row.what} | ${cells.join(' | ')} |`;
};

/** What is shared by thousands is not nothing. */
const transitionsOf = (count: number): string => (count > 0 && count < 0.1 ? count.toFixed(4) : count.toFixed(2));

export const table = (rows: readonly MeasuredRow[]): string => `${head}\n${rows.map(line).join('\n')}`;

/** A benchmark that cannot tell two things apart measures neither. */
export function mustDiffer(what: string, less: number, more: number, factor = 1.2): void {
  if (more >= less * factor) return;
  throw new Error(`the control failed: ${what} must come out at least ${factor} times ${less}, and did ${more}`);
}

export const unmeasured = (lines: readonly string[]): string =>
  `Not measured:\n${lines.map((text) => `- ${text}`).join('\n')}`;
