import type { CompiledCatalog } from '../compiled-catalog.ts';
import type { CompiledJourney } from '../journeys/engine/compiled-journey.ts';
import { allRuns } from '../profiles/as-if.ts';
import type { Profile } from '../profiles/profile.ts';

/**
 * Whether anything asks of this customer what was delivered: a trigger or a predicate of a live journey, or of the version
 * that one of their runs is on, a segment, the policy, or a computed trait. Where nothing does, that a message was
 * delivered changes nothing, and its profile need not be told.
 */
export function asksOfDelivery(profile: Profile, catalog: CompiledCatalog): boolean {
  if (profile.test !== undefined) return true;
  if (asksAtAll(catalog)) return true;
  // Without others, all runs are on live versions.
  return (
    catalog.pinned.length > 0 &&
    allRuns(profile).some(([, { journey, version }]) => asks(catalog.version(journey, version)))
  );
}

const known = new WeakMap<CompiledCatalog['snapshot'], boolean>();

function asksAtAll(catalog: CompiledCatalog): boolean {
  const { snapshot, clausesByOutcome, computed, journeys } = catalog;
  let answer = known.get(snapshot);
  if (answer === undefined) {
    const live = [...journeys.values()].map(({ journey }) => journey);
    answer = clausesByOutcome.has('delivered') || computed.byOutcome.has('delivered') || live.some(asks);
    known.set(snapshot, answer);
  }
  return answer;
}

const asks = ({ receipts, messageClauses }: CompiledJourney): boolean =>
  receipts.some(({ was }) => was === 'delivered') || messageClauses.some(({ was }) => was === 'delivered');
