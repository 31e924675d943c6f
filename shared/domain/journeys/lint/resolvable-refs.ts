import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { dig } from '../../../kernel/dig.ts';
import { jsonPointer } from '../../../kernel/json-pointer.ts';
import type { Predicate } from '../../audiences/predicate.ts';
import { parseRef, type RefParts } from '../../audiences/ref.ts';
import type { Lookup } from '../../messaging/lookup.ts';
import { refOf, variablesOfText } from '../../messaging/render/variables.ts';
import type { Journey, Step } from '../journey.ts';
import { nextOf } from '../ports.ts';
import { type Placed, predicatesOf, walkPredicate } from '../predicates-of.ts';
import type { Value } from '../value.ts';
import { stepsThatSeeAnEvent } from './event-in-sight.ts';
import { error, type Finding, type LintCatalog, meant, type Rule, warning } from './finding.ts';
import { templateOf } from './known-templates.ts';

/**
 * Every ref can have a value where it stands. `profile.*` always can. `entry.*` is declared by an API entry; what an
 * event carries is declared nowhere, so any may be there that was not missing from all that came in. `event.*` needs an event in the same pass.
 * `steps.<name>.*` needs a webhook that saves under that name, on a way to the step. A condition that cannot be true is a warning, a
 * value that cannot be filled in is an error.
 */
export const resolvableRefs: Rule = (journey, catalog) => {
  const seeing = stepsThatSeeAnEvent(journey);
  const findings = usesOf(journey, catalog).flatMap((use) => check(use, journey, seeing, catalog) ?? []);
  const first = new Map(findings.map((finding) => [`${finding.code} ${finding.detail}`, finding] as const).reverse());
  return findings.filter(
    (finding) => finding.severity === 'error' || first.get(`${finding.code} ${finding.detail}`) === finding,
  );
};

interface Use {
  readonly pointer: string;
  readonly ref: string;
  readonly at: Placed['at'];
  /** Of `event.*`: the name of the event, where only one can be meant. */
  readonly event?: string;
  /** What is missing when the ref has no value: nothing (a condition is false), or a part of a message. */
  readonly severity: 'error' | 'warning';
}

function check(
  { pointer, ref, at, event, severity }: Use,
  journey: Journey,
  seeing: ReadonlySet<string>,
  catalog: LintCatalog,
): Finding | undefined {
  const parts = parseRef(ref);
  if (parts === undefined || parts.root === 'profile') return undefined;
  const finding = severity === 'error' ? error : warning;
  if (parts.root === 'steps') {
    const names = savedNames(journey);
    if (names.includes(parts.path[0]!)) {
      if (typeof at === 'string' || savedBefore(journey, parts.path[0]!).has(at.step)) return undefined;
      const fix = 'lead a way from the webhook to this step';
      return finding(pointer, 'ref-too-early', `${ref}: nothing is saved there on any way to this step`, { fix });
    }
    return error(
      pointer,
      'ref-unknown',
      `no step saves anything as "${parts.path[0]}"`,
      meant(didYouMean(parts.path[0]!, names)),
    );
  }
  if (parts.root === 'event') {
    if (isInSight(at, journey, seeing))
      return neverCarried(pointer, parts, event === undefined ? [] : [event], catalog);
    return finding(pointer, 'ref-event', `${ref}: no event is at hand here`, {
      fix: 'use entry.*, or put the step directly behind an event trigger',
    });
  }
  return checkEntry(parts, pointer, ref, journey, catalog, finding);
}

function isInSight(at: Use['at'], { entry }: Journey, seeing: ReadonlySet<string>): boolean {
  if (at === 'any-time') return false;
  if (at === 'event') return true;
  return at === 'entry' ? entry.some(({ on }) => on === 'event') : seeing.has(at.step);
}

function checkEntry(
  parts: RefParts,
  pointer: string,
  ref: string,
  journey: Journey,
  catalog: LintCatalog,
  finding: typeof error,
): Finding | undefined {
  const declared = journey.entry.flatMap((entry) => (entry.on === 'api' ? Object.keys(entry.properties ?? {}) : []));
  if (declared.includes(parts.path[0]!)) return undefined;
  if (journey.entry.some(({ on }) => on === 'event')) {
    const names = journey.entry.flatMap((entry) => (entry.on === 'event' ? [entry.event] : []));
    return names.length < journey.entry.length ? undefined : neverCarried(pointer, parts, names, catalog);
  }
  if (journey.entry.some(({ on }) => on === 'journey')) {
    return warning(pointer, 'ref-undeclared', `${ref}: carried only if the journey that is left refers to it as well`);
  }
  return finding(pointer, 'ref-unknown', `no entry declares the property "${parts.path[0]}"`, {
    ...meant(didYouMean(parts.path[0]!, declared)),
  });
}

/** All of these events have come in, all that they carried is known, and none had this property. */
function neverCarried(
  pointer: string,
  { path }: RefParts,
  names: readonly string[],
  { eventTypes }: LintCatalog,
): Finding | undefined {
  const carried = names.map((name) => eventTypes?.get(name));
  // What is no plain name is not kept in the list.
  if (path[0]!.length > 64 || path[0]!.includes('@')) return undefined;
  if (carried.length === 0 || carried.some((one) => one === undefined || one.has(path[0]!))) return undefined;
  const known = carried.flatMap((one) => [...one!]);
  const detail = `no ${[...new Set(names)].map((name) => `"${name}"`).join(' or ')} has ever carried "${path[0]}"`;
  return warning(pointer, 'property-never-seen', detail, meant(didYouMean(path[0]!, known)));
}

