import { canonicalJson, type Json } from '../../kernel/canonical-json.ts';
import { dig } from '../../kernel/dig.ts';
import { digest } from '../../kernel/ids.ts';
import { evaluatePredicate } from '../audiences/evaluate-predicate.ts';
import type { Facts } from '../audiences/facts.ts';
import { lasting, missing } from '../audiences/found.ts';
import { concerns, type MessageClause, type MessageFact } from '../audiences/message-clauses.ts';
import { parseRef } from '../audiences/ref.ts';
import type { CustomerEvent } from '../customer-event.ts';
import type { Keeping } from './accumulate.ts';
import { type Kind, type Occurred, RECENT_IN_WINDOW } from './accumulator.ts';
import type { Declared, Source } from './computed-trait.ts';
import { type Path, partOf, readPath, readWindow, valuesAt, windowMs } from './source.ts';

/**
 * What has to be remembered: of which event or messages, and how. Traits that need the same share it: `id` is a digest of
 * source, kind and half-life, and it is kept for the longest window and the longest list that anybody asks for.
 */
export interface Feed extends Keeping {
  readonly id: string;
  readonly source: Source;
  readonly path?: Path;
}

/** Also with `decay: {}`. */
export const DEFAULT_HALF_LIFE = 'P30D';

export function feedOf(declared: Declared): Feed {
  const { of: source, within, decay } = declared;
  const kind = kindOf(declared);
  const halfLife = decay === undefined ? undefined : readWindow(decay.halfLife ?? DEFAULT_HALF_LIFE)!;
  const halfLifeMs = halfLife && nominal(halfLife);
  const path = 'event' in source && source.property !== undefined ? readPath(source.property) : undefined;
  return {
    id: digest(canonicalJson({ source: normal(source), kind, halfLifeMs })).slice(0, ID_LENGTH),
    kind,
    source,
    keepMs: within === 'ever' ? Number.POSITIVE_INFINITY : windowMs(readWindow(within)!),
    keep: declared.function === 'list' ? declared.last! : declared.function === 'last' ? 1 : RECENT_IN_WINDOW,
    ...(halfLifeMs !== undefined && { halfLifeMs }),
    ...(path !== undefined && { path }),
  };
}

/** 48 bits: among 200 traits nobody meets two of one id. */
const ID_LENGTH = 8;

/** A day of decay is 24 hours. */
const nominal = ({ days, hours }: { readonly days: number; readonly hours: number }): number =>
  (days * 24 + hours) * 3_600_000;

function kindOf({ function: what, within, decay }: Declared): Kind {
  const isEver = within === 'ever';
  switch (what) {
    case 'first':
      return isEver ? 'o' : 'r';
    case 'last':
    case 'list':
      return 'r';
    case 'unique':
      return isEver ? 'u' : 'v';
    case 'most-frequent':
      return decay !== undefined ? 'g' : isEver ? 'f' : 'r';
    default:
      if (!isEver) return what === 'min' || what === 'max' ? 'x' : 'w';
      return decay !== undefined ? 'd' : 't';
  }
}

function normal(source: Source): unknown {
  if ('event' in source) return source;
  const { was, by = 'human', ...rest } = source;
  return { ...rest, by, was: [was].flat().sort() };
}

/** Each once, for the longest window and list. */
export function sharedFeeds(feeds: readonly Feed[]): Feed[] {
  const byId = new Map<string, Feed>();
  for (const feed of feeds) {
    const other = byId.get(feed.id);
    const { keepMs, keep } = other ?? feed;
    byId.set(feed.id, { ...feed, keepMs: Math.max(keepMs, feed.keepMs), keep: Math.max(keep, feed.keep) });
  }
  return [...byId.values()];
}

export interface Fed {
  readonly occurred: readonly Occurred[];
  /** Values that were passed over. */
  readonly tooLong: number;
}

const nothing: Fed = { occurred: [], tooLong: 0 };

/** What an event feeds. Its filter asks the event alone, so that the same is found when a journal is read again. */
export function fedByEvent({ source, path }: Feed, event: CustomerEvent, zone: string): Fed {
  if (!('event' in source) || source.event !== event.name) return nothing;
  const { at, data } = event;
  if (source.where !== undefined && !evaluatePredicate(source.where, factsOf(data, at, zone)).value) return nothing;
  if (source.part !== undefined) return { occurred: [{ at, value: partOf(source.part, at, zone) }], tooLong: 0 };
  if (path === undefined) return { occurred: [{ at }], tooLong: 0 };
  const { values, tooLong } = valuesAt(data, path);
  return { occurred: values.map((value) => ({ at, value })), tooLong };
}

export function fedByMessage({ source }: Feed, fact: MessageFact, zone: string): readonly Occurred[] {
  if ('event' in source || fact.was === 'sent') return [];
  const { at, was } = fact;
  const human = (was === 'opened' || was === 'clicked') && source.by !== 'anyone';
  const clause: MessageClause = { id: '', message: source.message, was, human, keepMs: 0 };
  if (![source.was].flat().includes(was) || !concerns(clause, fact)) return [];
  if (source.part !== undefined) return [{ at, value: partOf(source.part, at, zone) }];
  if (source.property === undefined) return [{ at }];
  const value = fact[source.property];
  return value === undefined ? [] : [{ at, value }];
}

const factsOf = (data: Json, now: number, zone: string): Facts => ({
  now,
  zone,
  lookup: (ref) => {
    const parts = parseRef(ref);
    return parts?.root === 'event' ? lasting(dig(data, parts.path)) : missing;
  },
  occurrences: () => undefined,
  journey: () => ({ inside: false, everEntered: false, ends: [] }),
  geofence: () => undefined,
  segment: () => undefined,
  consent: () => 'none',
});
