import { blocksIn } from '../../shared/app/catalog/blocks.ts';
import { type Segment, segmentsIn } from '../../shared/domain/audiences/segment.ts';
import { whereOf } from '../../shared/domain/audiences/segment-kind.ts';
import type { Template } from '../../shared/domain/messaging/template.ts';
import { type DocumentKind, documentKinds } from '../folder/documents.ts';
import { type ApiClient, type Condition, RemoteProblem } from '../remote/api-client.ts';
import { listDocuments, nameOf, pathOf, type RemoteHead, readRemote } from '../remote/remote-documents.ts';
import type { Paint } from '../terminal.ts';
import { type Change, diffDocuments } from './diff-documents.ts';
import { printChanges } from './print-changes.ts';
import { sourceForm } from './source-form.ts';

/**
 * What it takes to make an environment hold these documents.
 *
 * 1. Only what differs is touched: equal ETags are not even read.
 * 2. Each write names the ETag that the plan has seen, so what somebody else changes meanwhile is refused, not lost.
 * 3. Nothing is deleted: what is only there is listed.
 */
export interface Wanted {
  readonly kind: DocumentKind;
  readonly id: string;
  readonly document: unknown;
  readonly etag: string;
}

export interface PlannedDocument extends Wanted {
  readonly action: 'create' | 'replace' | 'publish' | 'none';
  readonly publish: boolean;
  /** The publish plan that is applied with it. */
  readonly planId?: string;
  /** What is published is a dry run. */
  readonly dryRun: boolean;
  readonly condition: Condition;
  readonly changes: readonly Change[];
  /** What a person should know before they say yes. */
  readonly notes: readonly string[];
  /** It is not possible, and why. */
  readonly blocked?: string;
}

export interface Plan {
  readonly documents: readonly PlannedDocument[];
  readonly onlyThere: readonly RemoteHead[];
}

interface PlanOptions {
  readonly publish: boolean;
  readonly dryRun?: boolean;
  readonly planId?: string;
  readonly against?: 'live';
}

export async function makePlan(api: ApiClient, wanted: readonly Wanted[], options: PlanOptions): Promise<Plan> {
  const kinds = documentKinds.filter((kind) => kind !== 'policy' || wanted.some((one) => one.kind === 'policy'));
  const heads = await listDocuments(api, kinds);
  const ordered = documentKinds.flatMap((kind) => usedFirst(wanted.filter((one) => one.kind === kind)));
  const documents: PlannedDocument[] = [];
  for (const one of ordered) {
    const head = heads.find(({ kind, id }) => kind === one.kind && id === one.id);
    const planned = await planDocument(api, one, head, options);
    const { planId } = options;
    const isPlanned = planned.publish && planId?.startsWith(`${one.id}.`) === true;
    documents.push(isPlanned ? { ...planned, planId, notes: [...planned.notes, `by plan ${planId}`] } : planned);
  }
  const isWanted = ({ kind, id }: RemoteHead) => wanted.some((one) => one.kind === kind && one.id === id);
  return { documents, onlyThere: heads.filter((head) => !isWanted(head)) };
}

/** Segments and blocks after those that they ask for; everything else as it comes. */
function usedFirst(documents: readonly Wanted[]): Wanted[] {
  const ordered = new Set<Wanted>();
  const add = (one: Wanted, way: readonly Wanted[]) => {
    if (ordered.has(one) || way.includes(one)) return;
    const asked = namedIn(one);
    for (const other of documents) if (asked.includes(other.id)) add(other, [...way, one]);
    ordered.add(one);
  };
  for (const one of documents) add(one, []);
  return [...ordered];
}

function namedIn({ kind, document }: Wanted): readonly string[] {
  if (kind === 'segment') return segmentsIn(whereOf(document as Segment));
  return kind === 'block' ? [...blocksIn(document)] : [];
}

async function planDocument(
  api: ApiClient,
  wanted: Wanted,
  head: RemoteHead | undefined,
  { publish: mayPublish, dryRun = false, against }: PlanOptions,
): Promise<PlannedDocument> {
  const { kind } = wanted;
  const isJourney = kind === 'journey';
  if (head === undefined || (against === 'live' && isJourney && head.live === null)) {
    const notes = isJourney && !mayPublish ? ['becomes a draft'] : [];
    const publish = isJourney && mayPublish;
    const change: Change = { pointer: '', change: 'added', after: sourceForm(kind, wanted.document) };
    return { ...wanted, action: 'create', publish, dryRun, condition: { absent: true }, changes: [change], notes };
  }
  const condition = { etag: head.etag };
  const sameEtag = head.etag === wanted.etag && !(against === 'live' && head.hasDraft);
  const changes = sameEtag ? [] : await changesTo(api, wanted, head, against);
  if (changes.length === 0 && isJourney && mayPublish && !dryRun && head.dryRun === true && head.hasDraft !== true) {
    return { ...wanted, action: 'replace', publish: true, dryRun, condition, changes, notes: ['ends the dry run'] };
  }
  if (changes.length === 0) {
    const publish = isJourney && mayPublish && head.hasDraft === true;
    const idle = isJourney && head.hasDraft ? ['is a draft, not live'] : head.dryRun === true ? ['is a dry run'] : [];
    const notes = publish ? stateNotes(head) : idle;
    return { ...wanted, action: publish ? 'publish' : 'none', publish, dryRun, condition, changes, notes };
  }
  const publish = isJourney && mayPublish;
  const notes = [
    ...(isJourney && head.hasDraft && head.live !== null
      ? [`replaces the draft of ${head.changedBy ?? 'somebody'}`]
      : []),
    ...(publish ? stateNotes(head) : isJourney ? ['becomes a draft'] : ['is live at once']),
  ];
  const archived = head.state === 'archived' ? { blocked: 'it is archived: use a new id' } : {};
  return { ...wanted, action: 'replace', publish, dryRun, condition, changes, notes, ...archived };
}

