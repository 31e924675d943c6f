import type { Reason } from '../domain/decision.ts';
import { holdersOf } from '../domain/profiles/profile.ts';
import { digest, type ProfileKey, profileKey } from '../kernel/ids.ts';
import type { IntakeStore, RejectedEvent } from './intake.ts';
import type { JournalEntry, ProfileStore } from './ports.ts';
import { type IdType, identityOf, keyOfIdentity } from './profiles/find-profile.ts';

/** "Where is my event?" The id is the client's messageId; whose event it is tells the profile's part of the journal. */
interface EventQuestion {
  readonly messageId: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  /** An identity of another kind, for events that carry nothing else. */
  readonly id?: string;
  readonly idType?: IdType;
}

export interface FoundEvent {
  readonly key: ProfileKey;
  readonly jk: string;
  readonly st: JournalEntry['st'];
  /** When it was decided; epoch milliseconds. */
  readonly at: number;
  readonly why: readonly Reason[];
}

export interface JournalSearch {
  /** Entries of one profile whose journal key ends so. */
  findBySuffix(key: ProfileKey, suffix: string): Promise<readonly FoundEvent[]>;
}

interface EventFate {
  /**
   * applied: changed the profile · no-effect: decided, changed nothing · forwarded: on its way to the profile that it
   * was merged into · parked: could not be decided, waits for an operator · trying: its decision failed and is tried
   * again · rejected: refused at the door · not-found.
   */
  readonly state: 'applied' | 'no-effect' | 'forwarded' | 'parked' | 'trying' | 'rejected' | 'not-found';
  readonly found?: FoundEvent;
  /** Refusals of this id in the last days, newest first. */
  readonly rejected: readonly RejectedEvent[];
  /** Of `not-found`: what that can mean. */
  readonly meaning?: readonly string[];
}

const states = {
  moved: 'applied',
  inert: 'no-effect',
  parked: 'parked',
  trying: 'trying',
  fwd: 'forwarded',
} as const satisfies Record<JournalEntry['st'], EventFate['state']>;
/** The furthest it came counts: an alias forwards what its root applies. */
const furthestFirst = Object.keys(states) as JournalEntry['st'][];
const maxProfiles = 50;

export async function findEvent(
  question: EventQuestion,
  stores: {
    readonly intake: Pick<IntakeStore, 'findRejected'>;
    readonly journal: JournalSearch;
    readonly profiles: Pick<ProfileStore, 'read'>;
  },
): Promise<EventFate> {
  const rejected = await stores.intake.findRejected(question.messageId);
  const found = await searchProfiles(question, stores);
  const furthest = furthestFirst.flatMap((st) => found.filter((one) => one.st === st))[0];
  if (furthest !== undefined) return { state: states[furthest.st], found: furthest, rejected };
  if (rejected.length > 0) return { state: 'rejected', rejected };
  const asked = [question.userId, question.anonymousId, question.id].some((id) => id !== undefined);
  return { state: 'not-found', rejected, meaning: asked ? meanings : [needsId] };
}

async function searchProfiles(question: EventQuestion, stores: Parameters<typeof findEvent>[1]): Promise<FoundEvent[]> {
  const suffix = `|${digest(question.messageId)}`;
  const keys = new Set<ProfileKey>();
  if (question.userId !== undefined) keys.add(profileKey('user', question.userId));
  if (question.anonymousId !== undefined) keys.add(profileKey('anonymous', question.anonymousId));
  if (question.id !== undefined) keys.add(keyOfIdentity(identityOf(question.idType ?? 'userId', question.id)));
  const found: FoundEvent[] = [];
  // A Set's iteration goes on to what is added meanwhile.
  for (const key of keys) {
    found.push(...(await stores.journal.findBySuffix(key, suffix)));
    const stored = await stores.profiles.read(key);
    if (stored === undefined) continue;
    const handled = stored.pending?.ids.filter((one) => one.jk.endsWith(suffix)) ?? [];
    found.push(...handled.map(({ jk, st, why }) => ({ key, jk, st, why, at: stored.pending!.at })));
    const related = [
      ...stored.profile.aliases,
      ...holdersOf(stored.profile),
      ...(stored.profile.movedTo === undefined ? [] : [stored.profile.movedTo]),
    ];
    for (const other of related) if (keys.size < maxProfiles) keys.add(other);
  }
  return found;
}

const needsId =
  'it was not refused in the last days; say whose it is (userId, anonymousId, or idType and id) to look into the journal';
const meanings = [
  'it has not arrived: the client still holds it, or sent it to another environment',
  'it is still in the mailbox: alarms tell when that takes longer than 5 minutes',
  'it came under another id: the userId or anonymousId differs from the one asked for',
  'it is older than the journal keeps',
];
