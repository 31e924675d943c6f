import { HOUR_MS } from '../../../kernel/time.ts';
import { addDuration } from '../../../kernel/zone.ts';
import type { CustomerEvent } from '../../customer-event.ts';
import type { Run } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
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
  return until === undefined || until <= turn.now ? undefined : { version: run.version, until };
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
  if (!counts(turn, journey, runScope(journey.document, run, event), runId)) return false;
  turn.change({ runs: { ...turn.profile.runs, [runId]: { ...run, goalAt: turn.now } } });
  return goal.exit === true;
}

/** Goals of runs that have ended. Entry properties are gone with the run, so a `where` that compares with them does not hold. */
export function reachOpenGoals(turn: Turn, event: CustomerEvent): void {
  const open = Object.entries(turn.profile.entered).filter(([, entered]) => entered.goal !== undefined);
  for (const [key, entered] of open.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { version, until } = entered.goal!;
    const journey = turn.catalog.version(key.split('|')[0]!, version);
    if (journey.document.goal?.event !== event.name) continue;
    if (event.at > until || event.at < entered.last - BEFORE_ENTRY_MS) continue;
    if (!counts(turn, journey, { journey: journey.document, entry: {}, fields: {}, event })) continue;
    const { goal: _reached, ...rest } = entered;
    turn.change({ entered: { ...turn.profile.entered, [key]: rest } });
  }
}

function counts(turn: Turn, journey: CompiledJourney, scope: Scope, run?: string): boolean {
  const goal = journey.document.goal!;
  if (goal.where !== undefined && !holds(turn, goal.where, scope).value) return false;
  const { id, version } = journey;
  const value = goal.value === undefined ? undefined : resolveRef(turn, goal.value, scope);
  turn.because({
    code: 'goal.reached',
    journey: id,
    version,
    ...(run !== undefined && { run }),
    ...(typeof value === 'number' && { saw: { value } }),
  });
  turn.count(id, version, 'goal');
  return true;
}
