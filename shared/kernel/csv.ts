/** The text is no CSV: what is wrong, and how many lines below the record's first. */
export interface CsvFault {
  readonly fault: string;
  readonly below: number;
}

export const UNCLOSED_QUOTE = 'a quote that is never closed';

/**
 * The cells of one record (RFC 4180): quotes are doubled inside quotes, and line breaks may stand there. 'open': the
 * text ends inside quotes, so that the record goes on with the next line.
 */
export function readCells(text: string, delimiter = ','): string[] | 'open' | CsvFault {
  if (!text.includes('"')) return text.split(delimiter);
  const cells: string[] = [];
  const below = (at: number) => text.slice(0, at).split('\n').length - 1;
  for (let at = 0; ; ) {
    let cell = '';
    if (text[at] === '"') {
      for (at += 1; ; at += 1) {
        const close = text.indexOf('"', at);
        if (close < 0) return 'open';
        cell += text.slice(at, close);
        at = close + 1;
        if (text[at] !== '"') break;
        cell += '"';
      }
      if (at < text.length && text[at] !== delimiter) return { fault: 'text behind a closing quote', below: below(at) };
    } else {
      const end = text.indexOf(delimiter, at);
      cell = text.slice(at, end < 0 ? text.length : end);
      if (cell.includes('"')) {
        return { fault: 'a quote inside a cell that does not begin with one', below: below(at) };
      }
      at += cell.length;
    }
    cells.push(cell);
    if (at >= text.length) return cells;
    at += 1;
  }
}
