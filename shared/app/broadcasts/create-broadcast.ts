import type { Predicate } from '../../domain/audiences/predicate.ts';
import { parseRef } from '../../domain/audiences/ref.ts';
import { sinceProblems } from '../../domain/audiences/segment.ts';
import type { Journey } from '../../domain/journeys/journey.ts';
import { notYetIn } from '../../domain/journeys/not-yet.ts';
import { walkPredicate } from '../../domain/journeys/predicates-of.ts';
import { canonicalJson, type Json } from '../../kernel/canonical-json.ts';
import { didYouMean } from '../../kernel/did-you-mean.ts';
import { Conflict, InvalidInput, NotFound, type Problem } from '../../kernel/errors.ts';
import { DAY_MS } from '../../kernel/time.ts';
import { scanning, timing } from '../../resources.ts';
import type { Settings } from '../../settings.ts';
import type { Actor, CatalogStore } from '../catalog/ports.ts';
import { type IdType, identityOf, keyOfIdentity } from '../profiles/find-profile.ts';
import type { StatsReader } from '../profiles/ports.ts';
import type { Job, JobStore } from '../scans/job.ts';
import type { BroadcastParams } from '../scans/kinds/broadcast.ts';
import { DEFAULT_PER_MINUTE } from '../scans/pace.ts';
import type { StartScan } from '../scans/start-scan.ts';
import { templateJourney } from './template-journey.ts';

export interface BroadcastRequest {
  readonly id: string;
  readonly journey?: string;
  readonly template?: string;
  readonly topic?: string;
  /** Its members; with `where`, those for whom that holds too. */
  readonly segment?: string;
  readonly where?: Predicate;
  readonly list?: readonly { readonly id: string; readonly idType?: IdType }[];
  readonly properties?: { readonly [name: string]: Json };
  /** Epoch milliseconds. */
  readonly begin?: number;
  readonly perMinute?: number;
}

interface BroadcastPorts {
  readonly catalog: CatalogStore;
  readonly stats: StatsReader;
  readonly settings: Settings;
  readonly jobs: JobStore;
  readonly startScan: StartScan;
}

export const MAX_PER_MINUTE = 60_000;
export const MAX_LIST = 1_000;
/** It travels in the record of everybody. */
const MAX_WHERE_BYTES = 4_096;

/** Starts a broadcast. The same request again, under the same id, finds the one that is there. */
export async function createBroadcast(ports: BroadcastPorts, request: BroadcastRequest, actor: Actor): Promise<Job> {
  const { id, template, topic, list, properties, begin, perMinute = DEFAULT_PER_MINUTE } = request;
  const where = whereOf(request);
  refuseWhere(where);
  if (begin !== undefined && begin > actor.at + timing.maxHopDays * DAY_MS) {
    const limit = `${timing.maxHopDays} days`;
    throw invalid('/at', 'broadcast.at', `begins within ${limit}`, { limit });
  }
  const before = await ports.jobs.read(id);
  if (before !== undefined && before.kind !== 'broadcast')
    throw new Conflict('broadcast.exists', `${id} is another job`);
  if (before === undefined) await requireSegments(ports.catalog, request);
  const journey =
    template === undefined
      ? await openJourney(ports.catalog, request.journey!)
      : await templateJourney(ports, template, topic!, actor);
  const keys = list && [...new Set(list.map((one) => keyOfIdentity(identityOf(one.idType ?? 'userId', one.id))))];
  const params: BroadcastParams = {
    journey,
    ...(template !== undefined && { template, topic: topic!, runKey: id, properties: { broadcast: id } }),
    ...(template === undefined && properties !== undefined && { properties }),
    ...(where !== undefined && { where }),
    ...(keys !== undefined && { list: keys }),
    epoch: (before?.params as BroadcastParams | undefined)?.epoch ?? (await ports.catalog.readEpoch('newest')),
  };
  if (before !== undefined && canonicalJson(before.params) !== canonicalJson(params as unknown as Json)) {
    throw new Conflict('broadcast.exists', `there is another broadcast ${id}`);
  }
  return ports.startScan({
    id,
    kind: 'broadcast',
    params: params as unknown as Json,
    by: actor.by,
    perMinute,
    segments: keys === undefined ? scanning.segments : 1,
    ...(begin !== undefined && { begin }),
  });
}

