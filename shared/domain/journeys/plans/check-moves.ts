import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { didYouMean } from '../../../kernel/did-you-mean.ts';
import { jsonPointer } from '../../../kernel/json-pointer.ts';
import type { CompiledJourney } from '../engine/compiled-journey.ts';
import { END, type Journey } from '../journey.ts';
import { stepsThatSeeAnEvent } from '../lint/event-in-sight.ts';
import { type Finding, meant } from '../lint/finding.ts';
import { choiceOf } from './choice-of.ts';
import type { Choice, Moves } from './moves.ts';
import { stepsBefore, stepsBehind } from './ways.ts';

/** Names in the moves that are not there: of steps of the older versions, of steps of the new one, of versions. */
export function unknownNames(moves: Moves, from: readonly CompiledJourney[], to: Journey): Finding[] {
  const found: Finding[] = [];
  const error = (path: readonly string[], code: string, detail: string, more: object = {}) =>
    found.push({ pointer: jsonPointer(['moves', ...path]), code: `plan.${code}`, severity: 'error', detail, ...more });
  const check = (path: readonly string[], choices: Moves['steps'], steps: readonly string[], where: string) => {
    for (const [step, choice] of Object.entries(choices ?? {})) {
      if (!steps.includes(step)) {
        error([...path, step], 'step-unknown', `${where} has no step "${step}"`, meant(didYouMean(step, steps)));
      }
      const target = typeof choice === 'object' && 'to' in choice ? choice.to : END;
      if (target === END || Object.hasOwn(to.steps, target)) continue;
      const fix = meant(didYouMean(target, Object.keys(to.steps)));
      error([...path, step, 'to'], 'target-unknown', `the new version has no step "${target}"`, fix);
    }
  };
  const all = [...new Set(from.flatMap(({ document }) => Object.keys(document.steps)))];
  check(['steps'], moves.steps, all, 'no older version that anybody is in');
  for (const [version, choices] of Object.entries(moves.versions ?? {})) {
    const one = from.find((journey) => journey.version === Number(version));
    if (one === undefined) error(['versions', version], 'version-unknown', `there is no version ${version}`);
    else check(['versions', version], choices, Object.keys(one.document.steps), `version ${version}`);
  }
  return found;
}

/** What somebody should know who moves people from this version: what their runs do not carry, and what they may get twice. */
export function checkMoves(moves: Moves, from: CompiledJourney, to: CompiledJourney): Finding[] {
  const arrivals = Object.keys(from.document.steps).flatMap((step) => {
    const choice: Choice = choiceOf(moves, from.version, step, to.document);
    return typeof choice === 'object' && 'to' in choice && choice.to !== END ? [{ step, target: choice.to }] : [];
  });
  if (arrivals.length === 0) return [];
  const of = `version ${from.version}`;
  const warn = (code: string, detail: string, fix?: string): Finding[] => [
    { pointer: '/moves', code: `plan.${code}`, severity: 'warning', detail, ...(fix !== undefined && { fix }) },
  ];
  return [
    ...missingProperties(from, to).flatMap((name) =>
      warn('entry-missing', `runs of ${of} do not carry ${name}: where the new version asks for it, it is missing`),
    ),
    ...missingFields(
      from,
      to,
      arrivals.map(({ target }) => target),
    ).flatMap((name) => warn('field-missing', `runs of ${of} have not saved steps.${name}`)),
    ...missingReceipts(from, to).flatMap(({ step, was }) =>
      warn('receipt-missing', `whether "${step}" was ${was} before the move is not known of runs of ${of}`),
    ),
    ...(to.document.goal?.from === 'message' && from.document.goal?.from !== 'message'
      ? warn(
          'goal-message',
          `the goal counts from the last message, which runs of ${of} did not note: from their next one on`,
        )
      : []),
    ...arrivals.flatMap(({ step, target }) => [
      ...comesAgain(from, step, to, target).flatMap((message) =>
        warn(
          'message-again',
          `who is moved from "${step}" of ${of} to "${target}" may have had "${message}" and comes to it again`,
          'move them to a step behind it',
        ),
      ),
      ...(needsEvent(from, step, to, target)
        ? warn('event-missing', `no event is at hand for who is moved from "${step}" of ${of} to "${target}"`)
        : []),
    ]),
  ];
}

function missingProperties(from: CompiledJourney, to: CompiledJourney): string[] {
  if (from.refs.wholeEntry) return [];
  const names = [...to.refs.entry].filter((name) => !from.refs.entry.has(name)).map((name) => `entry.${name}`);
  return to.refs.wholeEntry ? [...names, 'entry as a whole'] : names;
}

/** Those that are not saved on every way that is left. */
function missingFields(from: CompiledJourney, to: CompiledJourney, targets: readonly string[]): string[] {
  const savers = (as: string) =>
    Object.entries(to.document.steps).flatMap(([id, step]) =>
      step.type === 'webhook' && step.saveAs === as ? [id] : [],
    );
  const behind = [...new Set(targets)].map((target) => stepsBehind(to.document, target));
  return [...to.refs.fields].filter(
    (field) =>
      !from.refs.fields.has(field) &&
      behind.some((steps) => !savers(field.split('.')[0]!).some((saver) => steps.has(saver))),
  );
}

function missingReceipts(from: CompiledJourney, to: CompiledJourney) {
  const known = new Set(from.receipts.map(canonicalJson));
  return to.receipts.filter((wanted) => from.step(wanted.step) !== undefined && !known.has(canonicalJson(wanted)));
}

/** Messages that lie behind them once more, and would not have without the move. */
function comesAgain(from: CompiledJourney, step: string, to: CompiledJourney, target: string): string[] {
  const [before, expected, behind] = [
    stepsBefore(from.document, step),
    from.cyclic.has(step) ? stepsBehind(from.document, step) : undefined,
    stepsBehind(to.document, target),
  ];
  return [...behind].filter(
    (id) =>
      before.has(id) &&
      expected?.has(id) !== true &&
      !(id === target && target === step && !to.cyclic.has(id)) &&
      from.step(id)?.type === 'message' &&
      to.step(id)?.type === 'message',
  );
}

function needsEvent(from: CompiledJourney, step: string, to: CompiledJourney, target: string): boolean {
  if (to.refs.event.size === 0 || (target === step && from.step(step)?.type === to.step(target)?.type)) return false;
  return stepsThatSeeAnEvent(to.document).has(target);
}
