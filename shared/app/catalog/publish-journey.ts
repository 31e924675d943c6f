import type { Journey } from '../../domain/journeys/journey.ts';
import { Conflict, InvalidInput } from '../../kernel/errors.ts';
import type { Settings } from '../../settings.ts';
import type { IntakeStore } from '../intake.ts';
import type { StatsReader } from '../profiles/ports.ts';
import { checkJourney } from './check-journey.ts';
import { countInFlight } from './count-journey.ts';
import { readJourneyHead, stateAfterPublish } from './journey-lifecycle.ts';
import type { Actor, CatalogStore } from './ports.ts';

/**
 * 1. What is published is the draft that the caller saw, and lint has no error in it: against what is live now.
 * 2. Who is in flight stays on their version (guarantee G8); how many that are is in the answer, of a dry run too.
 */
export async function publishJourney(
  ports: {
    readonly catalog: CatalogStore;
    readonly stats: StatsReader;
    readonly settings: Settings;
    readonly intake?: Pick<IntakeStore, 'listEventTypes'>;
  },
  id: string,
  draftEtag: string,
  dryRun: boolean,
  actor: Actor,
) {
  const head = await readJourneyHead(ports.catalog, id);
  const draft = await ports.catalog.readDraft(id);
  if (draft === undefined) throw new Conflict('journey.no-draft', `journey ${id} has no draft to publish`);
  if (draft.etag !== draftEtag || head.etag !== draftEtag) {
    throw new Conflict(
      'journey.draft-changed',
      'the draft is another one than draftEtag: read it again',
      'precondition-failed',
    );
  }
  const state = stateAfterPublish(head.state);
  const journey = draft.document as Journey;
  const { errors, findings } = await checkJourney(ports, journey);
  if (errors.length > 0) {
    const first = errors[0]!;
    throw new InvalidInput(
      first.code,
      `${errors.length} errors keep this journey from being published`,
      errors,
      'invalid',
    );
  }
  const inFlight = await countInFlight(ports.stats, head);
  if (dryRun) return { published: false, version: head.latest + 1, state, findings, inFlight };
  const published = await ports.catalog.publishDraft(head, journey, state, actor);
  return { published: true, version: published.latest, state, findings, inFlight };
}
