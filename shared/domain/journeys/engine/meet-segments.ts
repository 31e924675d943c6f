import type { ProfileKey } from '../../../kernel/ids.ts';
import { part } from '../../audiences/asked-parts.ts';
import type { LiveSegment } from '../../audiences/live-segments.ts';
import { isList } from '../../audiences/segment-kind.ts';
import type { CompiledCatalog } from '../../compiled-catalog.ts';
import { MAX_MEMBERSHIPS } from '../../profiles/limits.ts';
import { unite } from '../../profiles/memberships.ts';
import type { Memberships, Profile } from '../../profiles/profile.ts';
import { figuresBefore } from '../../statistics/figures-before.ts';
import { Turn } from '../../turn.ts';
import { changedKeys, changedParts } from './changed-parts.ts';
import { type Crossing, cross, noticed } from './cross-segments.ts';
import { roundDue, soonest } from './due.ts';
import { knownMembers, lookAtMemberships } from './look-at-memberships.ts';

/**
 * Live segments, kept exact in every profile.
 *
 * 1. A record pays for the segments that ask for what it changed (`live.byPart`), and for no other; a new customer also
 *    for those that may hold of somebody of whom nothing is known.
 * 2. `due` is when time alone may move the customer; it may be early, never late. What has moved until now is caught up
 *    with before the record is looked at, instant by instant, so that each change is known at its own time.
 * 3. Where a definition is newer than what the profile saw, it is first looked at without the record: who turns out to
 *    be a member by it has not entered, because the customer did nothing.
 * 4. What is stored may be behind a definition only where it says the same; a scan tells all others (scans/kinds/look.ts).
 * 5. Figures of the base that move are no definition: who has another score by them has moved among all, and enters and
 *    leaves. Who stores nothing has not noted which figures were seen; found is then only who was a member by both.
 * 6. A merge lets nobody enter who was a member on either side.
 */
export function meetSegments(turn: Turn, mayEnter: boolean): void {
  const { looked, profile, catalog } = turn;
  if (!mayMatter(turn)) return;
  const changed = changedParts(looked, profile);
  const touched = new Set(changed.flatMap((one) => catalog.live.byPart.get(one) ?? []));
  if (isNew(turn) && looked === turn.before) for (const one of catalog.live.ofNobody) touched.add(one);
  const crossings = listCrossings(turn, looked);
  if (touched.size > 0) crossings.push(...meetTouched(turn, looked, touched));
  turn.looked = turn.profile;
  cross(turn, crossings, mayEnter);
}

/** Something has changed since memberships were looked at that they ask for. */
export const isUnmet = (turn: Turn): boolean =>
  mayMatter(turn) &&
  changedParts(turn.looked, turn.profile).some(
    (one) => turn.catalog.live.byPart.has(one) || one.startsWith(part.list('')),
  );

/** Without live segments nothing is compared. */
const mayMatter = ({ looked, profile, catalog, isTest }: Turn): boolean =>
  profile !== looked && !isTest && (catalog.live.inOrder.length > 0 || profile.lists !== looked.lists);

/** Beyond so many instants, only what holds now is looked at: somebody was away for long. */
const MAX_CAUGHT_UP = 100;

export function catchUp(turn: Turn): void {
  if (turn.isTest) return;
  const { now, catalog } = turn;
  const crossings: Crossing[] = [];
  for (let times = 1; times <= MAX_CAUGHT_UP; times += 1) {
    const due = turn.profile.memberships?.due;
    if (due === undefined || due > now) break;
    const at = times === MAX_CAUGHT_UP ? now : due;
    const looking = new Looking(turn, turn.profile);
    looking.silently(looking.stale(), at - 1, turn.profile);
    looking.due = null;
    crossings.push(...looking.at(catalog.live.temporal, at));
    looking.keep();
  }
  if (crossings.length === 0) return;
  turn.looked = turn.profile;
  cross(turn, crossings, true);
}

/** By a catalog that somebody wants to be looked at: all of them. */
export function meetAllSegments(turn: Turn): void {
  if (turn.isTest || isNew(turn)) return;
  const { live } = turn.catalog;
  const looking = new Looking(turn, turn.profile);
  const stale = looking.stale();
  looking.silently(stale, turn.now, turn.profile);
  const crossings = looking.at(
    live.inOrder.filter((one) => one.hasMoved || !stale.includes(one)),
    turn.now,
  );
  if (looking.differs) looking.keep();
  turn.looked = turn.profile;
  cross(turn, crossings, true);
}

/** What both sides knew, by the definitions of now, is what is compared with; then what is true of the two together. */
export function meetMerged(turn: Turn, root: Profile, frozen: Profile): void {
  const { live } = turn.catalog;
  turn.looked = turn.profile;
  if (live.inOrder.length === 0) return;
  const sides = [root, frozen].map((side) => {
    if (side.createdAt === 0) return {};
    const looking = new Looking(turn, side);
    looking.silently(looking.stale(), turn.now, side);
    return looking.in;
  });
  const looking = new Looking(turn, turn.profile);
  looking.in = unite(sides[0]!, sides[1]!);
  looking.due = null;
  const crossings = looking.at(live.inOrder, turn.now);
  looking.keep(root.memberships?.due ?? null);
  turn.looked = turn.profile;
  cross(turn, crossings, true);
}

