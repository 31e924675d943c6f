import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { jsonPointer } from '../../../kernel/json-pointer.ts';
import { parseRef, type RefParts } from '../../audiences/ref.ts';
import { refOf, variablesOfText } from '../../messaging/render/variables.ts';
import type { Journey, Step } from '../journey.ts';
import { type Placed, predicatesOf, walkPredicate } from '../predicates-of.ts';
import type { Value } from '../value.ts';
import { stepsThatSeeAnEvent } from './event-in-sight.ts';
import { error, type Finding, type LintCatalog, meant, type Rule, warning } from './finding.ts';
import { templateOf } from './known-templates.ts';

/**
 * Every ref can have a value where it stands. `profile.*` always can. `entry.*` is declared by an API entry; of an
 * event's properties nothing is declared, so any may be there. `event.*` needs an event in the same pass.
 * `steps.<name>.*` needs a webhook that saves under that name. A condition that cannot be true is a warning, a
 * value that cannot be filled in is an error.
 */
export const resolvableRefs: Rule = (journey, catalog) => {
  const seeing = stepsThatSeeAnEvent(journey);
  const findings = usesOf(journey, catalog).flatMap((use) => check(use, journey, seeing) ?? []);
  const first = new Map(findings.map((finding) => [`${finding.code} ${finding.detail}`, finding] as const).reverse());
  return findings.filter(
    (finding) => finding.severity === 'error' || first.get(`${finding.code} ${finding.detail}`) === finding,
  );
};

interface Use {
  readonly pointer: string;
  readonly ref: string;
  readonly at: Placed['at'];
  /** What is missing when the ref has no value: nothing (a condition is false), or a part of a message. */
  readonly severity: 'error' | 'warning';
}

function check(
  { pointer, ref, at, severity }: Use,
  journey: Journey,
  seeing: ReadonlySet<string>,
): Finding | undefined {
  const parts = parseRef(ref);
  if (parts === undefined || parts.root === 'profile') return undefined;
  const finding = severity === 'error' ? error : warning;
  if (parts.root === 'steps') {
    const names = savedNames(journey);
    if (names.includes(parts.path[0]!)) return undefined;
    return error(
      pointer,
      'ref-unknown',
      `no step saves anything as "${parts.path[0]}"`,
      meant(didYouMean(parts.path[0]!, names)),
    );
  }
  if (parts.root === 'event') {
    if (isInSight(at, journey, seeing)) return undefined;
    return finding(pointer, 'ref-event', `${ref}: no event is at hand here`, {
      fix: 'use entry.*, or put the step directly behind an event trigger',
    });
  }
  return checkEntry(parts, pointer, ref, journey, finding);
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
  finding: typeof error,
): Finding | undefined {
  const declared = journey.entry.flatMap((entry) => (entry.on === 'api' ? Object.keys(entry.properties ?? {}) : []));
  if (declared.includes(parts.path[0]!)) return undefined;
  // What an event carries is declared nowhere.
  if (journey.entry.some(({ on }) => on === 'event')) return undefined;
  if (journey.entry.some(({ on }) => on === 'journey')) {
    return warning(pointer, 'ref-undeclared', `${ref}: carried only if the journey that is left refers to it as well`);
  }
  return finding(pointer, 'ref-unknown', `no entry declares the property "${parts.path[0]}"`, {
    ...meant(didYouMean(parts.path[0]!, declared)),
  });
}

const savedNames = (journey: Journey): string[] =>
  Object.values(journey.steps).flatMap((step) =>
    step.type === 'webhook' && step.saveAs !== undefined ? [step.saveAs] : [],
  );

function usesOf(journey: Journey, catalog: LintCatalog): Use[] {
  const uses: Use[] = [];
  for (const { predicate, pointer: start, at } of predicatesOf(journey)) {
    for (const { predicate: part, pointer, parent } of walkPredicate(predicate, start)) {
      // The where and the sum of a `did` are about the event that is counted; so are those of a sequence.
      const here = parent !== undefined && ('did' in parent || 'sequence' in parent) ? 'event' : at;
      if ('ref' in part) {
        uses.push({ pointer: `${pointer}/ref`, ref: part.ref, at: here, severity: 'warning' });
        for (const [key, operand] of Object.entries(part)) {
          for (const ref of refsIn(operand))
            uses.push({ pointer: `${pointer}/${key}`, ref, at: here, severity: 'warning' });
        }
      }
    }
  }
  if (journey.reentry.key !== undefined) {
    uses.push({ pointer: '/reentry/key', ref: journey.reentry.key, at: 'entry', severity: 'error' });
  }
  if (journey.goal?.value !== undefined) {
    uses.push({ pointer: '/goal/value', ref: journey.goal.value, at: 'event', severity: 'error' });
  }
  for (const [id, step] of Object.entries(journey.steps)) {
    uses.push(...usesOfStep(step, id, catalog).map((use) => ({ ...use, at: { step: id } })));
  }
  return uses;
}

function usesOfStep(step: Step, id: string, catalog: LintCatalog): Omit<Use, 'at'>[] {
  const under = (key: string, value: { readonly [name: string]: Value } | undefined) =>
    Object.entries(value ?? {}).flatMap(([name, one]) =>
      refsIn(one).map((ref) => ({ pointer: jsonPointer(['steps', id, key, name]), ref, severity: 'error' as const })),
    );
  switch (step.type) {
    case 'message': {
      const variables = Object.entries(templateOf(step, catalog)?.variables ?? {});
      return [
        ...under('vars', step.vars),
        ...variables.map(([ref, { required }]) => ({
          pointer: `/steps/${id}/template`,
          ref,
          severity: required === true ? ('error' as const) : ('warning' as const),
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

/** Refs in a value: as such, in lists, and in Liquid. */
function refsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (typeof value !== 'object' || value === null) return [];
  const { ref, liquid } = value as { ref?: unknown; liquid?: unknown };
  if (typeof ref === 'string') return [ref];
  return typeof liquid === 'string' ? variablesOfText(liquid).flatMap((use) => refOf(use) ?? []) : [];
}
