import { canonicalJson } from '../../../kernel/canonical-json.ts';
import type { Run } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import { OTHER_PATH, pathName } from '../path-tree.ts';
import { choiceOf } from '../plans/choice-of.ts';
import type { AppliedPlan } from '../plans/moves.ts';
import { sends, stepsBefore } from '../plans/ways.ts';
import { handlerOf } from '../steps/registry.ts';
import { advance, endRun, exitCondition, place, visitOf } from './advance.ts';
import type { CompiledJourney } from './compiled-journey.ts';
import { letFollowersIn } from './follow.ts';
import { visitsOf } from './message-id.ts';
import { type Standing, standingForReal, whyOver } from './runs.ts';
import { hasEnded } from './schedule.ts';

/**
 * Publish plans meet the runs of a profile before anything else of a record (docs: publishing.md).
 *
 * 1. Each plan meets each run of an older version once, in the order of versions, where the run stands then. No
 *    profile is decided by the new catalog on a place that a plan has taken away.
 * 2. A run that stays is not written for it: that it has met the plan is remembered when the profile changes anyway
 *    (`rememberPlans`), and until then it cannot have gone anywhere.
 * 3. What a plan lets go is followed on at once, so that the record meets the journeys that follow.
 * 4. Dry runs meet none: nobody has seen what a plan does to them.
 */
export function meetPlans(turn: Turn): void {
  if (!isBehind(turn)) return;
  for (const { runId, journey } of standingForReal(turn)) {
    for (const plan of turn.catalog.journeys.get(journey.id)?.plans ?? []) {
      const moving = standingForReal(turn).find((one) => one.runId === runId);
      if (moving === undefined || whyOver(moving) !== undefined) break;
      if (plan.version > metUpTo(moving.run)) meet(moving, plan);
    }
  }
  letFollowersIn(turn);
}

/** Of a profile that has changed: its runs have met every plan there is. */
export function rememberPlans(turn: Turn): void {
  if (!isBehind(turn)) return;
  const { runs } = turn.profile;
  const fresh = Object.entries(runs).flatMap(([runId, run]) => {
    const newest = newestPlan(turn, run);
    return newest > 0 ? [[runId, { ...run, stayed: newest }] as const] : [];
  });
  turn.change({ runs: { ...runs, ...Object.fromEntries(fresh) } });
}

const isBehind = (turn: Turn): boolean =>
  turn.catalog.newestPlans.size > 0 && turn.runs.some(([, run]) => newestPlan(turn, run) > 0);

const metUpTo = ({ version, stayed = 0 }: Run): number => Math.max(version, stayed);

/** Version of the newest plan that the run has not met; 0: none. */
function newestPlan({ catalog }: Turn, run: Run): number {
  const newest = catalog.newestPlans.get(run.journey) ?? 0;
  return newest > metUpTo(run) ? newest : 0;
}

function meet(moving: Standing, { id: plan, version, moves }: AppliedPlan): void {
  const { turn, journey: from, runId, run } = moving;
  const to = turn.catalog.version(from.id, version);
  const choice = choiceOf(moves, run.version, run.step, to.document);
  if (choice === 'stay') return;
  const at = { journey: from.id, version: from.version, run: runId, step: run.step };
  if ('leave' in choice) {
    turn.because({ ...at, code: 'run.removed', saw: { plan, reason: choice.leave } });
    endRun(moving, choice.leave);
    return;
  }
  turn.because({ ...at, code: 'run.moved', saw: { plan, to: { version, step: choice.to } } });
  turn.count(from.id, from.version, 'moved-away');
  turn.count(from.id, from.version, from.stepCounter(run.step, 'moved-away'));
  turn.count(to.id, to.version, 'moved-here');
  if (to.paths.many) turn.count(to.id, to.version, `path/${pathName(OTHER_PATH)}/entered`);
  const moved = { ...moving, journey: to, run: carried(from, to, run) };
  if (hasEnded(to.document, turn.now)) {
    endRun(moved, 'ended');
    return;
  }
  const step = to.step(choice.to);
  if (choice.to === run.step && step?.type === moving.step.type) remain({ ...moved, step });
  else advance(moved, { go: choice.to });
}

/**
 * It stands at the same step as before, since when it came there: what it waits for is worked out again by the new
 * version, and what is over by that goes on at once.
 */
function remain(moving: Standing): void {
  const { turn, journey, run, step } = moving;
  turn.count(journey.id, journey.version, journey.stepCounter(run.step, 'moved-here'));
  const exit = exitCondition(moving);
  if ('reason' in exit) {
    endRun(moving, exit.reason);
    return;
  }
  const visit = visitOf(moving, step);
  const handler = handlerOf(step);
  const isPaused = turn.catalog.journeys.get(journey.id)?.state === 'paused';
  const due = run.until === undefined ? run.due : (run.until ?? undefined);
  const again = run.stand !== 'held' ? handler.remain?.(visit) : isPaused ? undefined : handler.arrive(visit);
  if (again === undefined && (due === undefined || due <= turn.now)) {
    // Its wake is on the way, or the sweep that follows a resume finds it.
    place(moving, run.stand, due);
    return;
  }
  if (run.due !== undefined && run.due > turn.now) turn.armed(run.due);
  advance(moving, again ?? { stand: run.stand, due: due! });
}

/** What a run takes with it: all that it knows, in the words of the new version. Its way so far is none of that one's paths. */
function carried(from: CompiledJourney, to: CompiledJourney, run: Run): Run {
  const { got = [], stayed: _met, visits: _counted, path: _way, ...rest } = run;
  const places = new Map(to.receipts.map((wanted, place) => [canonicalJson(wanted), place]));
  const kept = got.flatMap((place) => places.get(canonicalJson(from.receipts[place])) ?? []);
  const visits = { ...run.visits };
  for (const step of stepsBefore(from.document, run.step)) {
    if (sends.has(from.document.steps[step]!.type) && visitsOf(run, step) === 0) visits[step] = 1;
  }
  return {
    ...rest,
    version: to.version,
    ...(to.paths.many && { path: OTHER_PATH }),
    ...(kept.length > 0 && { got: kept }),
    ...(Object.keys(visits).length > 0 && { visits }),
  };
}
