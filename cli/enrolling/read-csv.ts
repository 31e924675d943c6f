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
 * RFC 4180: commas, quotes that are doubled inside quotes, lines that end in LF or CRLF, line breaks inside quotes.
 * A byte order mark is no part of the first name, and a line without anything is no record.
 */
export function readCsv(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let line = 1;
  let start = 1;
  let at = text.startsWith('\ufeff') ? 1 : 0;
  const plain = /[^,\r\n]*/y;
  const endRecord = () => {
    if (cells.length > 1 || cells[0] !== '') records.push({ line: start, cells });
    cells = [];
    start = line;
  };
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      const opened = line;
      at += 1;
      for (;;) {
        const close = text.indexOf('"', at);
        if (close < 0) throw new NotCsv(opened, 'a quote that is never closed');
        const part = text.slice(at, close);
        line += part.split('\n').length - 1;
        cell += part;
        at = close + 1;
        if (text[at] !== '"') break;
        cell += '"';
        at += 1;
      }
      if (at < text.length && !/[,\r\n]/.test(text[at]!)) throw new NotCsv(line, 'text behind a closing quote');
    } else {
      plain.lastIndex = at;
      cell = plain.exec(text)![0];
      if (cell.includes('"')) throw new NotCsv(line, 'a quote inside a cell that does not begin with one');
      at += cell.length;
    }
    cells.push(cell);
    if (text[at] === ',') {
      at += 1;
      if (at === text.length) cells.push('');
      continue;
    }
    if (text[at] === '\r') at += text[at + 1] === '\n' ? 2 : 1;
    else if (text[at] === '\n') at += 1;
    line += 1;
    endRecord();
  }
  if (cells.length > 0) endRecord();
  return records;
}
