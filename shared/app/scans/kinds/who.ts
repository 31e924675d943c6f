import type { Run } from '../../../domain/profiles/profile.ts';
import type { ProfileKey } from '../../../kernel/ids.ts';
import type { Counts } from '../job.ts';
import { scanKind } from '../scan-kind.ts';

export type WhoParams = {
  readonly journey: string;
  readonly step?: string;
  readonly state?: Run['stand'];
};

/** One run of one customer. */
export type Standing = {
  readonly key: ProfileKey;
  readonly version: number;
  readonly step: string;
  readonly state: Run['stand'];
  /** When it came to this step; epoch milliseconds. */
  readonly since: number;
};

/** People that are named, of each page of some 1 MB; all are counted. */
export const MAX_NAMED = 200;

/** Who stands where in a journey, each profile as it was when the scan came by. Dry runs are nobody's place. */
export const whoKind = scanKind<WhoParams>({
  kind: 'who',
  async page(profiles, { params: { journey, step, state } }) {
    const standing = profiles.flatMap(({ key, profile }): Standing[] =>
      profile.movedTo !== undefined
        ? []
        : Object.values(profile.runs)
            .filter((run) => run.journey === journey)
            .filter((run) => (step ?? run.step) === run.step && (state ?? run.stand) === run.stand)
            .map((run) => ({ key, version: run.version, step: run.step, state: run.stand, since: run.since })),
    );
    const counts: { [what: string]: number } = {};
    const count = (what: string, howMany = 1) => {
      counts[what] = (counts[what] ?? 0) + howMany;
    };
    for (const one of standing) count(`at/${one.version}/${one.step}/${one.state}`);
    const named = standing.slice(0, MAX_NAMED);
    if (standing.length > named.length) count('unnamed', standing.length - named.length);
    return { counts, ...(named.length > 0 && { keep: named }) };
  },
  result: ({ counts }) => ({
    at: placesOf(counts),
    people: placesOf(counts).reduce((sum, { people }) => sum + people, 0),
    unnamed: counts['unnamed'] ?? 0,
  }),
});

function placesOf(counts: Counts) {
  return Object.entries(counts)
    .flatMap(([what, people]) => {
      const [at, version, step, state] = what.split('/');
      return at === 'at' ? [{ version: Number(version), step: step!, state: state!, people }] : [];
    })
    .sort((a, b) => b.version - a.version || (a.step < b.step ? -1 : a.step > b.step ? 1 : a.state < b.state ? -1 : 1));
}
