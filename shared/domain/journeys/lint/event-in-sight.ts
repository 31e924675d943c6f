import type { Journey, Step, StepType } from '../journey.ts';
import { nextOf } from '../ports.ts';

const neverStand: ReadonlySet<StepType> = new Set(['branch', 'split', 'update', 'emit', 'enroll']);

/**
 * The steps that are surely decided in the same pass as an event, so that `event.*` can be read there: the first
 * one when every entry is an event, those behind a wait-for's triggers on events, and on from there through steps that never
 * stand still. Greatest fixpoint: all are assumed and those with one way in without an event are struck off.
 */
export function stepsThatSeeAnEvent(journey: Journey): ReadonlySet<string> {
  const { entry, start, steps } = journey;
  const seeing = new Set(Object.keys(steps));
  if (!entry.every(({ on }) => on === 'event')) seeing.delete(start);
  for (let struck = true; struck; ) {
    struck = false;
    for (const [id, step] of Object.entries(steps)) {
      const passesOn = neverStand.has(step.type) && seeing.has(id);
      for (const { port, next } of nextOf(step)) {
        if (passesOn || isMovedByEvent(step, port)) continue;
        struck = seeing.delete(next) || struck;
      }
    }
  }
  return seeing;
}

const isMovedByEvent = (step: Step, port: string): boolean =>
  step.type === 'wait-for' && step.any.some(({ on }, index) => on === 'event' && port === `any-${index}`);
