import { isList } from '../audiences/segment-kind.ts';
import type { ToldRecord } from '../mail-record.ts';
import type { Turn } from '../turn.ts';
import { MAX_LISTS } from './limits.ts';

type OnList = Extract<ToldRecord, { readonly t: 'list' }>;

/** Since `at` the customer is on the list; who is on it already is so since the earlier time. What is a list no more is forgotten. */
export function setList(turn: Turn, { segment, change, at }: OnList): void {
  const { catalog, now } = turn;
  const found = catalog.segments.get(segment);
  if (found === undefined || !isList(found)) {
    turn.because({ code: 'list.unknown', saw: { segment }, fix: 'save a segment with list: true' });
    return;
  }
  const before = turn.profile.lists ?? {};
  const known = Object.hasOwn(before, segment) ? before[segment] : undefined;
  const since = Math.min(at, now, known ?? now);
  if (change === 'join' ? known === since : known === undefined) return;
  const others = Object.entries(before).filter(([id]) => id !== segment && catalog.segments.has(id));
  if (change === 'join' && others.length >= MAX_LISTS) {
    turn.because({ code: 'list.too-many', saw: { segment, limit: MAX_LISTS, actual: others.length } });
    return;
  }
  const next = change === 'join' ? [...others, [segment, since] as const] : others;
  const { lists: _, ...rest } = turn.profile;
  const lists = Object.fromEntries(next.sort(([a], [b]) => (a < b ? -1 : 1)));
  turn.profile = next.length === 0 ? rest : { ...rest, lists };
}
