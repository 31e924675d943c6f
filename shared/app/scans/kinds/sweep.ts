import { ARM_WITHIN_MS } from '../../../domain/journeys/engine/date-entries.ts';
import { pendingWipes, wipeOf } from '../../../domain/profiles/erase.ts';
import { ofInc } from '../../../domain/profiles/links.ts';
import { absorbOf } from '../../../domain/profiles/merge-mail.ts';
import { datesDue, nextDue, type Profile } from '../../../domain/profiles/profile.ts';
import { digest, type ProfileKey } from '../../../kernel/ids.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../kernel/time.ts';
import type { ScanFilter, StoredProfile } from '../../ports.ts';
import { isCertified } from '../../settle.ts';
import { type JobOf, type ScanKind, type ScanPorts, scanKind } from '../scan-kind.ts';
import { startScan } from '../start-scan.ts';
import { type Told, tellFound } from '../tell-found.ts';
import { ERASE, type EraseParams } from './erase.ts';

const LATE_MS = 2 * MINUTE_MS;
const UNCERTIFIED_MS = HOUR_MS;
/** Older effects were looked at by sweeps before, whatever became of last night's. */
const CHECKED_MS = 3 * DAY_MS;
const CONCURRENT_READS = 25;
/** An erasure takes minutes. */
const LEFT_ALONE_MS = 12 * HOUR_MS;

/**
 * The daily repair (docs: protocol.md, step 18): every profile is scanned, and told again what it may have missed.
 * All of it is harmless when it missed nothing. Besides it is the calendar of days that traits name.
 *
 * 1. A wait that is overdue: wake. 2. Effects without certificate after an hour: nudge. 3. A frozen signpost: its
 * target absorbs again. 4. A question without answer: yield again.
 * 5. At half the journal's retention: nudge too. Certificates and claims expire, and a commit without them would look
 *    as if it had never been performed, messages and all; a nudge makes evaluate drop what is certified.
 * 6. An erasure that nobody is at any more: somebody gave themselves up to the customer behind its end, or its job has failed.
 * 7. A day that comes soon: a wake that is early, which evaluate arms for its time and which costs no write. Two sweeps
 *    see most of them; the second wake finds that the day has been.
 */
export const sweepKind: ScanKind = scanKind<SweepParams>({
  kind: 'sweep',
  includesIdentities: true,
  filter: spansOf,
  async page(profiles, job, ports) {
    const overdue = job.begin - LATE_MS;
    const told = [
      ...(await nudges(profiles, spansOf(job, ports), ports)),
      ...profiles.flatMap((one) => repairs(one, overdue)),
    ];
    if (told.length > 0) ports.metrics.count('SweepFound', told.length);
    const days = profiles.flatMap((one) => comingDays(one, overdue, job.begin + ARM_WITHIN_MS));
    await tellFound(job, [...told, ...days], ports);
    for (const one of profiles) await eraseOn(one, job, ports);
    return { counts: { repaired: told.length, armed: days.length } };
  },
});

export interface SweepParams {
  /** What was committed before was looked at by the sweep before this one, which came to its end. */
  readonly checkedUntil?: number;
}

/** For the sweep after this one. */
export const checkedBy = ({ begin }: Pick<JobOf<unknown>, 'begin'>): number => begin - UNCERTIFIED_MS;

type SweepFilter = Required<ScanFilter>;

function spansOf(
  { begin, params: { checkedUntil = 0 } }: Pick<JobOf<SweepParams>, 'begin' | 'params'>,
  { journalRetentionDays }: Pick<ScanPorts, 'journalRetentionDays'>,
): SweepFilter {
  const oldFrom = begin - (journalRetentionDays / 2) * DAY_MS;
  return {
    // Also who waits for something else until then: a profile without such days is passed over at a glance.
    dueBefore: begin + ARM_WITHIN_MS,
    pendingAt: [
      [Math.max(begin - CHECKED_MS, oldFrom, checkedUntil), checkedBy({ begin })],
      [0, oldFrom],
    ],
  };
}

async function nudges(
  profiles: readonly StoredProfile[],
  { pendingAt: [[recentFrom, recentTo], [, oldFrom]] }: SweepFilter,
  ports: Pick<ScanPorts, 'journal' | 'carried'>,
): Promise<Told[]> {
  const nudge = ({ key }: StoredProfile): Told => ({ to: key, about: key, t: 'nudge', record: () => ({ t: 'nudge' }) });
  const told: Told[] = [];
  const unsure: StoredProfile[] = [];
  for (const one of profiles) {
    const committed = one.pending?.at;
    if (committed === undefined) continue;
    if (committed < oldFrom) told.push(nudge(one));
    else if (committed >= recentFrom && committed < recentTo) unsure.push(one);
  }
  for (let from = 0; from < unsure.length; from += CONCURRENT_READS) {
    const some = unsure.slice(from, from + CONCURRENT_READS).map(async (one) => {
      if (!(await isCertified({ ...one, pending: one.pending! }, ports))) told.push(nudge(one));
    });
    await Promise.all(some);
  }
  return told;
}

function repairs({ key, profile }: StoredProfile, overdue: number): Told[] {
  if (profile.movedTo !== undefined) {
    const absorb: Told = { to: profile.movedTo, about: key, t: 'absorb', record: () => absorbOf(key, profile) };
    return [...(profile.frozen ? [absorb] : []), ...wipesAgain(key, profile)];
  }
  const due = nextDue(profile);
  const wake: Told = { to: key, about: key, t: 'wake', record: (id) => ({ t: 'wake', id, due: due! }) };
  return [
    ...(due !== undefined && due < overdue ? [wake] : []),
    ...Object.entries(profile.asked).map(
      ([to, { origin }]): Told => ({
        to,
        about: key,
        t: 'yield',
        record: () => ({ t: 'yield', to: key, origin, ...ofInc(profile) }),
      }),
    ),
    ...wipesAgain(key, profile),
  ];
}

/** The same job however often it is found; it goes on where the markers say that something is left. */
async function eraseOn(
  { key, profile: { erased, inc } }: StoredProfile,
  { begin }: Pick<JobOf<unknown>, 'begin'>,
  { clock: now, jobs, machine }: ScanPorts,
): Promise<void> {
  if (erased?.left === undefined || erased.left.since > begin - LEFT_ALONE_MS || pendingWipes(erased).length > 0)
    return;
  const id = `erase-${digest(key, String(inc), String(erased.left.since))}`;
  const params: EraseParams = { key, at: erased.at };
  await startScan({ now, jobs, machine })({ id, kind: ERASE, params, by: 'sweep', segments: 1 });
}

/** Of the incarnation before this one. */
function wipesAgain(key: ProfileKey, { erased }: Profile): Told[] {
  if (erased === undefined) return [];
  return pendingWipes(erased).map(([to, wipe]) => ({
    to,
    about: key,
    t: 'wipe',
    record: () => wipeOf(key, erased, wipe),
  }));
}

function comingDays({ key, profile }: StoredProfile, from: number, until: number): Told[] {
  if (profile.movedTo !== undefined) return [];
  return datesDue(profile, from, until).map((due) => ({
    to: key,
    about: key,
    t: 'wake',
    due,
    record: (id) => ({ t: 'wake', id, due }),
  }));
}
