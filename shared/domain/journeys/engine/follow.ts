import type { Json } from '../../../kernel/canonical-json.ts';
import { digest } from '../../../kernel/ids.ts';
import type { JourneyEntry } from '../../compiled-catalog.ts';
import type { Turn } from '../../turn.ts';
import { enter, refuse } from './enter.ts';

/** A run that has ended in this turn. */
export interface Departure {
  readonly runId: string;
  readonly journey: string;
  readonly reason: string;
  /** Only other dry runs follow on a dry run. */
  readonly isDry: boolean;
  /** The properties that it carried. */
  readonly entry: { readonly [property: string]: Json };
  /** The run whose end began the chain: its own id, unless it was entered in this very chain. */
  readonly root: string;
}

/**
 * Who left a journey enters those that follow on it, in the order in which the runs ended and then of ids.
 *
 * 1. Not before everything else that the record does is done: an entry that restarts would otherwise end runs that
 *    are still to be looked at.
 * 2. In the same turn: the end and what follows on it are one decision, and cost no more writes.
 * 3. What one run's end sets off enters each journey once at most, so that journeys which follow on each other end.
 */
export function letFollowersIn(turn: Turn): void {
  if (turn.departures.length === 0) return;
  const entered = new Set<string>();
  for (let left = turn.departures.shift(); left !== undefined; left = turn.departures.shift()) {
    turn.chain = left.root;
    for (const { live, entry } of turn.catalog.entriesByJourney.get(left.journey) ?? []) {
      const { journey } = live;
      const place = `${left.root}|${journey.id}`;
      if (!follows(entry, left.reason) || (left.isDry && live.dryRun !== true)) continue;
      if (entered.has(place)) {
        refuse(turn, live, {
          code: 'entry.circle',
          saw: { left: left.journey },
          fix: 'put a wait into one of them',
        });
        continue;
      }
      const entrant = { properties: left.entry, recordId: digest('left', left.runId) };
      if (enter(turn, live, entrant)) entered.add(place);
    }
  }
  turn.chain = undefined;
}

/**
 * Why a run ends although its customer is still inside, or because the journey is over for everybody: whoever means
 * these names them. Stopping a journey must not send its customers into the next one.
 */
const onlyByName: ReadonlySet<string> = new Set(['restarted', 'stopped', 'ended']);

const follows = ({ reason }: JourneyEntry, left: string): boolean =>
  reason === undefined ? !onlyByName.has(left) : reason === left;
