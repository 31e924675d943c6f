import {
  MAX_SCHEDULE_ENTRIES,
  nextOccurrence,
  type ScheduleEntry,
  scheduleEntries,
} from '../engine/schedule-entries.ts';
import { error, type Finding, type Rule, warning } from './finding.ts';

/** What a rhythm needs, and that it has a future. */
export const scheduleEntriesRule: Rule = (journey, { now }) => {
  const found = journey.entry.flatMap((one, i) => (one.on === 'schedule' ? check(one, `/entry/${i}`, now) : []));
  const actual = scheduleEntries(journey).length;
  if (actual > MAX_SCHEDULE_ENTRIES) {
    const more = { limit: MAX_SCHEDULE_ENTRIES, actual, fix: 'join segments, or make another journey' };
    found.push(error('/entry', 'schedule-entries', 'too many entries on schedule', more));
  }
  return found;
};

function check(entry: ScheduleEntry, pointer: string, now: number | undefined): Finding[] {
  const { every, date, days } = entry;
  const found: Finding[] = [];
  if (every === 'once' && date === undefined) {
    found.push(error(pointer, 'schedule-date', 'once, and no day', { fix: 'write date: 2026-12-24' }));
  }
  if (every !== 'once' && date !== undefined) {
    const fix = 'write every: once, or remove date';
    found.push(error(`${pointer}/date`, 'schedule-date', 'only what comes once has a date', { fix }));
  }
  if (every === 'week' || every === 'month') {
    const [type, limit, fix] =
      every === 'week' ? ['string', 'mon to sun', 'write days: [mon]'] : ['number', '1 to 31', 'write days: [1]'];
    if (days === undefined) found.push(error(pointer, 'schedule-days', `every ${every}, and no days`, { limit, fix }));
    for (const [i, day] of (days ?? []).entries()) {
      if (typeof day === type) continue;
      found.push(error(`${pointer}/days/${i}`, 'schedule-days', `${day} is no day of a ${every}`, { limit, fix }));
    }
  } else if (days !== undefined) {
    found.push(error(`${pointer}/days`, 'schedule-days', 'only weeks and months have days', { fix: 'remove them' }));
  }
  if (every === 'once' && date !== undefined && now !== undefined && nextOccurrence(entry, now) === undefined) {
    const fix = 'give a later date, or remove the entry';
    found.push(warning(`${pointer}/date`, 'schedule-past', 'is over: nobody enters by it', { fix }));
  }
  return found;
}