/** Whether a look by this catalog would find something that the profile does not know. Nothing is decided. */
export function isBehind(profile: Profile, key: ProfileKey, catalog: CompiledCatalog, now: number): boolean {
  const { live } = catalog;
  if (profile.createdAt === 0 || profile.movedTo !== undefined || profile.test !== undefined) return false;
  if (live.inOrder.length === 0) return false;
  const looking = new Looking(new Turn(profile, key, catalog, now), profile);
  looking.at(live.inOrder, now);
  return looking.differs;
}

const isNew = ({ before }: Turn): boolean => before.createdAt === 0;

function meetTouched(turn: Turn, looked: Profile, touched: ReadonlySet<LiveSegment>): readonly Crossing[] {
  const { profile, now } = turn;
  const looking = new Looking(turn, profile);
  const isStored = profile.memberships !== undefined;
  const stale = looking.stale();
  looking.silently(isStored ? stale : stale.filter((one) => touched.has(one)), now, looked);
  const crossings = looking.at([...touched], now);
  // From now on something is stored, and with it what has been seen.
  if (!isStored && looking.isFull) {
    looking.silently(
      stale.filter((one) => !touched.has(one)),
      now,
      profile,
    );
  }
  looking.keep();
  return crossings;
}

/** Of the segments that found no place. */
const MAX_SHOWN = 5;

/** Memberships of one profile in the making. */
class Looking {
  in: Memberships['in'];
  due: number | null;
  readonly #turn: Turn;
  readonly #profile: Profile;
  readonly #known: Memberships['in'];

  constructor(turn: Turn, profile: Profile) {
    this.#turn = turn;
    this.#profile = profile;
    this.#known = knownMembers(profile, turn.catalog.live);
    this.in = this.#known;
    this.due = profile.memberships?.due ?? null;
  }

  /** Those whose definition is newer than what was looked at; nobody's is for a new customer. */
  stale(): LiveSegment[] {
    const { live } = this.#turn.catalog;
    const saw = isNew(this.#turn) && this.#profile.memberships === undefined ? Infinity : this.#saw;
    return live.epoch <= saw ? [] : live.inOrder.filter(({ epoch }) => epoch > saw);
  }

  get #saw(): number {
    return this.#profile.memberships?.saw ?? 0;
  }

  get isFull(): boolean {
    return this.due !== null || Object.keys(this.in).length > 0;
  }

  /** Time may move the customer before what is stored says so, or a membership is another one. */
  get differs(): boolean {
    const stored = this.#profile.memberships?.due ?? null;
    return this.in !== this.#known || (this.due !== null && (stored === null || this.due < stored));
  }

  silently(segments: readonly LiveSegment[], at: number, profile: Profile): void {
    if (segments.length === 0) return;
    const moved = this.#movedInto(segments, at, profile);
    const found = moved.size === 0 ? segments : segments.filter(({ id }) => !moved.has(id));
    const { crossings } = this.#look(found, at, profile);
    for (const one of crossings) noticed(this.#turn, one, 'silently');
  }

  /** Those that were not true by the figures of the base before the last ones: who is in them now has moved, and enters. */
  #movedInto(segments: readonly LiveSegment[], at: number, profile: Profile): ReadonlySet<string> {
    const { catalog } = this.#turn;
    const asked = segments.filter(({ hasMoved, id }) => hasMoved && !Object.hasOwn(this.in, id));
    if (asked.length === 0) return new Set();
    const computed = { ...catalog.computed, statistics: figuresBefore(catalog.statistics!) };
    const was = lookAtMemberships({ ...catalog, computed }, profile, this.in, asked, at);
    const moved = asked.filter(({ id }) => !Object.hasOwn(was.in, id));
    // Time may move them all the same, by the figures of now.
    if (moved.length > 0) this.due = soonest(this.due, lookAtMemberships(catalog, profile, this.in, moved, at).due);
    return new Set(moved.map(({ id }) => id));
  }

  at(segments: readonly LiveSegment[], at: number): readonly Crossing[] {
    return segments.length === 0 ? [] : this.#look(segments, at, this.#profile).crossings;
  }

  #look(segments: readonly LiveSegment[], at: number, profile: Profile) {
    const { catalog } = this.#turn;
    const look = lookAtMemberships(catalog, profile, this.in, segments, at);
    this.in = look.in;
    this.due = soonest(this.due, look.due);
    if (look.left.length > 0) {
      this.#turn.because({
        code: 'segment.too-many',
        saw: { limit: MAX_MEMBERSHIPS, left: look.left.slice(0, MAX_SHOWN) },
      });
    }
    return look;
  }

  /** @param armed what a wake was armed for */
  keep(armed: number | null = this.#profile.memberships?.due ?? null): void {
    const turn = this.#turn;
    const { due } = this;
    if (!this.isFull) {
      const { memberships: before, ...rest } = turn.profile;
      if (before !== undefined) turn.profile = rest;
      return;
    }
    const saw = Math.max(this.#saw, turn.catalog.live.epoch);
    turn.change({ memberships: { saw, ...(due !== null && { due }), in: this.in } });
    if (due !== null && due !== armed && due > turn.now) turn.wake(roundDue(due, turn.now));
  }
}

/** Who is put on a list enters it. */
function listCrossings({ profile, catalog, now }: Turn, looked: Profile): Crossing[] {
  return changedKeys(looked.lists ?? {}, profile.lists ?? {}).flatMap((segment): Crossing[] => {
    const [was, is] = [looked.lists, profile.lists].map((all) => all !== undefined && Object.hasOwn(all, segment));
    const found = catalog.segments.get(segment);
    if (was === is || found === undefined || !isList(found)) return [];
    return [{ segment, change: is ? 'entered' : 'left', at: now, because: [] }];
  });
}
