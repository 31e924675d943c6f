import type { Predicate } from '../../../domain/audiences/predicate.ts';
import type { CompiledCatalog } from '../../../domain/compiled-catalog.ts';
import { holds } from '../../../domain/journeys/engine/facts.ts';
import { membersAt } from '../../../domain/journeys/engine/schedule-entries.ts';
import { isNobody } from '../../../domain/profiles/profile.ts';
import type { Json } from '../../../kernel/canonical-json.ts';
import type { ProfileKey } from '../../../kernel/ids.ts';
import { beginOccurrence } from '../occurrences.ts';
import { scanKind } from '../scan-kind.ts';
import { type Told, tellFound } from '../tell-found.ts';

export type BroadcastParams = {
  /** Everybody who is reached enters it; of a template, the journey of one message that is made for it. */
  readonly journey: string;
  readonly template?: string;
  readonly topic?: string;
  /** The same for everybody. */
  readonly properties?: { readonly [name: string]: Json };
  /** Of a template: its journey lets everybody in once for each of these. */
  readonly runKey?: string;
  /** Everybody for whom this holds; with neither this nor a list, everybody. */
  readonly where?: Predicate;
  /** These, and nobody else. */
  readonly list?: readonly ProfileKey[];
  /** It is a journey's own, that came round then: who enters is said by its `schedule` entries. */
  readonly occurrence?: number;
  /** It lets in who was a member of this segment when the journey's entry on it went live. */
  readonly existing?: string;
  /** Of the catalog that the broadcast was checked with. */
  readonly epoch: number;
};

/** One read each, so that a page of a list takes as long as one of a scan. */
const LIST_PAGE = 100;

/**
 * Tells everybody who is meant to enter a journey. Whether they do is decided by each profile's own writer, where the
 * predicate is asked again: here it only saves mail. Never twice: the record's id is made of broadcast and profile, so the journal
 * knows it; and the profile remembers the broadcasts that it has taken part in, which merges join.
 */
export const broadcastKind = scanKind<BroadcastParams>({
  kind: 'broadcast',
  crowds: true,
  async begin({ params: { journey, occurrence, epoch }, by }, ports) {
    return occurrence === undefined ? undefined : beginOccurrence({ journey, occurrence, epoch }, by, ports);
  },
  async find({ params: { list } }, cursor, ports) {
    if (list === undefined) return undefined;
    const from = cursor === undefined ? 0 : list.indexOf(cursor) + 1;
    const keys = list.slice(from, from + LIST_PAGE);
    const profiles = (await Promise.all(keys.map((key) => ports.profiles.read(key)))).filter(
      (one) => one !== undefined,
    );
    const isLast = from + LIST_PAGE >= list.length;
    return { profiles, scanned: keys.length, ...(!isLast && { cursor: keys.at(-1)! }) };
  },
  async page(profiles, job, ports, room) {
    const { journey, list, properties, runKey, occurrence, existing } = job.params;
    const isAsked = occurrence !== undefined || job.params.where !== undefined;
    // The version that is live now says what comes round; a job that slept knows an older one.
    const catalog = isAsked ? await ports.catalogs.current(job.params.epoch, [], occurrence !== undefined) : undefined;
    const epoch = occurrence === undefined ? job.params.epoch : catalog!.epoch;
    const same = { epoch, journey, ...(properties && { properties }), ...(runKey !== undefined && { runKey }) };
    const where = occurrence === undefined ? job.params.where : membersNow(catalog, journey, occurrence);
    const told: Told[] = [];
    let noMatch = 0;
    let last = profiles.length - 1;
    for (const [index, { key, profile }] of profiles.entries()) {
      // Of merged people the root is met as well; a list may name any of them, and a signpost forwards.
      if (profile.movedTo !== undefined && list === undefined) continue;
      const standpoint = catalog && { profile, catalog, now: ports.clock() };
      // Neither a signpost nor the actor of an identity is the person that `where` is about: they pass it on.
      const isPerson = profile.movedTo === undefined && !isNobody(profile);
      if (standpoint && isPerson && !holds(standpoint, where!, { entry: {}, fields: {} }).value) {
        noMatch++;
        continue;
      }
      if (told.length === room) {
        last = index - 1;
        break;
      }
      const asks = occurrence === undefined ? where !== undefined && { where } : { occurrence };
      const broadcast = { id: job.id, ...asks, ...(existing !== undefined && { existing }) };
      told.push({
        to: key,
        about: key,
        t: 'enroll',
        record: (id) => ({ t: 'enroll', id, at: job.begin, broadcast, ...same }),
      });
    }
    await tellFound(job, told, ports);
    return { counts: { told: told.length, noMatch }, told: told.length, last };
  },
});

const nobody: Predicate = { any: [] };

function membersNow(catalog: CompiledCatalog | undefined, id: string, occurrence: number): Predicate {
  const document = catalog?.journeys.get(id)?.journey.document;
  return (document && membersAt(document, occurrence)) ?? nobody;
}
