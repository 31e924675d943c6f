import { sendingHours as hoursOf, soonestOpen } from '../../messaging/policy/check-hours.ts';
import { error, type Rule } from './finding.ts';

/** Any week will do: what is asked is whether the windows leave a gap, not when. */
const SOME_WEEK = Date.UTC(2026, 0, 5);

/** Windows that lie wholly in the journey's own quiet hours. The environment's are looked at when a message is decided. */
export const sendingHours: Rule = ({ sending }) => {
  if (sending === undefined || !Array.isArray(sending.quietHours)) return [];
  const { closedDates: _some, ...weekly } = sending;
  const hours = hoursOf({ quietHours: [] }, { sending: weekly }, 'UTC');
  if (soonestOpen(SOME_WEEK, hours) !== undefined) return [];
  return [
    error('/sending/quietHours', 'sending-never', 'quiet hours leave no time to send in', {
      fix: 'leave a gap between quiet hours and sending windows',
    }),
  ];
};