async function changesTo(api: ApiClient, wanted: Wanted, head: RemoteHead, against?: 'live'): Promise<Change[]> {
  const { document } = await readRemote(api, head, against);
  const changes = diffDocuments(sourceForm(wanted.kind, document), sourceForm(wanted.kind, wanted.document));
  if (changes.length > 0 || wanted.kind !== 'template') return changes;
  // It is written as it was, and says something else with the blocks of today: saved again, it has them.
  const blocksOf = (one: unknown) => ({ blocks: (one as Template).blocks ?? {} });
  return diffDocuments(blocksOf(document), blocksOf(wanted.document));
}

const stateNotes = ({ state }: RemoteHead): string[] =>
  state === 'paused'
    ? ['stays paused']
    : state === 'stopped' || state === 'draining'
      ? [`is ${state}: publishing makes it live again`]
      : [];

export const isTouched = ({ action }: PlannedDocument): boolean => action !== 'none';

/** With `changes`, what differs within each document. */
export function printPlan(plan: Plan, paint: Paint, where: string): string[] {
  const words = {
    create: paint.green('new    '),
    replace: paint.yellow('changed'),
    publish: paint.green('draft  '),
    none: '',
  };
  const lines = plan.documents.filter(isTouched).flatMap((one) => {
    const { action, publish, notes, blocked, changes } = one;
    const more = [
      ...(publish ? [one.dryRun ? 'publish as a dry run' : 'publish'] : []),
      ...notes,
      ...(blocked === undefined ? [] : [`not possible: ${blocked}`]),
    ];
    const head = `${words[action]} ${paint.bold(nameOf(one))}${more.length === 0 ? '' : ` (${more.join('; ')})`}`;
    return action === 'create' ? [head] : [head, ...printChanges(changes, paint).map((line) => `    ${line}`)];
  });
  const idle = plan.documents.filter((one) => !isTouched(one) && one.notes.length > 0);
  const { onlyThere } = plan;
  const rest =
    onlyThere.length === 0 ? [] : [paint.dim(`only in ${where}, left alone: ${onlyThere.map(nameOf).join(', ')}`)];
  return [...lines, ...idle.map((one) => paint.dim(`same    ${nameOf(one)} (${one.notes.join('; ')})`)), ...rest];
}

export const planJson = ({ documents, onlyThere }: Plan) => ({
  documents: documents.map(({ kind, id, action, publish, dryRun, changes, notes, blocked }) => ({
    kind,
    id,
    action,
    publish,
    ...(publish && dryRun && { dryRun }),
    changes: action === 'create' ? [] : changes,
    notes,
    ...(blocked !== undefined && { blocked }),
  })),
  onlyThere: onlyThere.map(({ kind, id }) => ({ kind, id })),
});

export interface Applied {
  readonly kind: DocumentKind;
  readonly id: string;
  readonly done: 'saved' | 'published' | 'refused';
  readonly version?: number;
  readonly warnings: readonly Problem[];
  readonly problem?: RemoteProblem;
}
type Problem = RemoteProblem['problems'][number];

/** In order. A refusal stops only the document itself: what needs it is refused too, in the API's own words. */
export async function applyPlan(api: ApiClient, plan: Plan, note: (line: string) => void): Promise<Applied[]> {
  const applied: Applied[] = [];
  for (const one of plan.documents.filter(isTouched)) {
    const result = await applyDocument(api, one);
    note(
      `${result.done.padEnd(9)} ${nameOf(one)}${result.version === undefined ? '' : ` as version ${result.version}`}`,
    );
    applied.push(result);
  }
  return applied;
}

async function applyDocument(api: ApiClient, one: PlannedDocument): Promise<Applied> {
  const { kind, id } = one;
  const path = pathOf(kind, id);
  try {
    const seen = 'etag' in one.condition ? one.condition.etag : '';
    const draftEtag =
      one.action === 'publish' ? seen : await api.put(path, sourceForm(kind, one.document), one.condition);
    if (!one.publish) return { kind, id, done: 'saved', warnings: [] };
    const { version, findings } = await api.post<{ version: number; findings: Problem[] }>(`${path}/publish`, {
      draftEtag,
      ...(one.planId !== undefined && { planId: one.planId }),
      ...(one.dryRun && { dryRun: true }),
    });
    return { kind, id, done: 'published', version, warnings: findings };
  } catch (problem) {
    if (problem instanceof RemoteProblem && problem.status !== undefined && problem.status !== 401) {
      return { kind, id, done: 'refused', warnings: [], problem };
    }
    throw problem;
  }
}
