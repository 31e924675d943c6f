import type { MeterReading } from '../../local/cloud.ts';
import { zones } from '../reference-journey.ts';
import { type BenchCloud, DAY, MINUTE, whileClosed } from './bench-cloud.ts';

const SECOND = 1_000;
const ZONE_MS = DAY / zones.length;

/** What `waits` waits share, from the queue of wakes until their customers' records lie in the mailbox. */
export interface Cohorts {
  readonly waits: number;
  readonly reading: MeterReading;
}

/**
 * Whole minutes of waits, put into the queue where evaluate puts them, second by second. The mailbox is closed meanwhile: what
 * a wake costs whom it wakes is counted with the journey.
 */
export async function measureCohorts(
  bench: BenchCloud,
  perSecond: number,
  minutes: number,
  dueOf: (at: number, customer: number) => number,
): Promise<Cohorts> {
  const { cloud, meter } = bench;
  const wakes = cloud.queue('WakesQueue');
  const waits = perSecond * minutes * 60;
  let reading: MeterReading | undefined;
  await whileClosed(bench, async (mailboxes) => {
    reading = await meter(async () => {
      for (let customer = 0; customer < waits; customer += perSecond) {
        const at = cloud.now();
        for (let i = customer; i < customer + perSecond; i++) {
          const key = `u${`cohort-${perSecond}-${i}`.padEnd(22, '-')}`;
          wakes.send({ body: JSON.stringify({ schema: 1, key, due: dueOf(at, i) }) });
        }
        await cloud.advance(SECOND);
      }
      await cloud.advance(DAY + 10 * MINUTE);
    });
    const woken = mailboxes.reduce((sum, queue) => sum + queue.messages().length, 0);
    for (const queue of mailboxes) queue.purge();
    if (woken !== waits) throw new Error(`${woken} customers were woken, not ${waits}`);
  });
  // The day that went by has its own jobs.
  const own = cloud.executions().filter(({ machineArn }) => /journey-wait$/.test(machineArn));
  const stateTransitions = own.reduce((sum, { transitions }) => sum + transitions, 0);
  return { waits, reading: { ...reading!, stateTransitions, executions: own.length } };
}

/** A wait of a day: it ends in the minute that follows. */
export const aDayLater = (at: number): number => at + DAY;

/** The next nine o'clock of as many zones as there are offsets, in an even spread over the day. */
export function nineInZone(at: number, customer: number): number {
  const offset = Math.floor(((customer % zones.length) * ZONE_MS) / (15 * MINUTE)) * 15 * MINUTE;
  const nine = Math.floor(at / DAY) * DAY + offset;
  return nine > at + 16 * MINUTE ? nine : nine + DAY;
}
