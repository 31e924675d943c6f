import type { Journey } from '../journey.ts';
import type { Choice, Moves } from './moves.ts';

export function choiceOf(moves: Moves, version: number, step: string, to: Journey): Choice {
  const named = own(moves.versions?.[String(version)], step) ?? own(moves.steps, step);
  if (named !== undefined) return named;
  return moves.default === 'same-step' && Object.hasOwn(to.steps, step) ? { to: step } : 'stay';
}

const own = (choices: Moves['steps'], step: string): Choice | undefined =>
  choices !== undefined && Object.hasOwn(choices, step) ? choices[step] : undefined;
