import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { compileComputedTraits } from '../../domain/computed-traits/computed-traits.ts';
import { factsOf } from '../../domain/journeys/engine/facts.ts';
import type { Profile } from '../../domain/profiles/profile.ts';

/** What predicates see of customers, for whoever has the catalog as it is stored. */
export function factsIn(snapshot: CatalogSnapshot, now: number) {
  const segments = new Map((snapshot.segments ?? []).map((one) => [one.id, one]));
  const computed = compileComputedTraits(snapshot.computedTraits ?? [], snapshot.statistics);
  const catalog = { policy: snapshot.policy, segments, computed };
  return (profile: Profile) => factsOf({ profile, now, catalog }, { entry: {}, fields: {} });
}
