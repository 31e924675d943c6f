import * as z from 'zod';

const Quintiles = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** Of one numeric trait or computed trait, over all profiles that have a number there. */
const TraitStatistics = z
  .strictObject({
    n: z.int().min(1).meta({ description: 'profiles that have a number there' }),
    mean: z.number(),
    sd: z.number().min(0).meta({ description: 'standard deviation of the whole base, not of a sample' }),
    quintiles: Quintiles.meta({ description: 'what 20, 40, 60 and 80 % of them do not exceed, within 1 %' }),
    before: Quintiles.exactOptional().meta({
      description: 'quintiles of the figures before these; absent: those knew nothing of it',
    }),
  })
  .meta({ id: 'TraitStatistics' });
export type TraitStatistics = z.infer<typeof TraitStatistics>;

/**
 * What a nightly job has found over the whole base, as the live document `base` of the catalog. Decisions read it there, so
 * they stay pure: outlier flags and scores by quintiles go by the same figures until the next night.
 *
 * `traits` by the word that stands behind `profile.` in a predicate.
 */
export const Statistics = z
  .strictObject({
    schemaVersion: z.literal(1),
    at: z.int().min(0).meta({ description: 'when the job began; epoch milliseconds' }),
    profiles: z.int().min(0).meta({ description: 'people that it saw; merged ones once' }),
    traits: z.record(z.string(), TraitStatistics),
  })
  .meta({ id: 'Statistics' });
export type Statistics = z.infer<typeof Statistics>;

/** Traits in one document; which ones: kinds/statistics.ts. */
export const MAX_TRAITS_COUNTED = 100;

/** What each trait's quintiles were before, so that who has moved among all can be told from who is seen for the first time. */
export function comparedWith(previous: Statistics | undefined, { traits, ...rest }: Statistics): Statistics {
  const compared = Object.entries(traits).map(([name, one]) => {
    const before = previous !== undefined && Object.hasOwn(previous.traits, name) && previous.traits[name];
    return [name, { ...one, ...(before && { before: before.quintiles }) }];
  });
  return { ...rest, traits: Object.fromEntries(compared) };
}
