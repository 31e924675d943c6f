import { expect, it } from 'vitest';
import { parseSchedule } from '../../local/schedules/schedule-expression.ts';

const at = (text: string): number => Date.parse(text);

it.each([
  ['rate(5 minutes)', '2026-01-01T00:07:00Z', '2026-01-01T00:10:00Z'],
  ['rate(1 day)', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
  ['cron(30 3 * * ? *)', '2026-01-01T03:30:00Z', '2026-01-02T03:30:00Z'],
  ['cron(0/15 8-9 ? * MON-FRI *)', '2026-01-02T09:45:00Z', '2026-01-05T08:00:00Z'],
  ['cron(0 12 1,15 JAN,JUL ? *)', '2026-01-15T12:00:00Z', '2026-07-01T12:00:00Z'],
  ['cron(0 0 29 2 ? *)', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['at(2026-05-01T10:00:00)', '2026-01-01T00:00:00Z', '2026-05-01T10:00:00Z'],
])('%s fires after %s at %s', (expression, after, next) => {
  expect(parseSchedule(expression, 'test')(at(after), at('2026-01-01T00:00:00Z'))).toBe(at(next));
});

it('at() fires once', () => {
  expect(parseSchedule('at(2026-05-01T10:00:00)', 'test')(at('2026-05-01T10:00:00Z'), 0)).toBeUndefined();
});

it.each(['rate(0 days)', 'rate(5)', 'cron(0 0 * * *)', 'cron(60 0 * * ? *)', 'cron(0 0 ? * L *)', 'weekly'])(
  '%s is refused',
  (expression) => {
    expect(() => parseSchedule(expression, 'test')).toThrow('test');
  },
);
