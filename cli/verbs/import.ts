import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ImportKind, importKinds, Mapping } from '../../shared/app/imports/mapping.ts';
import { canonicalJson, type Json } from '../../shared/kernel/canonical-json.ts';
import { didYouMean } from '../../shared/kernel/did-you-mean.ts';
import { InvalidInput } from '../../shared/kernel/errors.ts';
import { digest } from '../../shared/kernel/ids.ts';
import { parseDocument } from '../../shared/kernel/problems.ts';
import { connectProject } from '../config/project.ts';
import { readYaml } from '../folder/read-file.ts';
import { type BadRow, type Checked, checkFile } from '../importing/check-file.ts';
import { hashFile, upload } from '../importing/upload.ts';
import { writeRejected } from '../importing/write-rejected.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { followJob, type RemoteJob } from '../remote/follow-job.ts';
import {
  type Call,
  Findings,
  mustConfirm,
  type Options,
  type Outcome,
  UsageError,
  verb,
  wholeNumber,
} from '../verb.ts';

/** Of the rows that are left out, so many are shown. */
const SHOWN = 20;

const options = {
  mapping: { type: 'string', takes: 'FILE', says: 'YAML: what the columns are (docs/import.md)' },
  collection: { type: 'string', takes: 'ID', says: 'of items: whose they are, unless a row says it' },
  check: { type: 'boolean', says: 'only look: counts, first rows, all faults' },
  trigger: { type: 'string', takes: 'true', says: 'events may let customers into journeys' },
  resume: { type: 'boolean', says: 'let the import of this file go on that was stopped or has failed' },
  again: { type: 'boolean', says: 'import it although it was imported before' },
  'per-minute': { type: 'string', takes: 'N', says: 'rows a minute; 6000 when absent' },
  'no-follow': { type: 'boolean', says: 'start it, and do not wait' },
} as const satisfies Options;

export const importFile = verb({
  name: 'import',
  takes: `${importKinds.join('|')} FILE|FOLDER [--mapping FILE] [--check] [--trigger=true] [--resume]`,
  summary: 'imports a file of CSV or NDJSON; without --trigger=true nobody enters a journey by it',
  help: `Looks through the whole file first and asks nobody for it; --check ends there. Then the file is uploaded, and a job of the
environment imports it in order, at a pace: when this command breaks off, the job goes on. The same command again finds the same job;
--resume lets one go on that was stopped or has failed, --again makes another. Rows that are left out, with reasons and as they
are, go to FILE.rejected.ndjson. Exit code 1: some were left out.`,
  options,
  words: [2, 2],
  async run(call) {
    const { options, world, words } = call;
    const kind = readKind(words[0]!);
    const mapping =
      options.mapping === undefined ? {} : readMapping(resolve(world.cwd, options.mapping), options.mapping);
    const asked: Asked = {
      kind,
      mapping: withCollection(kind, mapping, options.collection),
      trigger: readTrigger(options.trigger),
      perMinute: wholeNumber('per-minute', options['per-minute'], 1, 600_000),
    };
    const outcomes: Outcome[] = [];
    for (const file of filesAt(world.cwd, words[1]!)) outcomes.push(await importOne(call, asked, file));
    if (outcomes.length === 1) return outcomes[0]!;
    return {
      exit: outcomes.some(({ exit }) => exit !== 0) ? 1 : 0,
      text: outcomes.flatMap(({ text }) => text),
      json: outcomes.map(({ json }) => json),
    };
  },
});

type ImportCall = Call<typeof options>;

interface Asked {
  readonly kind: ImportKind;
  readonly mapping: Mapping;
  readonly trigger: boolean;
  readonly perMinute: number | undefined;
}

/** A file, or those of a folder that may hold rows, by their names. */
function filesAt(cwd: string, word: string): string[] {
  const path = resolve(cwd, word);
  if (!existsSync(path)) throw new UsageError(`there is no file ${path}`);
  if (!statSync(path).isDirectory()) return [word];
  const isOne = (name: string) => /\.(csv|ndjson|jsonl|json)(\.gz)?$/.test(name) && !name.endsWith('.rejected.ndjson');
  const found = readdirSync(path).filter(isOne).sort();
  if (found.length === 0) throw new UsageError(`there is no .csv, .ndjson or .json in ${path}`);
  return found.map((name) => join(word, name));
}

