import { chance, type ProfileKey } from '../../../kernel/ids.ts';
import { addDuration } from '../../../kernel/zone.ts';
import type { Assigned, Profile } from '../../profiles/profile.ts';
import type { Turn } from '../../turn.ts';
import type { CompiledJourney } from './compiled-journey.ts';
import { zoneOf } from './scope.ts';

/**
 * Who is kept out for comparison, per group; a journey that names none is a group of its own.
 *
 * 1. Drawn from the key of the profile where the customer first comes to an entry of the group, and then remembered:
 *    neither another key (a merge) nor another percentage changes it.
 * 2. Who has been in the journey before it had a holdout stays in: its messages have arrived.
 * 3. Of two profiles that turn out to be one person and were assigned differently, "in" stays, for the same reason.
 */
export function assignedTo(
  { profile }: Turn,
  { id, document }: CompiledJourney,
  key: ProfileKey,
): Assigned | undefined {
  const { holdout } = document;
  if (holdout === undefined) return undefined;
  const group = holdout.group ?? id;
  const before = profile.holdouts !== undefined && Object.hasOwn(profile.holdouts, group) && profile.holdouts[group];
  if (before) return before;
  if (hasBeenIn(profile, id)) return 'in';
  return chance('holdout', group, key) * 100 < holdout.percent ? 'out' : 'in';
}

/** Writes the assignment down; the same again changes nothing. */
export function rememberAssignment(turn: Turn, { id, document }: CompiledJourney, assigned: Assigned): void {
  const group = document.holdout?.group ?? id;
  const { holdouts = {} } = turn.profile;
  if (Object.hasOwn(holdouts, group) && holdouts[group] === assigned) return;
  turn.change({ holdouts: { ...holdouts, [group]: assigned } });
}

/**
 * Counts the customer for the comparison, once per journey, and watches their goal from now on. Who was in the journey
 * before it had a holdout is no part of it.
 */
export function compare(turn: Turn, { id, version, document }: CompiledJourney, side: Assigned): void {
  const { compared = {} } = turn.profile;
  const { holdout, goal } = document;
  if (holdout === undefined || Object.hasOwn(compared, id) || (side === 'in' && hasBeenIn(turn.profile, id))) return;
  turn.count(id, version, `holdout/${side}/people`);
  const until = goal === undefined ? undefined : addDuration(turn.now, goal.within, zoneOf(turn, document));
  if (until === undefined && side === 'in') return;
  const current = Object.entries(compared).filter(([, one]) => one.side === 'out' || one.until! > turn.now);
  const mine = { side, from: turn.now, ...(until !== undefined && { until }) };
  turn.change({ compared: { ...Object.fromEntries(current), [id]: mine } });
}

const hasBeenIn = ({ entered }: Profile, journey: string): boolean =>
  Object.hasOwn(entered, journey) || Object.keys(entered).some((key) => key.startsWith(`${journey}|`));
