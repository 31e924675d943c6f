import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { knownTexts } from '../../../kernel/known-texts.ts';
import { type DidClause, didClauses } from '../../audiences/did-clauses.ts';
import { type MessageClause, messageClauses } from '../../audiences/message-clauses.ts';
import type { Predicate } from '../../audiences/predicate.ts';
import { type RefParts, scanRef } from '../../audiences/ref.ts';
import { refsOfTemplate } from '../../messaging/render/variables.ts';
import type { Template } from '../../messaging/template.ts';
import { parseTemplateName } from '../../messaging/template-name.ts';
import type { ExitRule, Journey, Step, Trigger } from '../journey.ts';
import { cyclicComponents } from '../lint/strong-components.ts';
import { PathTree } from '../path-tree.ts';
import { nextOf } from '../ports.ts';
import { predicatesOf } from '../predicates-of.ts';
import { type PlacedTrigger, segmentTriggersOf } from './segment-triggers.ts';

/** One version of a journey with what the engine asks of it again and again. What is costly is made when first asked for. */
export class CompiledJourney {
  readonly id: string;
  readonly version: number;
  readonly document: Journey;
  /** Names of counters, as `Count.what` has them. */
  readonly stepCounter = knownTexts((step, what) => `step/${step}/${what}`);
  readonly portCounter = knownTexts((step, port) => `step/${step}/port/${port}`);
  readonly messageCounter = knownTexts((step, what) => `message/${step}/${what}`);
  readonly #templates: (id: string) => Template | undefined;
  #listens: ReadonlySet<string> | undefined;
  #clauses: readonly DidClause[] | undefined;
  #messageClauses: readonly MessageClause[] | undefined;
  #receipts: readonly WantedReceipt[] | undefined;
  #segmentTriggers: readonly PlacedTrigger[] | undefined;
  #exitConditions: readonly ExitCondition[] | undefined;
  #refs: Refs | undefined;
  #paths: PathTree | undefined;
  #cyclic: ReadonlySet<string> | undefined;

  constructor(id: string, version: number, document: Journey, templates: (id: string) => Template | undefined) {
    this.id = id;
    this.version = version;
    this.document = document;
    this.#templates = templates;
  }

  step(id: string): Step | undefined {
    return Object.hasOwn(this.document.steps, id) ? this.document.steps[id] : undefined;
  }

  /** Names of the events that can move a run or count for its goal. */
  get listens(): ReadonlySet<string> {
    this.#listens ??= listensOf(this.document);
    return this.#listens;
  }

  /** Every `did` that some predicate of this version asks for. */
  get clauses(): readonly DidClause[] {
    this.#clauses ??= didClauses(...this.#predicates());
    return this.#clauses;
  }

  /** Every `message` that some predicate of this version asks for. */
  get messageClauses(): readonly MessageClause[] {
    this.#messageClauses ??= messageClauses(...this.#predicates());
    return this.#messageClauses;
  }

  #predicates(): Predicate[] {
    return [
      ...predicatesOf(this.document).map(({ predicate }) => predicate),
      ...variantConditions(this.document, this.#templates),
    ];
  }

  /** What triggers ask of messages, each once; a run remembers places in this list, so its order must not change. */
  get receipts(): readonly WantedReceipt[] {
    this.#receipts ??= receiptsOf(this.document);
    return this.#receipts;
  }

  get segmentTriggers(): readonly PlacedTrigger[] {
    this.#segmentTriggers ??= segmentTriggersOf(this.document);
    return this.#segmentTriggers;
  }

  /** Exit rules that need no record but a condition, or another side of a segment. */
  get exitConditions(): readonly ExitCondition[] {
    this.#exitConditions ??= (this.document.exitWhen ?? []).filter(
      ({ on }) => on === 'becomes-true' || on === 'segment',
    ) as ExitCondition[];
    return this.#exitConditions;
  }

  /** What a run of this version has to carry. Templates count as they are live when this is asked first. */
  get refs(): Refs {
    this.#refs ??= refsOf(this.document, this.#templates);
    return this.#refs;
  }

  /** The paths that runs of this version take, as they are counted. */
  get paths(): PathTree {
    this.#paths ??= new PathTree(this.document);
    return this.#paths;
  }

  /** Steps that can be reached from themselves; only their visits are counted. */
  get cyclic(): ReadonlySet<string> {
    this.#cyclic ??= cyclicSteps(this.document);
    return this.#cyclic;
  }
}

