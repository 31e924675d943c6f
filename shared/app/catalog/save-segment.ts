import { checkSegment, type Segment, segmentsIn } from '../../domain/audiences/segment.ts';
import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { segmentPlaces } from '../../domain/journeys/segments-of.ts';
import { Conflict, InvalidInput, NotFound, type Problem } from '../../kernel/errors.ts';
import { broadcastsAsking } from '../broadcasts/change-broadcast.ts';
import type { JobStore } from '../scans/job.ts';
import { requireEtag } from './journey-lifecycle.ts';
import { saveLiveDocument } from './live-documents.ts';
import type { Actor, CatalogStore, Expectation } from './ports.ts';

/** Live at once, for everything that uses it. */
export async function saveSegment(catalog: CatalogStore, segment: Segment, expected: Expectation, actor: Actor) {
  const { segments = [] } = await catalog.readSnapshot();
  const others = new Map(segments.filter(({ id }) => id !== segment.id).map((one) => [one.id, one]));
  const problems = checkSegment(segment, others);
  if (problems.length > 0) {
    const detail = `${problems.length} problems: ${problems[0]!.pointer}: ${problems[0]!.detail}`;
    throw new InvalidInput(problems[0]!.code, detail, problems.slice(0, 100), 'invalid');
  }
  const { id, name } = segment;
  return saveLiveDocument(catalog, 'segment', { id, name, document: segment }, expected, actor);
}

/** Refused while a journey that people can be in, another segment, a template or a broadcast that is not over uses it. */
export async function removeSegment(
  { catalog, jobs }: { readonly catalog: CatalogStore; readonly jobs: JobStore },
  id: string,
  expected: Expectation | undefined,
  actor: Actor,
): Promise<void> {
  const head = await catalog.readHead('segment', id);
  if (head?.live === undefined) throw new NotFound('segment.not-found', `there is no segment ${id}`);
  requireEtag(head, expected);
  const usedBy = [
    ...usersOf(await catalog.readSnapshot(), id),
    ...(await broadcastsAsking(jobs, id)).map((one) => ({
      pointer: '',
      code: 'segment.used-by',
      detail: `broadcast ${one}`,
      fix: 'wait until it is over, or stop it',
    })),
  ];
  if (usedBy.length > 0) {
    throw new Conflict('segment.used', `${usedBy.length} documents use segment ${id}`, 'state', usedBy.slice(0, 100));
  }
  await catalog.removeLive('segment', head, actor);
}

function usersOf({ journeys, segments = [], templates }: CatalogSnapshot, id: string): Problem[] {
  const code = 'segment.used-by';
  const inside = journeys.filter(({ state }) => state === 'live' || state === 'paused' || state === 'draining');
  return [
    ...inside
      .filter(({ document }) => segmentPlaces(document).some(({ segment }) => segment === id))
      .map((one) => ({
        pointer: '',
        code,
        detail: `journey ${one.id}`,
        fix: 'stop the journey, or publish a version without this segment',
      })),
    ...segments
      .filter(({ where }) => segmentsIn(where).includes(id))
      .map((one) => ({ pointer: '', code, detail: `segment ${one.id}`, fix: 'save that one without this segment' })),
    ...templates
      .filter(({ document }) => document.variants.some((one) => one.if && segmentsIn(one.if).includes(id)))
      .map((one) => ({ pointer: '', code, detail: `template ${one.id}`, fix: 'save it without this segment' })),
  ];
}
