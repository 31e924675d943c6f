import { scanKind } from '../scan-kind.ts';
import { type Told, tellFound } from '../tell-found.ts';

export type BackfillParams = {
  /** Of a catalog that has the clauses. */
  readonly epoch: number;
  /** Ids of what is to be counted again. */
  readonly clauses: readonly string[];
  /** What asks for it, for people. */
  readonly of?: string;
  /** Nobody counted them before: who is younger than the job has counted them from the start, and is passed over. */
  readonly isNew?: true;
};

/**
 * Tells everybody to count clauses again, from their own journals. What comes of it is decided by each profile's own
 * writer, so a profile that is told twice, or is merged meanwhile, counts right all the same.
 */
export const backfillKind = scanKind<BackfillParams>({
  kind: 'backfill',
  crowds: true,
  async page(profiles, job, ports, room) {
    const { epoch, clauses, isNew } = job.params;
    const told: Told[] = [];
    let younger = 0;
    let last = profiles.length - 1;
    for (const [index, { key, profile }] of profiles.entries()) {
      // Of merged people the root is met as well, and it reads what they have left.
      if (profile.movedTo !== undefined) continue;
      if (isNew && profile.createdAt >= job.begin) {
        younger++;
        continue;
      }
      if (told.length === room) {
        last = index - 1;
        break;
      }
      const record = { t: 'fill', epoch, clauses, ...(isNew && { isNew }) } as const;
      told.push({ to: key, about: key, t: 'fill', record: (id) => ({ ...record, id }) });
    }
    await tellFound(job, told, ports);
    return { counts: { told: told.length, younger }, told: told.length, last };
  },
});
