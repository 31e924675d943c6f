import { connectProject } from '../config/project.ts';
import { placed } from '../documents/check-documents.ts';
import { readSound } from '../documents/local-documents.ts';
import {
  type Applied,
  applyPlan,
  isTouched,
  makePlan,
  type Plan,
  type PlannedDocument,
  planJson,
  printPlan,
} from '../documents/plan.ts';
import { describeProblem, printFindings } from '../print-findings.ts';
import type { ApiClient } from '../remote/api-client.ts';
import { nameOf } from '../remote/remote-documents.ts';
import { type Call, Findings, mustConfirm, type Options, type Outcome, UsageError, verb } from '../verb.ts';

export const push = verb({
  name: 'push',
  takes: '[--publish [--plan ID | --dry-run]]',
  summary: 'brings the documents of the folder into an environment',
  help: `Shows what will change, then asks. Only what differs is sent, in the order topics, policy, endpoints,
computed traits, segments, templates, journeys. All but journeys are live at once; a journey becomes a draft, and with --publish a live version.
With --plan, people in flight in the plan's journey do what it says; else everybody stays on their version.
With --dry-run it is live in all but its effects: everything is decided and recorded, nothing is sent.
Nothing is deleted. What somebody else changes meanwhile is refused (412), not overwritten.`,
  options: {
    publish: { type: 'boolean', says: 'make the journeys live' },
    plan: { type: 'string', takes: 'ID', says: 'what becomes of people in flight, as godwit plan has shown it' },
    'dry-run': { type: 'boolean', says: 'with --publish: as a dry run' },
  },
  words: [0, 0],
  async run(call) {
    const { plan: planId } = call.options;
    const publish = call.options.publish === true;
    const dryRun = call.options['dry-run'] === true;
    if (planId !== undefined && !publish) throw new UsageError('--plan needs --publish');
    if (dryRun && !publish) throw new UsageError('--dry-run goes with --publish');
    if (dryRun && planId !== undefined) throw new UsageError('--plan moves people, and --dry-run touches nobody');
    const { project, environment, api } = connectProject(call);
    const { documents } = await readSound(project.folder, call.world);
    const plan = await makePlan(api, documents, { publish, dryRun, ...(planId !== undefined && { planId }) });
    if (planId !== undefined && !plan.documents.some((one) => one.planId === planId)) {
      throw new UsageError(`plan ${planId} is for no journey that would be published`, 'godwit plan JOURNEY makes one');
    }
    return carryOut(call, api, plan, environment.name, (one) => {
      const { written } = documents.find(({ kind, id }) => kind === one.kind && id === one.id)!;
      const { problem, warnings } = one;
      const problems = problem?.problems.map((each) => placed(written, { ...each, severity: 'error' })) ?? [];
      return printFindings([...problems, ...warnings.map((each) => placed(written, each))], call.world.terminal.paint);
    });
  },
});

/** Shows the plan, asks, does it. What it printed before asking is not printed again. */
export async function carryOut(
  call: Call<Options>,
  api: ApiClient,
  plan: Plan,
  where: string,
  explain: (one: Applied) => string[],
): Promise<Outcome> {
  const { terminal } = call.world;
  const shown = printPlan(plan, terminal.paint, where);
  const touched = plan.documents.filter(isTouched);
  if (touched.length === 0) {
    return {
      exit: 0,
      text: [...shown, `nothing to do: ${where} has these documents`],
      json: { ...planJson(plan), done: [] },
    };
  }
  const blocked = touched.filter(isBlocked);
  if (blocked.length > 0) {
    for (const line of shown) terminal.note(line);
    throw new Findings(`nothing was done: ${blocked.map((one) => `${nameOf(one)}: ${one.blocked}`).join('; ')}`, []);
  }
  await mustConfirm(call, shown, `Change ${touched.length} documents in ${where}?`);
  const done = await applyPlan(api, plan, terminal.note);
  const refused = done.filter((one) => one.done === 'refused');
  const details = done.flatMap((one) => [
    ...(one.problem === undefined ? [] : [`${nameOf(one)} was refused: ${one.problem.message} (${one.problem.code})`]),
    ...explain(one),
  ]);
  const summary = `${done.length - refused.length} of ${done.length} documents brought into ${where}`;
  return {
    exit: refused.length === 0 ? 0 : 3,
    text: [...(call.options.yes === true ? shown : []), ...details, summary],
    json: { ...planJson(plan), done: done.map(appliedJson) },
  };
}

const isBlocked = (one: PlannedDocument): boolean => one.blocked !== undefined;

const appliedJson = ({ problem, ...one }: Applied) => ({
  ...one,
  ...(problem !== undefined && {
    problem: { status: problem.status, code: problem.code, detail: problem.message, errors: problem.problems },
  }),
});

/** Of documents that lie in no file. */
export const explainPlainly = ({ problem, warnings }: Applied): string[] =>
  [...(problem?.problems ?? []), ...warnings].map(
    (one) => `  ${one.pointer || '(the document)'}: ${describeProblem(one)}`,
  );