async function importOne(call: ImportCall, asked: Asked, file: string): Promise<Outcome> {
  const { options: said, world } = call;
  const { kind, mapping, trigger, perMinute } = asked;
  const path = resolve(world.cwd, file);
  const checked = await checkFile(path, kind, mapping, Date.now());
  if (said.check === true) return shownCheck(file, checked);
  const { environment, api } = connectProject(call);
  const id = await importId(api, path, [kind, mapping as Json, trigger], said.again === true);
  const before = await api.find<RemoteJob>(`/v1/jobs/${id}`);
  const pace = perMinute === undefined ? {} : { perMinute };
  if (before === undefined) {
    const bad = checked.rejected.length;
    if (bad === checked.rows) throw new UsageError(`nothing of ${file} could be imported`, 'see --check');
    const lines = bad === 0 ? [] : [`${bad} of ${checked.rows} rows would be left out: --check says why`];
    const loud = trigger ? ', which may let customers into journeys,' : '';
    await mustConfirm(call, lines, `Import ${checked.rows - bad} rows of ${file}${loud} into ${environment.name}?`);
    const uploaded = await upload(api, path);
    await api.post('/v1/imports', { id, kind, upload: uploaded, mapping, trigger, ...pace }, { 'idempotency-key': id });
  } else if (before.body.state === 'stopped' || before.body.state === 'failed') {
    if (said.resume !== true) throw halted(before.body);
    await mustConfirm(call, [], `Let the import ${id} in ${environment.name} go on?`);
    await api.patch(`/v1/imports/${id}`, { state: 'running', ...pace });
  } else world.terminal.note(`${file} is imported by ${id} already; --again makes another import`);
  if (said['no-follow'] === true) {
    return {
      exit: 0,
      text: [`import ${id} goes on in ${environment.name}`],
      json: { id, environment: environment.name },
    };
  }
  const job = await followJob(api, id, ({ progress }) =>
    world.terminal.note(`${progress['scanned'] ?? 0} of ${checked.rows} rows, ${progress['rejected'] ?? 0} left out`),
  );
  if (job.state !== 'done') throw halted(job);
  return finished(api, job, { path, file, kind, mapping, environment: environment.name });
}

function readKind(word: string): ImportKind {
  const kind = importKinds.find((one) => one === word);
  if (kind !== undefined) return kind;
  const meant = didYouMean(word, importKinds);
  const fix = meant === undefined ? `it is ${importKinds.join(', ')}` : `did you mean ${meant}?`;
  throw new UsageError(`there is nothing to import that is called ${JSON.stringify(word)}`, fix);
}

function withCollection(kind: ImportKind, mapping: Mapping, collection: string | undefined): Mapping {
  if (collection === undefined) return mapping;
  if (kind !== 'items') throw new UsageError(`--collection is for items, and these are ${kind}`);
  return { ...mapping, constants: { ...mapping.constants, collection } };
}

function readTrigger(text: string | undefined): boolean {
  if (text === undefined || text === 'false') return false;
  if (text === 'true') return true;
  throw new UsageError('--trigger is true or false', '--trigger=true lets customers into journeys');
}

function readMapping(path: string, file: string): Mapping {
  if (!existsSync(path)) throw new UsageError(`--mapping: there is no file ${path}`);
  const { value, locate } = readYaml(readFileSync(path, 'utf8'), file);
  try {
    return parseDocument(Mapping, value, 'mapping');
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const placed = error.problems.map((one) => ({ ...one, severity: 'error' as const, file, ...locate(one.pointer) }));
    throw new Findings(`${file} is no mapping`, placed);
  }
}

/** The same file with the same meaning is the same import, from whatever machine. */
async function importId(api: ApiClient, path: string, meaning: Json, isAnother: boolean): Promise<string> {
  const salt = isAnother ? [String(Date.now())] : [];
  return `import-${digest('import', api.base, await hashFile(path), canonicalJson(meaning), ...salt)}`;
}

const halted = ({ id, state, error }: RemoteJob): UsageError =>
  new UsageError(
    `the import ${id} ${state === 'failed' ? `has failed: ${error}` : 'was stopped'}`,
    'let it go on with --resume',
  );

const shown = (file: string, rejected: readonly BadRow[]): string[] => [
  ...rejected
    .slice(0, SHOWN)
    .flatMap(({ line, errors }) =>
      errors.map(
        ({ code, detail, pointer }) => `${file}:${line}: ${pointer === '' ? '' : `${pointer}: `}${detail} (${code})`,
      ),
    ),
  ...(rejected.length > SHOWN ? [`… and ${rejected.length - SHOWN} rows more; --json lists all`] : []),
];

function shownCheck(file: string, { rows, rejected, first, format }: Checked): Outcome {
  const bad = rejected.length;
  return {
    exit: bad === 0 ? 0 : 1,
    text: [
      ...first.map((object) => JSON.stringify(object)),
      ...shown(file, rejected),
      `${format}: ${rows} rows, ${bad} of them would be left out; topics, lists and collections are looked up by the environment`,
    ],
    json: { format, rows, first, rejected },
  };
}

interface Source {
  readonly path: string;
  readonly file: string;
  readonly kind: ImportKind;
  readonly mapping: Mapping;
  readonly environment: string;
}

async function finished(api: ApiClient, job: RemoteJob, source: Source): Promise<Outcome> {
  const { path, file, kind, mapping, environment } = source;
  const { scanned: rows = 0, accepted = 0 } = job.progress;
  const rejected = await api.list<BadRow>(`/v1/imports/${job.id}/rejected`, {});
  const target = `${file}.rejected.ndjson`;
  if (rejected.length > 0) await writeRejected(path, `${path}.rejected.ndjson`, [kind, mapping], rejected);
  return {
    exit: rejected.length === 0 ? 0 : 1,
    text: [
      ...shown(file, rejected),
      `${accepted} of ${rows} rows are ${kind === 'items' ? 'in the collections' : 'in the mailboxes'} of ${environment}, ${rejected.length} left out${rejected.length > 0 ? `: ${target}` : ''}`,
    ],
    json: { id: job.id, environment, rows, accepted, rejected },
  };
}
