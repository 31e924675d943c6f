import { dirname, resolve } from 'node:path';
import { connectProject } from '../config/project.ts';
import { readDocumentFile } from '../folder/read-file.ts';
import { describeProblem } from '../print-findings.ts';
import { columns } from '../terminal.ts';
import { UsageError, verb, type World } from '../verb.ts';

type Choice = 'stay' | { readonly to: string } | { readonly leave: string };
interface Step {
  readonly step: string;
  readonly change: 'added' | 'removed' | 'changed' | 'unchanged';
  readonly fields?: readonly string[];
  readonly maybe?: string;
  readonly inside?: number;
  readonly choice?: Choice;
}
interface Version {
  readonly version: number;
  readonly inside: number;
  readonly journey: readonly string[];
  readonly steps: readonly Step[];
}
interface Plan {
  readonly id: string;
  readonly version: number;
  readonly publishable: boolean;
  readonly findings: readonly { pointer: string; code: string; detail: string; severity?: string; fix?: string }[];
  readonly from: readonly Version[];
  readonly expiresAt: string;
}

export const plan = verb({
  name: 'plan',
  takes: 'JOURNEY [--file FILE | --same-step]',
  summary: 'what publishing a draft would do to people in flight, and what becomes of them',
  help: `Compares the draft in the environment (godwit push makes one) with each version that people are in, and keeps a plan.
Without more, everybody stays on their version. FILE says what else: default (stay or same-step), steps, versions; see
docs/publishing.md. Nobody is moved until godwit push --publish --plan ID. Exit code 1: lint has errors.`,
  options: {
    file: { type: 'string', takes: 'FILE', says: 'the moves, as YAML, JSON or TypeScript' },
    'same-step': { type: 'boolean', says: 'everybody goes to the step of the same id, where there is one' },
  },
  words: [1, 1],
  async run(call) {
    const journey = call.words[0]!;
    const moves = await readMoves(call.world, call.options.file, call.options['same-step'] === true);
    const { environment, api } = connectProject(call);
    const path = `/v1/journeys/${encodeURIComponent(journey)}`;
    const { etag } = await api.read(path);
    const made = await api.post<Plan>(`${path}/plans`, { draftEtag: etag, moves });
    const { paint } = call.world.terminal;
    const text = [
      paint.bold(`${journey} in ${environment.name}: the draft would be version ${made.version}`),
      ...made.findings.map(
        (one) => `${one.severity ?? 'warning'} ${one.pointer || '(the document)'}: ${describeProblem(one)}`,
      ),
      ...(made.from.length === 0 ? ['nobody is in flight'] : made.from.flatMap(printVersion)),
      made.publishable
        ? `nobody is moved until: godwit push --publish --plan ${made.id}  (before ${made.expiresAt})`
        : paint.red('lint has errors: it cannot be published'),
    ];
    return { exit: made.publishable ? 0 : 1, text, json: made };
  },
});

async function readMoves(world: World, file: string | undefined, isSameStep: boolean): Promise<unknown> {
  if (file === undefined) return isSameStep ? { default: 'same-step' } : {};
  if (isSameStep) throw new UsageError('--file and --same-step: one of them', 'write default: same-step into the file');
  const path = resolve(world.cwd, file);
  try {
    return (await readDocumentFile(dirname(path), path.slice(dirname(path).length + 1))).value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UsageError(`there is no file ${file}`);
    throw error;
  }
}

function printVersion({ version, inside, journey, steps }: Version): string[] {
  const differs = journey.length === 0 ? '' : `; of the journey itself differ ${journey.join(', ')}`;
  const rows = steps.flatMap((one) =>
    one.choice === undefined ? [] : [[one.step, changeOf(one), String(one.inside ?? 0), becomes(one.choice)]],
  );
  const added = steps.filter(({ change }) => change === 'added').map(({ step }) => step);
  return [
    `version ${version}: about ${inside} inside${differs}`,
    ...columns([['step', 'change', 'people', 'becomes'], ...rows]),
    ...(added.length === 0 ? [] : [`  added: ${added.join(', ')}`]),
  ];
}

function changeOf({ change, fields = [], maybe }: Step): string {
  if (change === 'changed') return `changed: ${fields.join(', ')}`;
  return maybe === undefined ? change : `${change} (is it ${maybe}?)`;
}

const becomes = (choice: Choice): string => {
  if (choice === 'stay') return 'stays';
  return 'to' in choice ? `goes to ${choice.to}` : `leaves: ${choice.leave}`;
};
