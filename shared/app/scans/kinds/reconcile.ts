import type { Json } from '../../../kernel/canonical-json.ts';
import { DAY_MS, formatInstant, HOUR_MS, parseInstant } from '../../../kernel/time.ts';
import type { UnknownNote } from '../../ports.ts';
import { foundOut, settleUnknown } from '../../settle-unknown.ts';
import { addCounts, type Counts } from '../job.ts';
import { type JobOf, type ScanPorts, scanKind } from '../scan-kind.ts';

export type ReconcileParams = {
  /** Younger than this may still be found out. */
  readonly afterHours: number;
};

/** A carrier may take three days (End User Messaging SMS user guide, "Event types"); a night that was missed is made good too. */
const LOOK_BACK_MS = 3 * DAY_MS;
const PAGE_NOTES = 100;

/**
 * Once a night: what was unknown for some hours is settled by the receipts that have come, and the rest is counted.
 *
 * 1. A receipt that comes later settles its message by itself (receive-receipts.ts). Here is what came *before* its
 *    sender gave up: nobody looks at that message again.
 * 2. It reads the list of the days, not the table: without unknown messages it costs a read for each day.
 * 3. Settling is conditional on what stands there, so a page may be done twice. The metric counts a message in one night
 *    only; the job's result has all that are looked at.
 */
export const reconcileKind = scanKind<ReconcileParams>({
  kind: 'reconcile',
  async open(job, cursor, ports) {
    const until = untilOf(job);
    let at: Place = cursor === undefined ? { day: dayOf(until - LOOK_BACK_MS) } : readPlace(cursor);
    return {
      async next() {
        const page = await ports.unknown.list(at.day, { limit: PAGE_NOTES, ...startOf(at) }, until);
        const counts = await lookAt(page.data, until - DAY_MS, ports);
        const day = page.nextCursor === undefined ? dayAfter(at.day) : at.day;
        at = { day, ...(page.nextCursor !== undefined && { from: page.nextCursor }) };
        const isOver = day > dayOf(until);
        return {
          counts: { scanned: page.data.length, ...counts },
          ...(!isOver && { cursor: `${at.day} ${at.from ?? ''}` }),
        };
      },
    };
  },
  result: ({ counts, job }) => ({ until: formatInstant(untilOf(job)), ...(counts as Json & object) }),
});

interface Place {
  readonly day: string;
  readonly from?: string;
}

const untilOf = ({ begin, params }: JobOf<ReconcileParams>) => begin - params.afterHours * HOUR_MS;
const dayOf = (instant: number) => formatInstant(instant).slice(0, 10);
const dayAfter = (day: string) => dayOf(parseInstant(`${day}T00:00:00Z`)! + DAY_MS);
const startOf = ({ from }: Place) => (from === undefined ? {} : { cursor: from });

function readPlace(cursor: string): Place {
  const [day, from] = cursor.split(' ') as [string, string];
  return { day, ...(from !== '' && { from }) };
}

/** @param countedFrom what was unknown earlier was counted in an earlier night. */
async function lookAt(notes: readonly UnknownNote[], countedFrom: number, ports: ScanPorts): Promise<Counts> {
  let sum: Counts = {};
  for (const one of await Promise.all(notes.map((note) => settleNoted(note, ports)))) {
    sum = addCounts(sum, one.counts);
    if (one.isOpen && one.at >= countedFrom) ports.metrics.count('MessagesUnsettled');
  }
  return sum;
}

async function settleNoted({ key, id, at }: UnknownNote, ports: ScanPorts) {
  const message = await ports.messages.read(key, id);
  // Erased, or its sender is at it again.
  if (message === undefined || message.st === 'handing') return { at, isOpen: false, counts: { gone: 1 } };
  const found = foundOut(message);
  if (found !== undefined) await settleUnknown(message, found, ports);
  const st = found ?? message.st;
  if (st !== 'unknown') return { at, isOpen: false, counts: { [st]: 1 } };
  const { channel, why = 'defect' } = message;
  return { at, isOpen: true, counts: { unknown: 1, [`unknown ${channel} ${why}`]: 1 } };
}
