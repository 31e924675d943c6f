import type { MailRecord } from '../domain/mail-record.ts';
import { nextDue } from '../domain/profiles/profile.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../kernel/time.ts';
import type {
  Clock,
  Journal,
  Mailbox,
  Metrics,
  OutgoingMail,
  ProfileStore,
  StoredProfile,
  SweepFilter,
} from './ports.ts';

export interface SweepPorts {
  readonly clock: Clock;
  readonly profiles: Pick<ProfileStore, 'scan'>;
  readonly journal: Pick<Journal, 'read'>;
  readonly mailbox: Mailbox;
  readonly metrics: Metrics;
}

/** Where a sweep goes on. `at` is when it began: what it sends has the same ids in every continuation. */
export interface SweepCursor {
  readonly at: number;
  /** After a resumption: the catalog that knows of it. Every wait that is due counts then, not only the late ones. */
  readonly epoch?: number;
  /** After a plan was applied: everybody with a run in this journey is woken as well. */
  readonly journey?: string;
  readonly cursor?: string;
}

/** Starts a sweep and does not wait for it: every wait that is due goes on, by this catalog or a later one, and everybody in `journey` hears of it. */
export type StartSweep = (epoch: number, journey?: string) => Promise<void>;

export interface SweepOptions {
  readonly journalRetentionDays: number;
  /** Asked between pages: whether this invocation should end. */
  readonly isTimeUp: () => boolean;
}

const LATE_MS = 2 * MINUTE_MS;
const UNCERTIFIED_MS = HOUR_MS;
/** Effects this young are looked at by two sweeps or more, were certified then, and need no further look. */
const CHECKED_MS = 3 * DAY_MS;
const CONCURRENT_READS = 25;

/**
 * The daily repair (docs: protocol.md, step 18): every profile is scanned, and told again what it may have missed.
 * All of it is harmless when it missed nothing.
 *
 * 1. A wait that is overdue: wake. 2. Effects without certificate after an hour: nudge. 3. A frozen signpost: its
 * target absorbs again. 4. A question without answer: yield again.
 * 5. At half the journal's retention: nudge too. Certificates and claims expire, and a commit without them would look
 *    as if it had never been performed, messages and all; a nudge makes evaluate drop what is certified.
 *
 * Answers where to go on, or undefined at the end.
 */
export async function sweep(
  start: SweepCursor,
  { journalRetentionDays, isTimeUp }: SweepOptions,
  ports: SweepPorts,
): Promise<SweepCursor | undefined> {
  const { at, epoch, journey } = start;
  const oldFrom = at - (journalRetentionDays / 2) * DAY_MS;
  const filter: SweepFilter = {
    dueBefore: epoch === undefined ? at - LATE_MS : at + 1,
    pendingAt: [
      [Math.max(at - CHECKED_MS, oldFrom), at - UNCERTIFIED_MS],
      [0, oldFrom],
    ],
    ...(journey !== undefined && { inJourney: journey }),
  };
  let cursor = start.cursor;
  do {
    const page = await ports.profiles.scan(filter, cursor);
    await repair(page.profiles, start, oldFrom, filter, ports);
    cursor = page.cursor;
    if (cursor !== undefined && isTimeUp()) return { ...start, cursor };
  } while (cursor !== undefined);
  return undefined;
}

async function repair(
  profiles: readonly StoredProfile[],
  { at, epoch, journey }: SweepCursor,
  oldFrom: number,
  { dueBefore, pendingAt }: SweepFilter,
  ports: SweepPorts,
): Promise<void> {
  // SQS takes an id once in five minutes: one sweep must not be taken for another one, and its continuation must.
  const sweepId = `sweep-${at}`;
  const mails: OutgoingMail[] = [];
  const tell = (to: string, about: string, record: MailRecord) =>
    mails.push({
      id: `${sweepId}-${record.t}-${about}`,
      mail: { schema: 1, key: to, received: ports.clock(), hop: 0, records: [record] },
    });

  const [[recentFrom, recentTo]] = pendingAt;
  const unsure: StoredProfile[] = [];
  for (const one of profiles) {
    const committed = one.pending?.at;
    if (committed === undefined) continue;
    if (committed < oldFrom) tell(one.key, one.key, { t: 'nudge' });
    else if (committed >= recentFrom && committed < recentTo) unsure.push(one);
  }
  for (let from = 0; from < unsure.length; from += CONCURRENT_READS) {
    const some = unsure.slice(from, from + CONCURRENT_READS).map(async ({ key, pending }) => {
      const certificate = await ports.journal.read(key, pending!.last, 'eventual');
      if (certificate?.v !== pending!.v) tell(key, key, { t: 'nudge' });
    });
    await Promise.all(some);
  }
  for (const { key, profile } of profiles) {
    if (profile.movedTo !== undefined) {
      if (profile.frozen) tell(profile.movedTo, key, { t: 'absorb', from: key });
      continue;
    }
    const due = nextDue(profile);
    const isInside = journey !== undefined && Object.values(profile.runs).some((run) => run.journey === journey);
    if (isInside || (due !== undefined && due < dueBefore)) {
      const since = Math.min(due ?? at, at);
      tell(key, key, { t: 'wake', id: `${sweepId}-${key}`, due: since, ...(epoch !== undefined && { epoch }) });
    }
    for (const [asked, { origin }] of Object.entries(profile.asked)) tell(asked, key, { t: 'yield', to: key, origin });
  }
  if (mails.length === 0) return;
  ports.metrics.count('SweepFound', mails.length);
  await ports.mailbox.send(mails);
}
