import type { Json } from '../../../kernel/canonical-json.ts';
import { digest } from '../../../kernel/ids.ts';
import { DAY_MS, formatInstant } from '../../../kernel/time.ts';
import type { Because } from '../../audiences/evaluate-predicate.ts';
import type { Turn } from '../../turn.ts';
import { enter, refuse } from './enter.ts';

/** Somebody came into a segment, or out of it. */
export interface Crossing {
  readonly segment: string;
  readonly change: 'entered' | 'left';
  /** Epoch milliseconds: when it became true, be it by time alone. */
  readonly at: number;
  readonly because: readonly Because[];
}

/** Live counters of a segment are those of its id behind a colon, which no journey has, in this version. */
export const SEGMENT_VERSION = 0;
export const segmentCounter = (segment: string): string => `:${segment}`;

/** A lost wake is found by the daily sweep, which may itself be late. */
const MAX_LATE_MS = 2 * DAY_MS;
/** Reasons lie in the profile until they are in the journal. */
const MAX_PARTS_SHOWN = 8;
const MAX_EXPLAINED = 20;

/**
 * What follows of crossings, in the order in which they came about: journeys let in, and endpoints are told. One crossing
 * lets into each journey once. A quiet record finds its members, and lets nobody in; neither does a crossing that an entry of the same record
 * has led to more often than a record goes round.
 */
export function cross(turn: Turn, crossings: readonly Crossing[], mayEnter: boolean): void {
  for (const [index, one] of crossings.entries()) {
    noticed(turn, index < MAX_EXPLAINED ? one : { ...one, because: [] }, turn.isQuiet ? 'silently' : undefined);
    if (!turn.isQuiet) notify(turn, one);
  }
  if (turn.isQuiet) return;
  for (const one of crossings) letIn(turn, one, mayEnter);
}

const words = { entered: 'found', left: 'lost' } as const;

/** It is said and counted. `silently`: the definition has changed and not the customer, or the record is quiet. */
export function noticed(turn: Turn, { segment, change, at, because }: Crossing, how?: 'silently'): void {
  const what = how === 'silently' ? words[change] : change;
  const shown: Json[] = because.slice(0, MAX_PARTS_SHOWN).map((part) => ({ ...part }));
  const saw = { segment, at: formatInstant(at), ...(shown.length > 0 && { because: shown }) };
  turn.because({ code: `segment.${what}`, saw });
  turn.count(segmentCounter(segment), SEGMENT_VERSION, what);
}

/**
 * The segment's endpoint is told: `{segment, change, at, profile}`, at least once, under an id that is the crossing's own.
 * It reaches a system, not a person, so consent, caps and quiet hours do not apply.
 */
function notify(turn: Turn, { segment, change, at }: Crossing): void {
  const endpoint = turn.catalog.segments.get(segment)?.notify;
  if (endpoint === undefined) return;
  const topic = anyTopic(turn);
  if (topic === undefined || !turn.catalog.endpoints.has(endpoint)) {
    const code = topic === undefined ? 'topic.unknown' : 'endpoint.missing';
    turn.because({
      code,
      saw: { segment, endpoint },
      fix: `create ${topic === undefined ? 'a topic' : 'the endpoint'}`,
    });
    return;
  }
  const id = `${turn.key}-${digest('segment', segment, change, String(at))}`;
  turn.effect({
    e: 'message',
    message: {
      id,
      key: turn.key,
      channel: 'webhook',
      decidedAt: turn.now,
      topic,
      transactional: true,
      webhook: { endpoint, body: { segment, change, at: formatInstant(at) }, about: true },
      values: {},
      onUnknown: 'resend',
      report: 'non-success',
    },
  });
  turn.because({ code: 'segment.told', message: id, channel: 'webhook', saw: { segment, change, endpoint } });
}

/** Every message has one; nothing is asked of it here. */
function anyTopic({ catalog }: Turn): string | undefined {
  const topics = [...catalog.topics.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return (topics.find(({ kind }) => kind === 'transactional') ?? topics[0])?.id;
}

function letIn(turn: Turn, { segment, change, at }: Crossing, mayEnter: boolean): void {
  const entered = new Set<string>();
  for (const { live } of turn.catalog.entriesBySegment.get(`${change} ${segment}`) ?? []) {
    const { id } = live.journey;
    if (entered.has(id)) continue;
    entered.add(id);
    const lateMs = turn.now - at;
    if (!mayEnter) {
      refuse(turn, live, { code: 'entry.circle', saw: { segment, change }, fix: 'put a wait into one of them' });
    } else if (lateMs > MAX_LATE_MS) {
      refuse(turn, live, { code: 'entry.too-old', saw: { segment, change, lateMs, maxLateMs: MAX_LATE_MS } });
    } else {
      enter(turn, live, {
        properties: { segment, change, since: formatInstant(at) },
        recordId: digest('segment', segment, change, String(at)),
      });
    }
  }
}
