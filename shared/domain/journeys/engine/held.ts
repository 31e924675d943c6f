import { MINUTE_MS } from '../../../kernel/time.ts';
import { MAX_HELD } from '../../profiles/limits.ts';
import type { HeldMessage, Profile, Run } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';

/** So long nothing is tried again: `send` may know of a pause or a zone that this actor's catalog shows only in a moment. */
export const TAKEN_BACK_MS = MINUTE_MS;

/** Keeps a message to be decided again at `due`. False when there are too many. */
export function keepHeld(turn: Turn, messageId: string, run: string, at: Run, due: number): boolean {
  const { held } = turn.profile;
  if (!Object.hasOwn(held, messageId) && Object.keys(held).length >= MAX_HELD) return false;
  turn.change({ held: { ...held, [messageId]: { run, at: { ...at, stand: 'held', due } } } });
  turn.wake(due);
  return true;
}

/** Takes out what will not go any more, and says so. */
export function forgetHeld(turn: Turn, which: (held: HeldMessage) => boolean): void {
  for (const [messageId, held] of Object.entries(turn.profile.held)) {
    if (!which(held)) continue;
    takeHeld(turn, messageId);
    const { journey, version, step } = held.at;
    const fix = 'its run had left the journey before it could be handed over';
    turn.because({ code: 'message.lost-its-run', message: messageId, journey, version, run: held.run, step, fix });
  }
}

export function takeHeld(turn: Turn, messageId: string): void {
  const { [messageId]: _taken, ...held } = turn.profile.held;
  turn.change({ held });
}

/** In the order in which they are due. */
export const dueHeld = ({ held }: Profile, now: number): [messageId: string, HeldMessage][] =>
  Object.entries(held)
    .filter(([, { at }]) => at.due <= now)
    .sort(([idA, a], [idB, b]) => a.at.due - b.at.due || (idA < idB ? -1 : 1));
