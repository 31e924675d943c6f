import type { Count } from '../domain/decision.ts';
import type { Profile, Run } from '../domain/profiles/profile.ts';
import type { Decided } from './live.ts';
import { readCount } from './read-count.ts';

/** The way of one run through its journey. */
export interface RunPath {
  readonly run: string;
  readonly journey: string;
  readonly entered: number;
  readonly ended?: number;
  readonly reason?: string;
  readonly steps: readonly string[];
}

interface Walk {
  readonly run: string;
  readonly journey: string;
  readonly entered: number;
  ended?: number;
  reason?: string;
  readonly steps: string[];
}

/**
 * The ways of one customer's runs. A decision's counts name the journey and the step, not the run, but runs are taken in
 * the order in which they entered, and one after the other: so each count belongs to the run that it can follow on.
 */
export class Paths {
  readonly #walks: Walk[] = [];
  readonly #open = new Map<string, Walk>();

  decided({ at, before, decision }: Decided): void {
    if (decision.counts.length === 0) return;
    let entered = 0;
    let walk: Walk | undefined;
    for (const count of decision.counts) {
      const { kind, id, more } = readCount(count.what);
      if (kind === 'entered') {
        // The reasons name the runs that enter, in the order of the counts that say so.
        const reason = decision.reasons.filter(({ code }) => code === 'entry.entered')[entered++];
        if (reason?.run === undefined) continue;
        walk = { run: reason.run, journey: count.journey, entered: at, steps: [] };
        this.#walks.push(walk);
        this.#open.set(walk.run, walk);
      } else if (kind === 'step') {
        walk = this.#follow(walk, count, more === 'port' ? id : undefined, before, decision.profile) ?? walk;
        if (more === 'visited' && walk?.journey === count.journey) walk.steps.push(id);
      } else if (kind === 'exited') {
        const ended = this.#ending(walk, count, before, decision.profile, at);
        if (ended === undefined) continue;
        ended.ended = at;
        ended.reason = id;
        this.#open.delete(ended.run);
        if (walk === ended) walk = undefined;
      }
    }
  }

  /** Runs that were there before anything was told: their way begins where they stand. */
  began({ runs }: Profile): void {
    for (const [run, { journey, enteredAt, step }] of Object.entries(runs)) {
      const walk: Walk = { run, journey, entered: enteredAt, steps: [step] };
      this.#walks.push(walk);
      this.#open.set(run, walk);
    }
  }

  all(): readonly RunPath[] {
    return this.#walks;
  }

  /** A port leads out of the step where its run stands. */
  #follow(walk: Walk | undefined, { journey }: Count, from: string | undefined, before: Profile, after: Profile) {
    if (walk !== undefined && walk.journey === journey && walk.ended === undefined) {
      if (from === undefined || walk.steps.at(-1) === from) return walk;
    }
    const [only] = this.#open.values();
    if (this.#open.size === 1 && only!.journey === journey && only !== walk) return only;
    return this.#standing(journey, before).find(
      (one) =>
        one !== walk &&
        (from === undefined || one.steps.at(-1) === from) &&
        after.runs[one.run] !== before.runs[one.run],
    );
  }

  /** The run that went on just now, if it is gone; else the first one that is. */
  #ending(walk: Walk | undefined, { journey }: Count, before: Profile, after: Profile, at: number): Walk | undefined {
    const isGone = ({ run }: Walk) => !Object.hasOwn(after.runs, run);
    if (walk !== undefined && walk.journey === journey && walk.ended === undefined && isGone(walk)) return walk;
    const gone = this.#standing(journey, before).find(isGone);
    return gone ?? [...this.#open.values()].find((one) => one.journey === journey && one.entered === at && isGone(one));
  }

  #standing(journey: string, before: Profile): Walk[] {
    return Object.entries(before.runs)
      .filter(([, run]) => run.journey === journey)
      .sort(([idA, a], [idB, b]) => entry(a) - entry(b) || (idA < idB ? -1 : 1))
      .flatMap(([run]) => this.#open.get(run) ?? []);
  }
}

const entry = ({ enteredAt }: Run): number => enteredAt;
