import { askedParts, type ComputedPart, mayHoldOfNobody, part } from './asked-parts.ts';
import type { Predicate } from './predicate.ts';
import type { Segment } from './segment.ts';
import { whereOf } from './segment-kind.ts';

export interface LiveSegment {
  readonly id: string;
  readonly where: Predicate;
  /** When it, or what it leads to, was defined as it is now: an epoch of the catalog. */
  readonly epoch: number;
  /** After those that it leads to. */
  readonly place: number;
  readonly isTemporal: boolean;
  /** It goes by figures of the base, which have changed since it was defined. */
  readonly hasMoved: boolean;
}

/** Live segments as decisions ask for them: by what changed of a profile, so that those that it does not touch cost nothing. */
export interface LiveSegments {
  readonly byId: ReadonlyMap<string, LiveSegment>;
  /** Those that lead to others after these. */
  readonly inOrder: readonly LiveSegment[];
  readonly byPart: ReadonlyMap<string, readonly LiveSegment[]>;
  readonly temporal: readonly LiveSegment[];
  /** A new customer may belong to them although nothing of theirs is known yet. */
  readonly ofNobody: readonly LiveSegment[];
  /** The newest definition. */
  readonly epoch: number;
}

export const noLiveSegments: LiveSegments = {
  byId: new Map(),
  inOrder: [],
  byPart: new Map(),
  temporal: [],
  ofNobody: [],
  epoch: 0,
};

interface Epochs {
  /** At which each segment was saved. */
  readonly segments?: { readonly [segment: string]: number };
  readonly policy?: number;
  /** By name of the computed trait. */
  readonly computed?: ReadonlyMap<string, ComputedPart>;
}

export function indexLiveSegments(segments: ReadonlyMap<string, Segment>, epochs: Epochs = {}): LiveSegments {
  const live = [...segments.values()].filter((one) => 'where' in one && one.live === true);
  if (live.length === 0) return noLiveSegments;
  const savedAt = (id: string) => epochs.segments?.[id] ?? 0;
  const byPart = new Map<string, LiveSegment[]>();
  const inOrder = ordered(live, segments).map((segment, place): LiveSegment => {
    const where = whereOf(segment)!;
    const asked = askedParts(where, segments, epochs.computed);
    const policy = asked.asksPolicy || asked.isTemporal ? [epochs.policy ?? 0] : [];
    const computed = [...(epochs.computed ?? [])].filter(([name]) => asked.parts.has(part.trait(name)));
    const saved = [segment.id, ...asked.segments].map(savedAt);
    const epoch = Math.max(...saved, ...policy, ...computed.map(([, { epoch: at }]) => at));
    const hasMoved = computed.some(([, { figures = 0 }]) => figures > epoch);
    const one = { id: segment.id, where, epoch, place, isTemporal: asked.isTemporal, hasMoved };
    for (const name of asked.parts) {
      const list = byPart.get(name);
      if (list === undefined) byPart.set(name, [one]);
      else list.push(one);
    }
    return one;
  });
  return {
    byId: new Map(inOrder.map((one) => [one.id, one])),
    inOrder,
    byPart,
    temporal: inOrder.filter(({ isTemporal }) => isTemporal),
    ofNobody: inOrder.filter(({ where }) => mayHoldOfNobody(where, segments)),
    epoch: Math.max(...inOrder.map((one) => one.epoch)),
  };
}

/** By id, but those that are asked for by others before these; a circle, which is never saved, is left as it comes. */
function ordered(live: readonly Segment[], segments: ReadonlyMap<string, Segment>): Segment[] {
  const wanted = new Set(live.map(({ id }) => id));
  const found: Segment[] = [];
  const seen = new Set<string>();
  const visit = (id: string) => {
    if (seen.has(id)) return;
    seen.add(id);
    const segment = segments.get(id);
    const where = segment && whereOf(segment);
    if (where === undefined) return;
    for (const next of [...askedParts(where, segments).segments].sort()) visit(next);
    if (wanted.has(id)) found.push(segment!);
  };
  for (const id of [...wanted].sort()) visit(id);
  return found;
}
