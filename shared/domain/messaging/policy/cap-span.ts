import { longestMs } from '../../../kernel/duration.ts';
import { DAY_MS } from '../../../kernel/time.ts';
import { addDuration, nextCalendarStart } from '../../../kernel/zone.ts';
import type { FrequencyCap } from '../policy.ts';

type Span = FrequencyCap['per'];
type Calendar = Extract<Span, 'day' | 'week' | 'month'>;

/** A calendar day may have 26 hours, and a customer may have moved to where it is longer. */
const longestCalendar: Readonly<Record<Calendar, number>> = { day: 2 * DAY_MS, week: 8 * DAY_MS, month: 32 * DAY_MS };

const isCalendar = (per: Span): per is Calendar => Object.hasOwn(longestCalendar, per);

/** When the place of a send at this time is free again. */
export const freeAt = (per: Span, at: number, zone: string): number =>
  isCalendar(per) ? nextCalendarStart(at, per, zone) : addDuration(at, per, zone);

/** After so long no send takes a place any more. */
export const longestSpanMs = (per: Span): number => (isCalendar(per) ? longestCalendar[per] : longestMs(per));
