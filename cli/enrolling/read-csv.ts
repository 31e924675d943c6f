import { readCells, UNCLOSED_QUOTE } from '../../shared/kernel/csv.ts';

/** Cells of one record, and the line on which it begins. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** The text is no CSV; `line` is where the fault begins. */
export class NotCsv extends Error {
  readonly line: number;

  constructor(line: number, detail: string) {
    super(detail);
    this.name = 'NotCsv';
    this.line = line;
  }
}

/**
 * A small file at once; records are as in kernel/csv.ts. A byte order mark is no part of the first name, and a line
 * without anything is no record.
 */
export function readCsv(text: string): CsvRecord[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  const records: CsvRecord[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = index + 1;
    let record = lines[index]!;
    if (record === '') continue;
    let cells = readCells(record);
    while (cells === 'open') {
      index += 1;
      if (index === lines.length) throw new NotCsv(line, UNCLOSED_QUOTE);
      record += `\n${lines[index]!}`;
      cells = readCells(record);
    }
    if ('fault' in cells) throw new NotCsv(line + cells.below, cells.fault);
    records.push({ line, cells });
  }
  return records;
}