/** The steps that can be reached after a webhook has saved under this name. */
function savedBefore({ steps }: Journey, name: string): ReadonlySet<string> {
  const open = Object.values(steps).flatMap((step) =>
    step.type === 'webhook' && step.saveAs === name ? [step.next] : [],
  );
  const reached = new Set<string>();
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id) || !Object.hasOwn(steps, id)) continue;
    reached.add(id);
    open.push(...nextOf(steps[id]!).map(({ next }) => next));
  }
  return reached;
}

const savedNames = (journey: Journey): string[] =>
  Object.values(journey.steps).flatMap((step) =>
    step.type === 'webhook' && step.saveAs !== undefined ? [step.saveAs] : [],
  );

function usesOf(journey: Journey, catalog: LintCatalog): Use[] {
  const uses: Use[] = [];
  for (const { predicate, pointer: start, at } of predicatesOf(journey)) {
    const parts = [...walkPredicate(predicate, start)];
    for (const { predicate: part, pointer } of parts) {
      if (!('ref' in part)) continue;
      // The where of a `did` is about the event that is counted; so are those of a sequence.
      const counted = parts.findLast((other) => pointer.startsWith(`${other.pointer}/`) && isCounted(other.predicate));
      const event =
        counted === undefined
          ? eventAt(journey, start)
          : eventCounted(counted.predicate, pointer.slice(counted.pointer.length));
      const use = {
        at: counted === undefined ? at : 'event',
        severity: 'warning',
        ...(event !== undefined && { event }),
      } as const;
      uses.push({ pointer: `${pointer}/ref`, ref: part.ref, ...use });
      for (const [key, operand] of Object.entries(part)) {
        for (const ref of refsIn(operand)) uses.push({ pointer: `${pointer}/${key}`, ref, ...use });
      }
    }
  }
  if (journey.reentry.key !== undefined) {
    uses.push({ pointer: '/reentry/key', ref: journey.reentry.key, at: 'entry', severity: 'error' });
  }
  if (journey.goal?.value !== undefined) {
    const { value: ref, event } = journey.goal;
    uses.push({ pointer: '/goal/value', ref, at: 'event', event, severity: 'error' });
  }
  for (const [id, step] of Object.entries(journey.steps)) {
    uses.push(...usesOfStep(step, id, catalog).map((use) => ({ ...use, at: { step: id } })));
  }
  return uses;
}

const isCounted = (predicate: Predicate): boolean => 'did' in predicate || 'sequence' in predicate;

/** @param below where in it the ref stands */
function eventCounted(predicate: Predicate, below: string): string | undefined {
  if ('did' in predicate) return predicate.did;
  const [, index] = /^\/sequence\/(\d+)\//.exec(below) ?? [];
  const step = 'sequence' in predicate ? predicate.sequence[Number(index)] : undefined;
  return step === undefined ? undefined : 'did' in step ? step.did : step.didNot;
}

/** The event whose `where` stands there. */
function eventAt(journey: Journey, pointer: string): string | undefined {
  const around = dig(journey as never, pointer.split('/').slice(1, -1)) as { readonly event?: string } | undefined;
  return around?.event;
}

function usesOfStep(step: Step, id: string, catalog: LintCatalog): Omit<Use, 'at'>[] {
  const under = (key: string, value: { readonly [name: string]: Value } | undefined) =>
    Object.entries(value ?? {}).flatMap(([name, one]) =>
      refsIn(one).map((ref) => ({ pointer: jsonPointer(['steps', id, key, name]), ref, severity: 'error' as const })),
    );
  switch (step.type) {
    case 'message': {
      const template = templateOf(step, catalog);
      const variables = Object.entries(template?.variables ?? {});
      // Without it the message would never go.
      const keys = new Set(Object.values(template?.lookups ?? {}).flatMap(keyOf));
      return [
        ...under('vars', step.vars),
        ...variables.map(([ref, { required }]) => ({
          pointer: `/steps/${id}/template`,
          ref,
          severity: required === true || keys.has(ref) ? ('error' as const) : ('warning' as const),
        })),
      ];
    }
    case 'wait':
      return 'until' in step && 'at' in step.until
        ? refsIn(step.until.at).map((ref) => ({ pointer: `/steps/${id}/until/at`, ref, severity: 'error' }))
        : [];
    case 'update':
      return [...under('set', step.set), ...under('append', step.append)];
    case 'webhook':
      return under('body', step.body);
    case 'emit':
    case 'enroll':
      return under('properties', step.properties);
    case 'task':
      return refsIn(step.title).map((ref) => ({ pointer: `/steps/${id}/title`, ref, severity: 'error' }));
    default:
      return [];
  }
}

function keyOf(lookup: Lookup): string[] {
  const key = 'keys' in lookup ? lookup.keys : lookup.key;
  return lookup.onMissing === 'skip' && typeof key !== 'string' ? [key.ref] : [];
}

/** Refs in a value: as such, in lists, and in Liquid. */
function refsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (typeof value !== 'object' || value === null) return [];
  const { ref, liquid } = value as { ref?: unknown; liquid?: unknown };
  if (typeof ref === 'string') return [ref];
  return typeof liquid === 'string' ? variablesOfText(liquid).flatMap((use) => refOf(use) ?? []) : [];
}
