import { digest } from '../../kernel/ids.ts';
import type { Turn } from '../turn.ts';
import { MAX_BROADCASTS } from './limits.ts';
import type { Profile } from './profile.ts';

type Broadcasts = NonNullable<Profile['broadcasts']>;

/** Live counters of a broadcast are those of its id in this version, which no journey has. */
export const BROADCAST_VERSION = 0;

/** 72 bits: it lies in the profile of everybody who was reached. */
const nameOf = (id: string): string => digest('broadcast', id).slice(0, 12);

export const tookPart = ({ broadcasts = {} }: Profile, id: string): boolean => Object.hasOwn(broadcasts, nameOf(id));

/** The newest ones are kept: a broadcast that is forgotten here is known to the journal by its record. */
export function rememberBroadcast(turn: Turn, id: string): void {
  turn.change({ broadcasts: newest({ ...turn.profile.broadcasts, [nameOf(id)]: turn.now }) });
}

export function joinBroadcasts(a: Profile['broadcasts'], b: Profile['broadcasts']): Pick<Profile, 'broadcasts'> {
  if (a === undefined && b === undefined) return {};
  const names = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])].sort();
  return {
    broadcasts: newest(Object.fromEntries(names.map((name) => [name, Math.max(a?.[name] ?? 0, b?.[name] ?? 0)]))),
  };
}

function newest(all: Broadcasts): Broadcasts {
  const entries = Object.entries(all);
  if (entries.length <= MAX_BROADCASTS) return all;
  return Object.fromEntries(
    entries.sort(([a, at], [b, then]) => then - at || (a < b ? -1 : 1)).slice(0, MAX_BROADCASTS),
  );
}