async function openJourney(catalog: CatalogStore, id: string): Promise<string> {
  const head = await catalog.readHead('journey', id);
  if (head === undefined) throw new NotFound('journey.not-found', `there is no journey ${id}`);
  const live = head.live === undefined ? undefined : await catalog.readVersion('journey', id, head.live);
  if (live === undefined || head.state !== 'live') {
    throw new Conflict('journey.not-live', `nobody enters a journey that is ${head.state}`);
  }
  if (!(live.document as Journey).entry.some(({ on }) => on === 'api')) {
    throw new Conflict('journey.no-api-entry', 'this journey has no entry { on: api }: add one and publish');
  }
  return id;
}

/** Asked by the customer's own writer like any other filter. */
function whereOf({ segment, where }: BroadcastRequest): Predicate | undefined {
  if (segment === undefined) return where;
  const isMember: Predicate = { segment, is: 'member' };
  return where === undefined ? isMember : { all: [isMember, where] };
}

async function requireSegments(catalog: CatalogStore, { segment, where }: BroadcastRequest): Promise<void> {
  const asked = where === undefined ? [] : [...walkPredicate(where, '/where')];
  const places = [
    ...(segment === undefined ? [] : [{ pointer: '/segment', segment }]),
    ...asked.flatMap(({ predicate, pointer }) =>
      'segment' in predicate ? [{ pointer: `${pointer}/segment`, segment: predicate.segment }] : [],
    ),
  ];
  if (places.length === 0) return;
  const { segments = [] } = await catalog.readSnapshot();
  const known = segments.map(({ id }) => id);
  for (const { pointer, segment: id } of places) {
    if (known.includes(id)) continue;
    const like = didYouMean(id, known);
    throw invalid(pointer, 'broadcast.segment-unknown', `no segment is called "${id}"`, {
      ...(like !== undefined && { fix: `did you mean "${like}"?` }),
    });
  }
  const all = new Map(segments.map((one) => [one.id, one]));
  for (const { predicate, pointer } of asked) {
    for (const { code, pointer: place, detail, ...more } of sinceProblems(predicate, pointer, all)) {
      throw invalid(place, `broadcast.${code}`, detail, more);
    }
  }
}

/** What a profile can answer at once. Counts are kept for predicates of segments and published journeys only. */
function refuseWhere(where: Predicate | undefined): void {
  if (where === undefined) return;
  const bytes = Buffer.byteLength(JSON.stringify(where));
  if (bytes > MAX_WHERE_BYTES) {
    throw invalid('/where', 'broadcast.where-size', 'is too large', { limit: MAX_WHERE_BYTES, actual: bytes });
  }
  for (const { pointer, detail, ...more } of notYetIn(where, '/where')) {
    throw invalid(pointer, 'broadcast.not-yet', detail, more);
  }
  for (const { predicate, pointer } of walkPredicate(where, '/where')) {
    for (const head of ['did', 'sequence', 'message'] as const) {
      if (!(head in predicate)) continue;
      throw invalid(`${pointer}/${head}`, 'broadcast.not-yet', `${head} in a broadcast: not yet`, {
        fix: 'save it as a segment, which counts from then on, and name that',
      });
    }
    const root = 'ref' in predicate ? parseRef(predicate.ref)?.root : 'profile';
    if (root !== 'profile') {
      throw invalid(`${pointer}/ref`, 'broadcast.where-ref', 'a broadcast knows profile.* only', {
        fix: 'compare with profile.*',
      });
    }
  }
}

function invalid(pointer: string, code: string, detail: string, more: Partial<Problem>): InvalidInput {
  return new InvalidInput(code, `${pointer.slice(1)}: ${detail}`, [{ pointer, code, detail, ...more }], 'invalid');
}
