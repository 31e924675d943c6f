import type { Json } from '../../../kernel/canonical-json.ts';
import { HOUR_MS } from '../../../kernel/time.ts';
import { addDuration } from '../../../kernel/zone.ts';
import type { CustomerEvent } from '../../customer-event.ts';
import type { Profile, Run } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import { pathName } from '../path-tree.ts';
import type { CompiledJourney } from './compiled-journey.ts';
import { holds, resolveRef } from './facts.ts';
import { runScope, type Scope, zoneOf } from './scope.ts';

/** Clients send in batches and out of order: so much before the entry an event may have happened and still count. */
const BEFORE_ENTRY_MS = HOUR_MS;

/** When the goal of a run can be reached no more; undefined when there is nothing to count from, or no goal. */
function goalUntil(turn: Turn, journey: CompiledJourney, run: Run): number | undefined {
  const { goal } = journey.document;
  const from = goal?.from === 'message' ? run.messageAt : run.enteredAt;
  return goal === undefined || from === undefined
    ? undefined
    : addDuration(from, goal.within, zoneOf(turn, journey.document));
}

/** What is remembered of a run that ended before its goal was reached. */
export function openGoal(turn: Turn, journey: CompiledJourney, run: Run) {
  const until = run.goalAt === undefined ? goalUntil(turn, journey, run) : undefined;
  if (until === undefined || until <= turn.now) return undefined;
  return { version: run.version, until, ...(run.path !== undefined && { path: run.path }) };
}

/** Counts the goal of a run, once. True when this ends the run. */
export function reachGoal(
  turn: Turn,
  journey: CompiledJourney,
  runId: string,
  run: Run,
  event: CustomerEvent,
): boolean {
  const { goal } = journey.document;
  if (goal === undefined || goal.event !== event.name || run.goalAt !== undefined) return false;
  const until = goalUntil(turn, journey, run);
  if (until === undefined || event.at > until || event.at < run.enteredAt - BEFORE_ENTRY_MS) return false;
  if (!counts(turn, journey, runScope(journey.document, run, event), run.path, runId)) return false;
  turn.change({ runs: { ...turn.profile.runs, [runId]: { ...run, goalAt: turn.now } } });
  return goal.exit === true;
}

/** Goals of runs that have ended. Entry properties are gone with the run, so a `where` that compares with them does not hold. */
export function reachOpenGoals(turn: Turn, event: CustomerEvent): void {
  const { entered, asIf } = turn.profile;
  reachOpen(turn, entered, event);
  if (asIf?.entered !== undefined) reachOpen(turn.as(true), asIf.entered, event);
}

function reachOpen(turn: Turn, all: Profile['entered'], event: CustomerEvent): void {
  const open = Object.entries(all).filter(([, entered]) => entered.goal !== undefined);
  for (const [key, entered] of open.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { version, until, path } = entered.goal!;
    const journey = turn.catalog.version(key.split('|')[0]!, version);
    if (journey.document.goal?.event !== event.name) continue;
    if (event.at > until || event.at < entered.last - BEFORE_ENTRY_MS) continue;
    if (!counts(turn, journey, scopeOutside(journey, event), path)) continue;
    const { goal: _reached, ...rest } = entered;
    turn.change({ entered: { ...turn.profile.entered, [key]: rest } });
  }
}

/**
 * The goal of whoever is compared, once, whether let into the journey or kept out: both by the same rule, from the moment
 * at which they would enter, so that the share of each that got there can be set side by side.
 */
export function reachComparedGoals(turn: Turn, event: CustomerEvent): void {
  const { compared, asIf } = turn.profile;
  if (compared !== undefined) reachCompared(turn, compared, event);
  if (asIf?.compared !== undefined) reachCompared(turn.as(true), asIf.compared, event);
}

function reachCompared(turn: Turn, all: NonNullable<Profile['compared']>, event: CustomerEvent): void {
  for (const [id, { side, from, until }] of Object.entries(all).sort(byKey)) {
    if (until === undefined || event.at > until || event.at < from - BEFORE_ENTRY_MS) continue;
    const { journey, dryRun } = turn.catalog.journeys.get(id) ?? {};
    if (journey === undefined || journey.document.goal?.event !== event.name) continue;
    if (turn.isDry && dryRun !== true) continue;
    const value = reached(turn, journey, scopeOutside(journey, event));
    if (value === undefined) continue;
    turn.because({ code: 'holdout.goal', journey: id, version: journey.version, saw: { side } });
    countGoal(turn, journey, `holdout/${side}/`, value);
    const { [id]: _reached, ...others } = turn.profile.compared!;
    turn.change({ compared: side === 'in' ? others : { ...others, [id]: { side, from } } });
  }
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

const scopeOutside = ({ document }: CompiledJourney, event: CustomerEvent): Scope => ({
  journey: document,
  entry: {},
  fields: {},
  event,
});

/** Undefined: it does not count. Else what it is worth. */
function reached(turn: Turn, journey: CompiledJourney, scope: Scope): Json | undefined {
  const goal = journey.document.goal!;
  if (goal.where !== undefined && !holds(turn, goal.where, scope).value) return undefined;
  return (goal.value === undefined ? undefined : resolveRef(turn, goal.value, scope)) ?? null;
}

/** A value beyond it is a mistake that would spoil every sum. */
const MAX_VALUE = 1e12;

function countGoal(turn: Turn, { id, version }: CompiledJourney, where: string, value: Json): void {
  turn.count(id, version, `${where}goal`);
  if (typeof value === 'number' && value !== 0 && Math.abs(value) <= MAX_VALUE) {
    turn.count(id, version, `${where}goal-value`, value);
  }
}

function counts(turn: Turn, journey: CompiledJourney, scope: Scope, path = 0, run?: string): boolean {
  const value = reached(turn, journey, scope);
  if (value === undefined) return false;
  const { id, version } = journey;
  turn.because({
    code: 'goal.reached',
    journey: id,
    version,
    ...(run !== undefined && { run }),
    ...(typeof value === 'number' && { saw: { value } }),
  });
  countGoal(turn, journey, '', value);
  if (journey.paths.many) countGoal(turn, journey, `path/${pathName(path)}/`, value);
  return true;
}
