import { checkSegment, type Segment, segmentsIn } from '../../domain/audiences/segment.ts';
import { isList, whereOf } from '../../domain/audiences/segment-kind.ts';
import type { CatalogSnapshot } from '../../domain/catalog.ts';
import { segmentPlaces } from '../../domain/journeys/segments-of.ts';
import { MAX_LIVE_SEGMENTS } from '../../domain/profiles/limits.ts';
import { didYouMean } from '../../kernel/did-you-mean.ts';
import { Conflict, NotFound, type Problem, requireNoProblems } from '../../kernel/errors.ts';
import { broadcastsAsking } from '../broadcasts/change-broadcast.ts';
import { changingCatalog } from '../scans/change-catalog.ts';
import type { JobStore } from '../scans/job.ts';
import type { ChangePorts } from '../scans/start-scan.ts';
import { requireEtag } from './journey-lifecycle.ts';
import { saveLiveDocument } from './live-documents.ts';
import type { Actor, CatalogStore, Expectation } from './ports.ts';

interface SavePorts extends ChangePorts {
  readonly catalog: CatalogStore;
}

/** Live at once, for everything that uses it. Customers whom a live segment finds or loses by that are told by a scan. */
export async function saveSegment(ports: SavePorts, segment: Segment, expected: Expectation, actor: Actor) {
  const { catalog } = ports;
  const { id, name } = segment;
  return changingCatalog(ports, `segment ${id}`, actor, async (before) => {
    await checkAgainst(before, catalog, segment);
    return saveLiveDocument(catalog, 'segment', { id, name, document: segment }, expected, actor);
  });
}

async function checkAgainst(
  { segments = [], endpoints }: CatalogSnapshot,
  catalog: CatalogStore,
  segment: Segment,
): Promise<void> {
  const others = new Map(segments.filter(({ id }) => id !== segment.id).map((one) => [one.id, one]));
  const problems = [
    ...checkSegment(segment, others),
    ...endpointProblems(segment, endpoints),
    ...roomProblems(segment, others),
    ...(await kindProblems(catalog, segment)),
  ];
  requireNoProblems(problems);
}

function endpointProblems({ notify }: Segment, endpoints: CatalogSnapshot['endpoints']): Problem[] {
  if (notify === undefined || endpoints.some(({ id }) => id === notify)) return [];
  const like = didYouMean(
    notify,
    endpoints.map(({ id }) => id),
  );
  return [
    {
      pointer: '/notify',
      code: 'segment.endpoint-unknown',
      detail: `no endpoint is called "${notify}"`,
      ...(like !== undefined && { fix: `did you mean "${like}"?` }),
    },
  ];
}

function roomProblems(segment: Segment, others: ReadonlyMap<string, Segment>): Problem[] {
  const isLive = (one: Segment) => 'where' in one && one.live === true;
  const actual = [...others.values()].filter(isLive).length + 1;
  if (!isLive(segment) || actual <= MAX_LIVE_SEGMENTS) return [];
  const more = { limit: MAX_LIVE_SEGMENTS, actual, fix: 'leave out live where nothing enters on it' };
  return [{ pointer: '/live', code: 'segment.too-many-live', detail: 'too many live segments', ...more }];
}

/** Who was on a list may still be, as far as profiles remember: under its id there is never anything else, nor it again. */
async function kindProblems(catalog: CatalogStore, segment: Segment): Promise<Problem[]> {
  const head = await catalog.readHead('segment', segment.id);
  const before = head && (await catalog.readVersion('segment', segment.id, head.latest));
  if (head === undefined || before === undefined) return [];
  const [was, is] = [isList(before.document as Segment), isList(segment)];
  if (was === is && (!is || head.state !== 'removed')) return [];
  const detail = was
    ? 'a list of this id was there, and profiles remember who is on it'
    : 'a rule of this id was there';
  return [{ pointer: is ? '/list' : '/where', code: 'segment.kind', detail, fix: 'use another id' }];
}

/** Refused while a journey that people can be in, another segment, a template, the policy or a broadcast that is not over uses it. */
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
    ...(await broadcastsAsking(jobs, (where) => segmentsIn(where).includes(id))).map((one) => ({
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

function usersOf({ journeys, segments = [], templates, policy }: CatalogSnapshot, id: string): Problem[] {
  const code = 'segment.used-by';
  const inside = journeys.filter(({ state }) => state === 'live' || state === 'paused' || state === 'draining');
  const ofPolicy = (policy.channelOrder ?? []).some((rule) => rule.if && segmentsIn(rule.if).includes(id));
  return [
    ...(ofPolicy ? [{ pointer: '', code, detail: 'the policy', fix: 'save it without this segment' }] : []),
    ...inside
      .filter(({ document }) => segmentPlaces(document).some(({ segment }) => segment === id))
      .map((one) => ({
        pointer: '',
        code,
        detail: `journey ${one.id}`,
        fix: 'stop the journey, or publish a version without this segment',
      })),
    ...segments
      .filter((one) => segmentsIn(whereOf(one)).includes(id))
      .map((one) => ({ pointer: '', code, detail: `segment ${one.id}`, fix: 'save that one without this segment' })),
    ...templates
      .filter(({ document }) => document.variants.some((one) => one.if && segmentsIn(one.if).includes(id)))
      .map((one) => ({ pointer: '', code, detail: `template ${one.id}`, fix: 'save it without this segment' })),
  ];
}
