import type { Profile } from './profile.ts';

/** How a run ends that comes to its end; anything else is why it left. */
export const FINISHED = 'finished';

export interface JourneyHistory {
  readonly inside: boolean;
  readonly everEntered: boolean;
  /** How the last run of each re-entry key ended, while no newer one is under way: `finished`, or why it left. */
  readonly ends: readonly string[];
}

/** What is remembered of a customer in one journey, all re-entry keys together. */
export function historyIn({ runs, entered }: Pick<Profile, 'runs' | 'entered'>, journey: string): JourneyHistory {
  const inside = Object.values(runs).some((run) => run.journey === journey);
  const keys = Object.keys(entered).filter((key) => key === journey || key.startsWith(`${journey}|`));
  const ends = keys.flatMap((key) => {
    const { exited, reason = FINISHED } = entered[key]!;
    return exited === undefined ? [] : [reason];
  });
  return { inside, everEntered: inside || keys.length > 0, ends: [...new Set(ends)].sort() };
}
