import { allRuns } from '../../../domain/profiles/as-if.ts';
import { nextDue, type Profile } from '../../../domain/profiles/profile.ts';
import { traitValue } from '../../../domain/profiles/set-traits.ts';
import { scanKind } from '../scan-kind.ts';
import { tellFound } from '../tell-found.ts';

/** Profiles look again, by the catalog of this epoch or a later one. */
export type WakeParams = {
  readonly epoch: number;
  /** Only those with a run, a dry one too, or a held message in this journey. */
  readonly journey?: string;
  /** Or who has one of these traits: they may be let in on a day that it names. */
  readonly traits?: readonly string[];
  /** Only those with something due by the time the job begins; each is told the due time. */
  readonly onlyDue?: boolean;
};

/**
 * A wake does what time alone would do: waits that are over end, held messages are decided again, conditions are looked
 * at. To a profile with nothing of the kind it changes nothing and costs no write.
 */
export const wakeKind = scanKind<WakeParams>({
  kind: 'wake',
  crowds: true,
  filter: ({ params, begin }) => (params.onlyDue ? { dueBefore: begin + 1 } : {}),
  async page(profiles, job, ports) {
    const { epoch, onlyDue } = job.params;
    const wanted = profiles.filter(({ profile }) => profile.movedTo === undefined && isMeant(profile, job.params));
    const woken = wanted.map(({ key, profile }) => ({
      to: key,
      about: key,
      t: 'wake' as const,
      record: (id: string) => {
        const due = onlyDue ? (nextDue(profile) ?? job.begin) : job.begin;
        return { t: 'wake', id, due, epoch } as const;
      },
    }));
    await tellFound(job, woken, ports);
    return { counts: { woken: woken.length } };
  },
});

function isMeant(profile: Profile, { journey, traits }: WakeParams): boolean {
  if (journey === undefined && traits === undefined) return true;
  if (journey !== undefined && isIn(profile, journey)) return true;
  return traits?.some((name) => traitValue(profile, name) !== undefined) === true;
}

const isIn = (profile: Profile, journey: string): boolean =>
  allRuns(profile).some(([, run]) => run.journey === journey) ||
  Object.values(profile.held).some(({ at }) => at.journey === journey);