export type WantedReceipt = Pick<Extract<Trigger, { on: 'message' }>, 'step' | 'was' | 'link'>;
export type ExitCondition = Extract<ExitRule, { on: 'becomes-true' | 'segment' }>;

export interface Refs {
  /** Top-level entry properties. */
  readonly entry: ReadonlySet<string>;
  /** Top-level properties of the event that a message may show. */
  readonly event: ReadonlySet<string>;
  /** Top-level fields of what steps save, `step.field`. */
  readonly fields: ReadonlySet<string>;
  /** Something is asked of `entry` or of a step's fields as a whole, so that all of it must be kept. */
  readonly wholeEntry: boolean;
}

function listensOf(document: Journey): ReadonlySet<string> {
  const names = new Set<string>();
  for (const rule of document.exitWhen ?? []) if (rule.on === 'event') names.add(rule.event);
  if (document.goal !== undefined) names.add(document.goal.event);
  for (const step of Object.values(document.steps)) {
    if (step.type !== 'wait-for') continue;
    for (const trigger of step.any) if (trigger.on === 'event') names.add(trigger.event);
  }
  return names;
}

function receiptsOf({ exitWhen = [], steps }: Journey): WantedReceipt[] {
  const triggers: Trigger[] = [
    ...exitWhen,
    ...Object.values(steps).flatMap((step) => (step.type === 'wait-for' ? step.any : [])),
  ];
  const wanted = triggers.filter((trigger) => trigger.on === 'message').map(wantedOf);
  const byText = new Map(wanted.map((one) => [canonicalJson(one), one]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

export const wantedOf = ({ step, was, link }: WantedReceipt): WantedReceipt => ({
  step,
  was,
  ...(link !== undefined && { link }),
});

function refsOf(document: Journey, templates: (id: string) => Template | undefined): Refs {
  const refs: RefParts[] = [];
  let wholeEntry = false;
  const read = (text: string) => {
    for (const match of text.matchAll(/\b(?:entry|event|steps)(?=[.[])/g)) {
      const scanned = scanRef(text, match.index);
      if (scanned !== undefined) refs.push(scanned.parts);
    }
  };
  walkStrings(document, read);
  for (const step of Object.values(document.steps)) {
    if (step.type !== 'message') continue;
    const template = templates(parseTemplateName(step.template).id);
    if (template === undefined) continue;
    for (const variable of [...Object.keys(template.variables), ...refsOfTemplate(template)]) {
      if (variable === 'entry') wholeEntry = true;
      read(variable);
    }
  }
  return {
    entry: new Set(refs.filter((ref) => ref.root === 'entry').map((ref) => ref.path[0]!)),
    event: new Set(refs.filter((ref) => ref.root === 'event').map((ref) => ref.path[0]!)),
    fields: new Set(refs.filter((ref) => ref.root === 'steps').map((ref) => `${ref.path[0]}.${ref.path[1]}`)),
    wholeEntry,
  };
}

function variantConditions(document: Journey, templates: (id: string) => Template | undefined): Predicate[] {
  return Object.values(document.steps)
    .flatMap((step) =>
      step.type === 'message' ? (templates(parseTemplateName(step.template).id)?.variants ?? []) : [],
    )
    .flatMap((variant) => variant.if ?? []);
}

function walkStrings(node: unknown, read: (text: string) => void): void {
  if (typeof node === 'string') read(node);
  else if (typeof node === 'object' && node !== null) for (const value of Object.values(node)) walkStrings(value, read);
}

function cyclicSteps({ steps }: Journey): ReadonlySet<string> {
  const graph = new Map(Object.entries(steps).map(([id, step]) => [id, nextOf(step).map(({ next }) => next)]));
  return new Set(cyclicComponents(graph).flat());
}
