import { consentKey } from '../../domain/messaging/consent.ts';
import type { Profile } from '../../domain/profiles/profile.ts';
import type { ProfileKey } from '../../kernel/ids.ts';
import { newestFirst } from '../newest-first.ts';
import type { Page, PageRequest } from '../page.ts';
import type { Clock, ProfileStore } from '../ports.ts';
import { keysOf, knownProfile } from '../profiles/find-profile.ts';
import type { InboxMessage, InboxStore } from './inbox.ts';

export interface InboxPorts {
  readonly now: Clock;
  readonly profiles: Pick<ProfileStore, 'read'>;
  readonly inbox: Pick<InboxStore, 'list' | 'remove'>;
}

export interface InboxPage extends Page<InboxMessage> {
  readonly unread: number;
}

/** Newest first. `unread` is of all that is shown, not of the page. */
export async function readInbox(key: ProfileKey, page: PageRequest, ports: InboxPorts): Promise<InboxPage> {
  const shown = await shownMessages(key, ports);
  const unread = shown.filter(({ readAt }) => readAt === undefined).length;
  return { ...newestFirst(shown, page, ({ id }) => id), unread };
}

/** What an app is shown. A customer whose app asks has never many more, and one whose app does not has what expires. */
const maxMessages = 100;
/** Beyond the limit; deleting a few at a time, not each for each. */
const trimmedAt = 120;

/** The person's: of the profile that the key leads to, and of everything that was merged into it. Newest first. */
export async function shownMessages(key: ProfileKey, { now, profiles, inbox }: InboxPorts): Promise<InboxMessage[]> {
  const stored = await knownProfile(profiles, key);
  const keys = stored === undefined ? [key] : keysOf(stored);
  const kept = (await Promise.all(keys.map((one) => inbox.list(one)))).flat();
  kept.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1));
  if (kept.length > trimmedAt) await inbox.remove(kept.splice(maxMessages));
  return kept.filter((message) => isShown(message, stored?.profile.consents ?? {}, now())).slice(0, maxMessages);
}

/**
 * A message is sent when it is stored and received when it is shown: of a topic that was withdrawn in between, an unread
 * one is not (G10). What was read is the customer's own by then, and stays.
 */
export function isShown(
  { expiresAt, topic, readAt }: InboxMessage,
  consents: Profile['consents'],
  now: number,
): boolean {
  if (expiresAt <= now) return false;
  return readAt !== undefined || consents[consentKey('in-app', topic)]?.state !== 'withdrawn';
}
