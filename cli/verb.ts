import type { PlacedFinding } from './documents/check-documents.ts';
import type { Terminal } from './terminal.ts';

/**
 * A verb is one file in verbs/ and one line in verbs.ts. Exit codes: 0 ok · 1 findings (something is wrong or differs,
 * and it is said what) · 2 usage (nothing was done) · 3 the environment refused, or could not be reached.
 */
export interface Verb {
  readonly name: string;
  /** What stands behind the name: `TEMPLATE [--profile ID]`. */
  readonly takes: string;
  readonly summary: string;
  /** More lines of help. */
  readonly help?: string;
  readonly options: Options;
  /** Least and most words behind the verb. */
  readonly words: readonly [number, number];
  run(call: Call<Options>): Promise<Outcome>;
}

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly takes?: string;
  readonly says: string;
}
export interface Options {
  readonly [name: string]: Option;
}

export const commonOptions = {
  env: { type: 'string', takes: 'NAME', says: 'the environment; not needed when godwit.yaml names only one' },
  dir: {
    type: 'string',
    takes: 'FOLDER',
    says: 'the folder of documents; else the nearest one above with godwit.yaml',
  },
  json: { type: 'boolean', says: 'one JSON document on stdout' },
  yes: { type: 'boolean', says: 'do not ask' },
  help: { type: 'boolean', says: 'this' },
} as const satisfies Options;

export type Values<O extends Options> = { readonly [K in keyof O]?: O[K]['type'] extends 'boolean' ? boolean : string };

export interface Call<O extends Options> {
  readonly words: readonly string[];
  readonly options: Values<O> & Values<typeof commonOptions>;
  readonly world: World;
}

/** What a command takes from the process that it runs in. */
export interface World {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
}

export interface Outcome {
  readonly exit: 0 | 1 | 3;
  /** For people. */
  readonly text: readonly string[];
  /** For --json. */
  readonly json: unknown;
}

/** Keeps the types of a verb's own options for its `run`. */
export const verb = <const O extends Options>(
  one: Omit<Verb, 'options' | 'run'> & { readonly options: O; run(call: Call<O>): Promise<Outcome> },
): Verb => one as unknown as Verb;

/** The command was called wrongly; nothing was done. */
export class UsageError extends Error {
  readonly fix: string | undefined;

  constructor(detail: string, fix?: string) {
    super(detail);
    this.name = 'UsageError';
    this.fix = fix;
  }
}

/** Something is wrong with what the command was given to read. */
export class Findings extends Error {
  readonly findings: readonly PlacedFinding[];

  constructor(detail: string, findings: readonly PlacedFinding[]) {
    super(detail);
    this.name = 'Findings';
    this.findings = findings;
  }
}

/** Asks a person, unless --yes; nobody there to be asked is an error of usage. */
export async function mustConfirm(
  { options, world: { terminal } }: Call<Options>,
  plan: readonly string[],
  question: string,
): Promise<void> {
  if (options.yes === true) return;
  for (const line of plan) terminal.note(line);
  if (!terminal.canAsk || options.json === true) {
    throw new UsageError('nothing was done: there is no terminal on which to ask', 'add --yes to do it without asking');
  }
  if (!(await terminal.confirm(question))) throw new UsageError('nothing was done');
}

export function wholeNumber(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`--${name}: a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
}
