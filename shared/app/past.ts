import type { MessageFact } from '../domain/audiences/message-clauses.ts';
import type { CustomerEvent } from '../domain/customer-event.ts';
import type { ToldRecord } from '../domain/mail-record.ts';
import { factOfReceipt } from '../domain/messaging/fact-of-receipt.ts';
import { wentElsewhere } from '../domain/profiles/holders.ts';
import type { Past, PastAsk, PastEvent } from '../domain/profiles/past.ts';
import { incarnationOf, type Profile } from '../domain/profiles/profile.ts';
import type { ProfileKey } from '../kernel/ids.ts';
import { DAY_MS } from '../kernel/time.ts';
import type { Clock, Journal, JournalEntry, Pending, ProfileStore, StoredProfile } from './ports.ts';
import { all } from './settle.ts';

/** The journal of one key, read to count it again. */
export interface PastReader {
  /** How long entries are kept. */
  readonly retentionDays: number;
  /**
   * Strongly consistent, newest first by journal key, which for events is the time that their clients wrote.
   *
   * @param mostBytes about so much is read, and what is beyond left out.
   */
  read(key: ProfileKey, ask: PastAsk, mostBytes: number): Promise<ReadPast>;
}

export interface ReadPast {
  /** What was decided of told records and of messages, as far as it is asked for. */
  readonly entries: readonly JournalEntry[];
  readonly bytes: number;
  /** Not all was read: everything dated at or after this instant was. */
  readonly since?: number;
}

interface PastPorts {
  readonly clock: Clock;
  readonly profiles: Pick<ProfileStore, 'read'>;
  readonly journal: Pick<Journal, 'read'>;
  readonly past: PastReader;
}

/**
 * So much of its journal a profile counts again, its aliases' included: some 50,000 events of 600 bytes, which take
 * evaluate about 5 of its 30 seconds. What is older than that is left to what was counted when it came.
 */
export const MAX_PAST_BYTES = 32 * 1024 * 1024;

/**
 * What the journal holds of a profile, so that it may be counted again. All that was decided before is in it:
 *
 * 1. Evaluate certifies its own earlier commit first, but may have had none of that commit's records at hand: those that
 *    came behind this one, in a batch that was cut off. Until they come again, their entries do not say what happened.
 * 2. An alias is asked for the certificate of the commit in which it gave itself up, because whoever absorbs it may be
 *    quicker than its journal; and for the inputs of that commit.
 *
 * `unsettled`: not so yet.
 */
export async function readPast(
  { key, profile, pending }: Pick<StoredProfile, 'key' | 'pending'> & { readonly profile: Profile },
  ask: PastAsk,
  ports: PastPorts,
): Promise<Past | 'unsettled'> {
  const settled = await all([
    hasInputs(key, pending, ports),
    ...profile.aliases.map((alias) => isSettled(alias, ports)),
  ]);
  return settled.includes(false) ? 'unsettled' : readJournals(key, profile, ask, ports);
}

/** The same for who only looks: what is being certified may be missing. */
export async function readJournals(
  key: ProfileKey,
  profile: Profile,
  ask: PastAsk,
  ports: Pick<PastPorts, 'clock' | 'past'>,
): Promise<Past> {
  const entries: JournalEntry[] = [];
  let left = MAX_PAST_BYTES;
  let since = reachOf(profile, ports.clock(), ports.past.retentionDays);
  for (const one of [key, ...profile.aliases]) {
    const found = await ports.past.read(one, ask, left);
    // What was before an erasure may not be deleted yet.
    const first = one === key ? incarnationOf(profile) : (profile.aliasIncs?.[one]?.from ?? 0);
    entries.push(...found.entries.filter(({ inc = 0 }) => inc >= first));
    left = Math.max(0, left - found.bytes);
    since = Math.max(since, found.since ?? 0);
  }
  return pastOf(entries, since);
}

/** Entries are dropped some time after they have arrived; 0: the profile is younger than that, so none of its was. */
export function reachOf({ createdAt }: Profile, now: number, retentionDays: number): number {
  const reach = now - retentionDays * DAY_MS;
  return createdAt > reach ? 0 : Math.max(0, reach);
}

async function isSettled(alias: ProfileKey, { profiles, journal }: PastPorts): Promise<boolean> {
  const stored = await profiles.read(alias);
  // Who was told to strip has certified what came before.
  if (stored?.pending === undefined || !stored.profile.frozen) return true;
  const certificate = await journal.read(alias, stored.pending.last, 'strong');
  return certificate?.v === stored.pending.v && hasInputs(alias, stored.pending, { journal });
}

/** Of these records it counts what was in them. */
const counted: ReadonlySet<JournalEntry['t']> = new Set<JournalEntry['t']>(['event', 'receipt', 'outcome']);

/** Only of the last commit: whatever comes behind its records finds the inputs of those before in the journal. */
async function hasInputs(
  key: ProfileKey,
  pending: Pending | undefined,
  { journal }: Pick<PastPorts, 'journal'>,
): Promise<boolean> {
  const ids = (pending?.ids ?? []).filter(({ t }) => counted.has(t));
  const entries = await all(ids.map(({ jk }) => journal.read(key, jk, 'strong')));
  return !entries.some((entry) => entry?.lacksInput);
}

/** Journal entries of a profile and its aliases, in any order, as what happened. */
export function pastOf(entries: readonly JournalEntry[], since: number): Past {
  const events = new Map<string, PastEvent>();
  const receipts = new Map<string, MessageFact>();
  const sent = new Map<string, MessageFact>();
  const takenBack = new Set<string>();
  for (const { st, jk, at, in: input, why } of entries) {
    if ((st !== 'moved' && st !== 'inert') || wentElsewhere(why)) continue;
    for (const { code, message, channel, topic, journey, step, dryRun } of why) {
      // The call of a webhook step reaches no person, and has no topic.
      if (code !== 'message.decided' || channel === undefined || topic === undefined || dryRun) continue;
      const from = { ...(journey !== undefined && { journey }), ...(step !== undefined && { step }) };
      sent.set(`${message} ${at}`, { was: 'sent', at, channel, topic, ...from });
    }
    const told = toldIn(input);
    if (told === undefined) continue;
    // Told to two profiles that were one person, it happened once.
    if (!('t' in told)) events.set(jk, { event: { ...told, context: {} }, decidedAt: at });
    else if (told.t === 'receipt') {
      const fact = factOfReceipt(told);
      if (fact !== undefined) receipts.set(jk, fact);
    } else if (told.t === 'outcome' && (told.outcome === 'not-sent' || told.outcome === 'failed')) {
      takenBack.add(`${told.message} ${told.decidedAt}`);
    }
  }
  const stillSent = [...sent].flatMap(([name, fact]) => (takenBack.has(name) ? [] : fact));
  return {
    events: [...events.values()].sort((a, b) => a.decidedAt - b.decidedAt || a.event.at - b.event.at),
    messages: [...stillSent, ...receipts.values()].sort((a, b) => a.at - b.at),
    since,
  };
}

type Told = Extract<ToldRecord, { readonly t: 'receipt' | 'outcome' }> | Omit<CustomerEvent, 'context'>;

/** As `inputOf` (settle.ts) has written it; undefined where it was too large, or came without its input. */
function toldIn(input: JournalEntry['in']): Told | undefined {
  const told = input as unknown as (Partial<Record<'t' | 'name', unknown>> & Told) | null | undefined;
  if (typeof told !== 'object' || told === null) return undefined;
  return typeof told.t === 'string' || typeof told.name === 'string' ? told : undefined;
}
