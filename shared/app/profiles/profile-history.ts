import type { Reason } from '../../domain/decision.ts';
import { readMessageId } from '../../domain/messaging/message-id.ts';
import { newestFirst } from '../newest-first.ts';
import type { Page, PageRequest } from '../page.ts';
import type { JournalEntry, MessageRecord, StoredProfile } from '../ports.ts';
import { keysOf } from './find-profile.ts';
import type { Held, ProfileHistory } from './ports.ts';

export interface HistoryPage<T> extends Page<T> {
  readonly complete: boolean;
}

/**
 * Everything that happened to a person, newest first, with the reason for each: the journal of the profile and of
 * what was merged into it, by the time of the decision.
 */
export const readTimeline = (history: ProfileHistory, stored: StoredProfile, page: PageRequest) =>
  merged(
    stored,
    page,
    (key) => history.journal(key),
    (entry: JournalEntry) => entry.jk,
    pendingEntries(stored),
  );

/** Messages that the profile and what was merged into it were to get. */
export const readMessages = (history: ProfileHistory, stored: StoredProfile, page: PageRequest) =>
  merged(
    stored,
    page,
    (key) => history.messages(key),
    (message: MessageRecord) => message.id,
    [],
  );

/** Committed, but not in the journal yet: their effects are being performed. */
function pendingEntries({ key, pending }: StoredProfile): JournalEntry[] {
  if (pending === undefined) return [];
  return pending.ids.map(({ jk, st, t, why }) => ({ key, jk, v: pending.v, st, t, why, at: pending.at }));
}

async function merged<T extends { readonly at: number; readonly key: string }>(
  stored: StoredProfile,
  page: PageRequest,
  read: (key: string) => Promise<Held<T>>,
  idOf: (item: T) => string,
  more: readonly T[],
): Promise<HistoryPage<T>> {
  const held = await Promise.all(keysOf(stored).map(read));
  const nameOf = (item: T) => `${item.key}|${idOf(item)}`;
  const byName = new Map([...more, ...held.flatMap((one) => one.data)].map((item) => [nameOf(item), item]));
  const complete = held.every((one) => one.complete);
  return { ...newestFirst([...byName.values()], page, nameOf), complete };
}

export interface Explanation {
  readonly at: number;
  readonly cause: JournalEntry['t'];
  readonly reason: Reason;
}

export interface Explained {
  /** Decisions newest first; the reasons of one in the order in which they came about. */
  readonly reasons: readonly Explanation[];
  /** False: the journal holds more than was read. */
  readonly complete: boolean;
}

/** Why a person is, was or is not in a journey: every recorded reason that names it. */
export const explainJourney = (
  history: Pick<ProfileHistory, 'journal'>,
  stored: StoredProfile,
  journey: string,
  limit: number,
): Promise<Explained> => explain(history, stored, limit, (why) => why.filter((reason) => reason.journey === journey));

/**
 * Why a message was decided, held, sent or not: every decision that names it, with what the same run did in it on the
 * way there (the case of a branch, with what it saw).
 *
 * @param hash of its id: the part that stays when profiles are merged
 */
export const explainMessage = (
  history: Pick<ProfileHistory, 'journal'>,
  stored: StoredProfile,
  hash: string,
  limit: number,
): Promise<Explained> =>
  explain(history, stored, limit, (why) => {
    const named = why.find(({ message }) => message !== undefined && readMessageId(message)?.hash === hash);
    if (named === undefined) return [];
    const { run } = named;
    return why.filter(
      ({ message, run: of }) => message === named.message || (message === undefined && run !== undefined && of === run),
    );
  });

async function explain(
  history: Pick<ProfileHistory, 'journal'>,
  stored: StoredProfile,
  limit: number,
  select: (why: readonly Reason[]) => readonly Reason[],
): Promise<Explained> {
  const { entries, complete } = await journalOf(history, stored);
  const reasons = entries.flatMap(({ at, t, why }) => select(why).map((reason) => ({ at, cause: t, reason })));
  return { reasons: reasons.slice(0, limit), complete };
}

/** What was decided of a person and of what was merged into them, newest first. */
export async function journalOf(
  history: Pick<ProfileHistory, 'journal'>,
  stored: StoredProfile,
): Promise<{ readonly entries: readonly JournalEntry[]; readonly complete: boolean }> {
  const held = await Promise.all(keysOf(stored).map((key) => history.journal(key)));
  const entries = [...held.flatMap((one) => one.data), ...pendingEntries(stored)];
  const unique = new Map(entries.map((entry) => [`${entry.key}|${entry.jk}`, entry]));
  return { entries: [...unique.values()].sort((a, b) => b.at - a.at), complete: held.every((one) => one.complete) };
}
