import { DAY_MS } from '../../../kernel/time.ts';
import { roundDue } from './due.ts';

/** An answer that is this late does not come: message queues keep a message for four days, retries end within two. */
const ANSWER_WITHIN_MS = 2 * DAY_MS;

export const answerStand = (now: number) => ({ stand: 'answer', due: roundDue(now + ANSWER_WITHIN_MS, now) }) as const;
