import { hasForbiddenCharacters } from '../../kernel/clean-text.ts';
import { readDuration } from '../../kernel/duration.ts';
import { scanRef } from './ref.ts';

/** Above what a document's depth of 20 levels can print (two for each `not`), far below the stack. */
const MAX_NESTING = 50;
const UNITS: Record<string, [prefix: string, suffix: string]> = {
  second: ['PT', 'S'],
  minute: ['PT', 'M'],
  hour: ['PT', 'H'],
  day: ['P', 'D'],
  week: ['P', 'W'],
  month: ['P', 'M'],
  year: ['P', 'Y'],
};

export class PredicateSyntaxError extends Error {
  /** 1-based. */
  readonly column: number;
  readonly expected: string;

  constructor(column: number, expected: string) {
    super(`column ${column}: expected ${expected}`);
    this.name = 'PredicateSyntaxError';
    this.column = column;
    this.expected = expected;
  }
}

/** A place in the text. Words match whole words only: `in` does not match the start of `inside`. */
export class Reader {
  private at = 0;
  private depth = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  fail(expected: string): never {
    this.space();
    throw new PredicateSyntaxError(this.at + 1, expected);
  }

  take(pattern: RegExp): string | undefined {
    this.space();
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.at = pattern.lastIndex;
    return match[0];
  }

  /** All words in a row, or nothing is read. */
  words(phrase: string): boolean {
    const before = this.at;
    for (const word of phrase.split(' ')) {
      if (this.take(/[A-Za-z][A-Za-z0-9-]*/y) === word) continue;
      this.at = before;
      return false;
    }
    return true;
  }

  oneWord<T extends string>(words: readonly T[]): T | undefined {
    return words.find((word) => this.words(word));
  }

  mark(sign: string): boolean {
    this.space();
    if (!this.text.startsWith(sign, this.at)) return false;
    this.at += sign.length;
    return true;
  }

  need(phrase: string): void {
    if (!(/^[a-z]/.test(phrase) ? this.words(phrase) : this.mark(phrase))) this.fail(`"${phrase}"`);
  }

  ref(): string | undefined {
    this.space();
    const found = scanRef(this.text, this.at);
    if (found === undefined) return undefined;
    const ref = this.text.slice(this.at, found.end);
    this.at = found.end;
    return ref;
  }

  needRef(): string {
    return this.ref() ?? this.fail('a ref such as profile.plan or event.total');
  }

  nest<T>(read: () => T): T {
    if (++this.depth > MAX_NESTING) this.fail(`at most ${MAX_NESTING} levels of nesting`);
    const result = read();
    this.depth -= 1;
    return result;
  }

  /** Where the next thing stands, for errors about something that has been read already. */
  here(): number {
    this.space();
    return this.at + 1;
  }

  end(): void {
    this.space();
    if (this.at < this.text.length) this.fail('the end, "and" or "or"');
  }

  private space(): void {
    while (this.at < this.text.length && ' \t\r\n'.includes(this.text[this.at]!)) this.at += 1;
  }
}

export function readNumber(r: Reader): number | undefined {
  const column = r.here();
  const digits = r.take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y);
  if (digits === undefined) return undefined;
  if (!Number.isFinite(Number(digits))) throw new PredicateSyntaxError(column, 'a finite number');
  return Number(digits);
}

export function readString(r: Reader): string {
  return readQuoted(r) ?? r.fail('text in double quotes');
}

export function readQuoted(r: Reader): string | undefined {
  const column = r.here();
  const quoted = r.take(/"(?:[^"\\]|\\.)*"/y);
  if (quoted === undefined) return undefined;
  let text: string | undefined;
  try {
    text = JSON.parse(quoted) as string;
  } catch {
    // The escape or control character is reported below, with its column.
  }
  if (text === undefined || hasForbiddenCharacters(text)) {
    throw new PredicateSyntaxError(column, 'text as in JSON, without control characters');
  }
  return text;
}

export function readId(r: Reader): string {
  return r.take(/[a-z0-9][a-z0-9-]{0,63}(?![\w-])/y) ?? r.fail('an id (a-z, 0-9 and hyphens, at most 64)');
}

export function readCount(r: Reader): number {
  const column = r.here();
  const count = Number(r.take(/\d+(?![\w.])/y) ?? r.fail('a whole number'));
  if (!Number.isSafeInteger(count)) throw new PredicateSyntaxError(column, 'a smaller number');
  return count;
}

/** `30 days`, or ISO 8601 for what words cannot say: `P1DT12H`. */
export function readDurationText(r: Reader): string {
  const column = r.here();
  let duration = r.take(/P[0-9A-Z]+/y);
  if (duration === undefined) {
    const count = r.take(/[1-9]\d*(?![\w.])/y) ?? r.fail('a duration such as 30 days, 1 hour or P1DT12H');
    const unit = Object.keys(UNITS).find((name) => r.words(name) || r.words(`${name}s`));
    if (unit === undefined) r.fail('seconds, minutes, hours, days, weeks, months or years');
    const [prefix, suffix] = UNITS[unit]!;
    duration = `${prefix}${count}${suffix}`;
  }
  const parts = readDuration(duration);
  if (parts === 'syntax') throw new PredicateSyntaxError(column, 'a duration such as 30 days, 1 hour or P1DT12H');
  if (parts === 'too-long') throw new PredicateSyntaxError(column, 'a duration of at most a year');
  return duration;
}
