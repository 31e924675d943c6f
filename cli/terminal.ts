import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';

export interface Paint {
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
}

/** Where a command speaks to a person. What it found goes to stdout, all else to stderr. */
export interface Terminal {
  readonly paint: Paint;
  /** A person can be asked. */
  readonly canAsk: boolean;
  /** On stderr; nothing that a script needs. */
  note(line: string): void;
  /** On stdout at once, for what does not end by itself. */
  show(line: string): void;
  confirm(question: string): Promise<boolean>;
  /** Typed unseen, when a person is there; else all that comes on stdin. */
  readSecret(question: string): Promise<string>;
}

/** Control characters of documents and customers must not reach a terminal: they can rewrite what was said. Our own colours may. */
export const visible = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replace(/\u001b(?!\[\d{1,2}m)|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g, '\ufffd');

/** Words under each other: texts to the left, numbers to the right. */
export function columns(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isNumber = rows[0]!.map((_, column) => rows.slice(1).every((row) => /^[\d.]+$/.test(row[column]!)));
  return rows.map((row) => {
    const cells = row.map((cell, at) => (isNumber[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)));
    return `${indent}${cells.join('  ')}`.trimEnd();
  });
}

const colours = (on: boolean): Paint => {
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    on ? styleText(format, text, { validateStream: false }) : text;
  return { red: paint('red'), green: paint('green'), yellow: paint('yellow'), bold: paint('bold'), dim: paint('dim') };
};

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const canAsk = Boolean(stdin.isTTY && stderr.isTTY);
  return {
    paint: colours(Boolean(stdout.isTTY) && !env['NO_COLOR'] && env['TERM'] !== 'dumb'),
    canAsk,
    note: (line) => void stderr.write(`${line}\n`),
    show: (line) => void stdout.write(`${line}\n`),
    async confirm(question) {
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        // Ctrl-C is a no.
        const said = await lines.question(`${question} [y/N] `).catch(() => '');
        return /^y(es)?$/i.test(said.trim());
      } finally {
        lines.close();
      }
    },
    async readSecret(question) {
      if (!canAsk) {
        stdin.setEncoding('utf8');
        let text = '';
        for await (const chunk of stdin) text += chunk;
        return text.trim();
      }
      stderr.write(question);
      const unseen = createInterface({ input: stdin, terminal: true });
      try {
        return (await unseen.question('').catch(() => '')).trim();
      } finally {
        unseen.close();
        stderr.write('\n');
      }
    },
  };
}
