import { parseArgs } from 'node:util';
import { didYouMean } from '../shared/kernel/did-you-mean.ts';
import { InvalidInput } from '../shared/kernel/errors.ts';
import { UnreadableFile } from './folder/documents.ts';
import { describeProblem, printFindings } from './print-findings.ts';
import { RemoteProblem } from './remote/api-client.ts';
import { visible } from './terminal.ts';
import { type Call, commonOptions, Findings, type Options, UsageError, type Verb, type World } from './verb.ts';
import { verbs } from './verbs.ts';

export interface Ended {
  readonly exit: 0 | 1 | 2 | 3 | 70;
  readonly stdout: string;
  readonly stderr: string;
}

/** From the words behind `godwit` to what is printed. What is wrong is said in one place: here. */
export async function run(args: readonly string[], world: World): Promise<Ended> {
  // Before anything is parsed: the answer to a mistake is JSON too, when JSON was asked for.
  const json = args.includes('--json');
  try {
    const [name, ...rest] = args;
    if (name === undefined) return { exit: 2, stdout: '', stderr: await overview() };
    if (name === '--help' || name === '-h' || name === 'help') return await help(rest[0]);
    const verb = await findVerb(name);
    if (rest.includes('--help') || rest.includes('-h')) return await help(verb.name);
    const { exit, text, json: document } = await verb.run(parse(verb, rest, world));
    const shown = json ? [JSON.stringify(document, null, 2)] : text;
    return { exit, stdout: shown.length === 0 ? '' : `${json ? shown[0] : visible(shown.join('\n'))}\n`, stderr: '' };
  } catch (error) {
    const { exit, document, lines } = explain(error, world);
    if (json) return { exit, stdout: `${JSON.stringify({ error: document }, null, 2)}\n`, stderr: '' };
    return { exit, stdout: '', stderr: `${visible(lines.join('\n'))}\n` };
  }
}

async function findVerb(name: string): Promise<Verb> {
  if (Object.hasOwn(verbs, name)) return verbs[name]!();
  const all = Object.keys(verbs);
  const meant = didYouMean(name, all);
  throw new UsageError(
    `there is no verb ${JSON.stringify(name)}`,
    `${meant === undefined ? '' : `did you mean ${meant}? `}Verbs are ${all.join(', ')}`,
  );
}

function parse(verb: Verb, args: readonly string[], world: World): Call<Options> {
  const options = { ...commonOptions, ...verb.options };
  const known = Object.keys(options);
  for (const arg of args) {
    if (arg === '--') break;
    const name = /^--([^=]+)/.exec(arg)?.[1];
    if (name === undefined || known.includes(name)) continue;
    const meant = didYouMean(name, known);
    throw new UsageError(
      `${verb.name} has no option --${name}`,
      `${meant === undefined ? '' : `did you mean --${meant}? `}It has ${known.map((one) => `--${one}`).join(', ')}`,
    );
  }
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${verb.name}: ${(error as Error).message}`, usageOf(verb));
  }
  const [least, most] = verb.words;
  if (parsed.positionals.length < least || parsed.positionals.length > most) {
    const count =
      least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
    throw new UsageError(`${verb.name} takes ${count} words, not ${parsed.positionals.length}`, usageOf(verb));
  }
  return { words: parsed.positionals, options: parsed.values as Call<Options>['options'], world };
}

const usageOf = (verb: Verb): string => `godwit ${verb.name}${verb.takes === '' ? '' : ` ${verb.takes}`}`;

async function overview(): Promise<string> {
  const all = await Promise.all(Object.values(verbs).map((load) => load()));
  const width = Math.max(...all.map((verb) => usageOf(verb).length));
  const lines = all.map((verb) => `  ${usageOf(verb).padEnd(width)}  ${verb.summary}`);
  return [
    'godwit VERB [--env NAME] [--json] [--yes]',
    '',
    ...lines,
    '',
    'godwit VERB --help says more. Exit codes: 0 ok, 1 findings, 2 usage, 3 the environment refused.',
    '',
  ].join('\n');
}

async function help(name: string | undefined): Promise<Ended> {
  if (name === undefined) return { exit: 0, stdout: await overview(), stderr: '' };
  const verb = await findVerb(name);
  const options = Object.entries<Options[string]>({ ...verb.options, ...commonOptions }).map(
    ([option, { takes, says }]) => {
      const written = `--${option}${takes === undefined ? '' : ` ${takes}`}`;
      return `  ${written.padEnd(20)}  ${says}`;
    },
  );
  const more = verb.help === undefined ? [] : ['', verb.help];
  return {
    exit: 0,
    stdout: `${[usageOf(verb), '', verb.summary, ...more, '', ...options, ''].join('\n')}`,
    stderr: '',
  };
}

interface Explained {
  readonly exit: 1 | 2 | 3 | 70;
  readonly document: unknown;
  readonly lines: readonly string[];
}

function explain(error: unknown, { terminal: { paint }, env }: World): Explained {
  const fixed = (fix: string | undefined) => (fix === undefined ? [] : [`  ${fix}`]);
  if (error instanceof UsageError) {
    const { message: detail, fix } = error;
    return { exit: 2, document: { code: 'usage', detail, fix }, lines: [`godwit: ${detail}`, ...fixed(fix)] };
  }
  if (error instanceof Findings) {
    const { message: detail, findings } = error;
    const lines = [...printFindings(findings, paint), `godwit: ${detail}`];
    return { exit: 1, document: { code: 'findings', detail, findings }, lines };
  }
  if (error instanceof UnreadableFile) {
    const { file, message: detail, place, fix } = error;
    const at = place === undefined ? file : `${file}:${place.line}:${place.column}`;
    return {
      exit: 1,
      document: { code: 'file', file, ...place, detail, fix },
      lines: [`${at}: ${detail}`, ...fixed(fix)],
    };
  }
  if (error instanceof RemoteProblem) {
    const { status, code, request, requestId, problems, message: detail } = error;
    const lines = [
      `godwit: ${request} answered ${status ?? 'nothing'}: ${detail} (${code})`,
      ...problems.map(({ pointer, ...problem }) => `  ${pointer || '(the document)'}: ${describeProblem(problem)}`),
      ...(status === 401 ? ['  godwit login stores another key, godwit login --aws opens another session'] : []),
      ...(requestId === undefined ? [] : [`  request ${requestId}`]),
    ];
    return { exit: 3, document: { code, status, request, requestId, detail, errors: problems }, lines };
  }
  if (error instanceof InvalidInput) {
    return {
      exit: 1,
      document: { code: error.code, detail: error.message, errors: error.problems },
      lines: [`godwit: ${error.message}`],
    };
  }
  // A bug. A stack names files and lines, and no customer.
  const failure = error instanceof Error ? error : new Error(String(error));
  const detail = failure.message;
  const stack = env['GODWIT_DEBUG'] ? (failure.stack ?? detail) : detail;
  return {
    exit: 70,
    document: { code: 'internal', detail },
    lines: [`godwit: ${stack}`, '  this is a bug of godwit, or of the machine; GODWIT_DEBUG=1 shows where'],
  };
}
