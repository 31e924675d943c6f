import { parseInstant } from '../../../kernel/time.ts';
import { error, type Finding, type Rule } from './finding.ts';

export const scheduleOrder: Rule = ({ schedule }) => {
  if (schedule === undefined) return [];
  const { startAt, endAt, atEnd } = schedule;
  const found: Finding[] = [];
  if (startAt !== undefined && endAt !== undefined && parseInstant(startAt)! >= parseInstant(endAt)!) {
    found.push(error('/schedule/endAt', 'schedule-order', 'ends before it starts', { fix: 'write a later endAt' }));
  }
  if (atEnd !== undefined && endAt === undefined) {
    found.push(
      error('/schedule/atEnd', 'schedule-no-end', 'says what happens at the end, and has none', { fix: 'write endAt' }),
    );
  }
  return found;
};
