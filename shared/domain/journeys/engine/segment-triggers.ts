import type { Run } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import type { Journey, Trigger } from '../journey.ts';
import type { CompiledJourney } from './compiled-journey.ts';
import { holds } from './facts.ts';
import { runScope } from './scope.ts';

/**
 * Triggers on entering or leaving a segment: membership becomes true, or false, while the run is there.
 *
 * 1. Who is a member already does not enter by that: a run remembers for which triggers it has seen the customer on the
 *    other side (`apart`), since it stands at the step, and for exit rules since it entered.
 * 2. Sides are seen when the run stands, after every record, and when time alone moves the membership.
 */
export type SegmentTrigger = Extract<Trigger, { readonly on: 'segment' }>;

export interface PlacedTrigger {
  readonly trigger: SegmentTrigger;
  /** The step that waits for it; absent: an exit rule. */
  readonly step?: string;
}

/** A run remembers places in this list, so its order must not change. */
export function segmentTriggersOf({ exitWhen = [], steps }: Journey): PlacedTrigger[] {
  const found: PlacedTrigger[] = [];
  for (const rule of exitWhen) if (rule.on === 'segment') found.push({ trigger: rule });
  for (const id of Object.keys(steps).sort()) {
    const step = steps[id]!;
    if (step.type !== 'wait-for') continue;
    for (const trigger of step.any) if (trigger.on === 'segment') found.push({ trigger, step: id });
  }
  return found;
}

interface Looking {
  readonly turn: Turn;
  readonly journey: CompiledJourney;
  readonly run: Run;
}

/** Whether the trigger fires now, and when time alone may change that. */
export function crossed({ turn, journey, run }: Looking, trigger: SegmentTrigger) {
  const place = journey.segmentTriggers.findIndex((one) => one.trigger === trigger);
  const is = trigger.change === 'entered' ? 'member' : 'not-member';
  const asked = holds(turn, { segment: trigger.segment, is }, runScope(journey.document, run));
  return { ...asked, value: asked.value && run.apart?.includes(place) === true };
}

/** The run with the sides on which it sees its customer now; the same object when it has seen them before. */
export function withSides({ turn, journey, run }: Looking): Run {
  if (journey.segmentTriggers.length === 0 && run.apart === undefined) return run;
  const apart = journey.segmentTriggers.flatMap(({ trigger, step }, place) => {
    if (step !== undefined && step !== run.step) return [];
    if (run.apart?.includes(place) === true) return [place];
    const is = trigger.change === 'entered' ? 'not-member' : 'member';
    const { value } = holds(turn, { segment: trigger.segment, is }, runScope(journey.document, run));
    return value ? [place] : [];
  });
  const { apart: before = [], ...rest } = run;
  if (apart.length === before.length && apart.every((place) => before.includes(place))) return run;
  return apart.length === 0 ? rest : { ...rest, apart };
}

/** A run that comes to a step: what it saw at the one before, or on an earlier visit, counts no more. */
export function withoutSides({ segmentTriggers }: CompiledJourney, run: Run): Run {
  if (run.apart === undefined) return run;
  const { apart, ...rest } = run;
  const kept = apart.filter((place) => segmentTriggers[place]?.step === undefined);
  return kept.length === 0 ? rest : { ...rest, apart: kept };
}
