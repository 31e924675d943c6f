import type { CapturedMessage } from '../../../local/cloud.ts';
import { SECOND_MS } from '../../../shared/kernel/time.ts';
import type { Finding } from './replay.ts';

/** A journey's kill switch was on, by the clock of the cloud, epoch ms. */
export interface Stop {
  readonly journey: string;
  readonly from: number;
  readonly to: number;
}

/** What senders need to hear of a switch, and as much as their clocks may jump on the way (local/faults). */
const HEARD_MS = 30 * SECOND_MS;
const JUMP_MS = 4 * SECOND_MS;

/** Half a minute after a switch was thrown nothing of its journey is handed over until it is lifted (G9). */
export function checkStops(
  stops: readonly Stop[],
  captured: readonly Pick<CapturedMessage, 'messageId' | 'at' | 'tags'>[],
): Finding[] {
  return stops.flatMap(({ journey, from, to }) =>
    captured
      .filter(({ tags, at }) => tags['godwit_journey'] === journey && isWithin(Date.parse(at), from, to))
      .map(({ messageId = '', at }) => ({
        rule: 'G9 sent though stopped',
        who: messageId,
        detail: `${journey} at ${at}, ${Math.round((Date.parse(at) - from) / SECOND_MS)} s after its switch was thrown`,
      })),
  );
}

const isWithin = (at: number, from: number, to: number): boolean => at > from + HEARD_MS + JUMP_MS && at < to;
