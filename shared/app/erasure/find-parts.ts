import { pendingWipes } from '../../domain/profiles/erase.ts';
import { type Erased, holdersOf, incarnationOf } from '../../domain/profiles/profile.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import type { ProfileStore, StoredProfile } from '../ports.ts';
import type { Erasing } from './ports.ts';

export interface Parts {
  /** Somebody has not forgotten yet. */
  readonly isPending: boolean;
  /** Actors that were this customer, each with what has to go with it. */
  readonly own: readonly (StoredProfile & { readonly erased: Erased })[];
  /** Actors of identities and devices that knew who this was. */
  readonly held: readonly ProfileKey[];
  /** Of `own`, those that stand for an address: they know what was sent to it alone. */
  readonly strangers: ReadonlySet<ProfileKey>;
}

/** Merges chain, but a chain this long is a fault. */
const MAX_MOVES = 20;

/**
 * Everything that an erasure reaches, from the markers that it has left: each names those that it told, and by whom it was
 * told. Undefined: it has not been decided yet.
 *
 * @param since when it was asked for.
 */
export async function findParts(
  profiles: Pick<ProfileStore, 'read'>,
  start: ProfileKey,
  since: number,
): Promise<Parts | undefined> {
  const first = await profiles.read(start);
  if (!isErasedSince(first, since)) return undefined;
  const own = new Map<ProfileKey, Parts['own'][number]>();
  const held = new Set<ProfileKey>();
  const strangers = new Set<ProfileKey>();
  const seen = new Set<ProfileKey>();
  const open = [start];
  let isPending = false;
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    if (seen.has(key)) continue;
    seen.add(key);
    const stored = key === start ? first : await profiles.read(key);
    const erased = stored?.profile.erased;
    if (stored === undefined || erased === undefined) continue;
    own.set(key, { ...stored, erased });
    const { left } = erased;
    // Seen to, by another job perhaps.
    if (left === undefined) continue;
    isPending ||= pendingWipes(erased).length > 0;
    if (left.by !== undefined) open.push(left.by);
    for (const [to, { how, end }] of Object.entries(left.wipes)) {
      if (how === 'address') strangers.add(to);
      if (how === 'hold') held.add(to);
      else if (end === 'gone') open.push(to);
    }
  }
  return { isPending, own: [...own.values()], held: [...held], strangers };
}

const isErasedSince = (stored: StoredProfile | undefined, since: number): boolean =>
  (stored?.profile.erased?.at ?? -1) >= since;

/** To whom it has to be said: the root of what the key leads to. */
export async function rootOf(profiles: Pick<ProfileStore, 'read'>, key: ProfileKey): Promise<ProfileKey> {
  let at = key;
  for (let moves = 0; moves < MAX_MOVES; moves++) {
    const to = (await profiles.read(at))?.profile.movedTo;
    if (to === undefined) return at;
    at = to;
  }
  return at;
}

/** What has to go under each of their keys. */
export async function erasingOf(
  profiles: Pick<ProfileStore, 'read'>,
  { own, held }: Parts,
  keepSuppressions: boolean,
): Promise<readonly Erasing[]> {
  const keys = own.map(({ key }) => key);
  const mine = own.map(
    ({ key, profile: { createdAt }, erased: { at, from, left } }): Erasing => ({
      ...{ key, inc: from, at },
      ...(createdAt > 0 && { recreatedAt: createdAt }),
      addresses: left?.addresses ?? [],
      ...(keepSuppressions && { salts: true }),
    }),
  );
  const at = Math.max(...own.map(({ erased }) => erased.at));
  const theirs = held
    .filter((key) => !keys.includes(key))
    .map(async (key): Promise<Erasing> => {
      const profile = (await profiles.read(key))?.profile;
      const isFree = profile === undefined || (holdersOf(profile).length === 0 && profile.createdAt === 0);
      return { key, inc: profile === undefined ? 0 : incarnationOf(profile), at, addresses: [], heldBy: keys, isFree };
    });
  return [...mine, ...(await Promise.all(theirs))];
}
