/** Schedule expressions of EventBridge: `rate(…)`, `cron(…)` in UTC, and `at(…)` (EventBridge user guide, "Cron expressions"). */

const UNIT_MS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const LOOK_AHEAD_DAYS = 366 * 5;

/** The first firing after `after`; undefined when there is none. `origin` is where rates count from. */
export type NextFiring = (after: number, origin: number) => number | undefined;

export function parseSchedule(expression: string, where: string): NextFiring {
  const [, kind, argument = ''] = /^(rate|cron|at)\((.+)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'rate') return parseRate(argument, where);
  if (kind === 'cron') return parseCron(argument, where);
  if (kind === 'at') {
    const instant = Date.parse(`${argument}Z`);
    if (Number.isNaN(instant)) throw new Error(`${where}: at(${argument}) is not a time`);
    return (after) => (instant > after ? instant : undefined);
  }
  throw new Error(`${where}: the schedule ${expression} is not known to the local cloud`);
}

function parseRate(argument: string, where: string): NextFiring {
  const [, count, unit] = /^(\d+) (minute|hour|day)s?$/.exec(argument) ?? [];
  if (!count || !unit || Number(count) === 0) throw new Error(`${where}: rate(${argument}) is not a rate`);
  const period = Number(count) * UNIT_MS[unit]!;
  return (after, origin) => origin + (Math.floor((after - origin) / period) + 1) * period;
}

function parseCron(argument: string, where: string): NextFiring {
  const fields = argument.split(/\s+/);
  if (fields.length !== 6) throw new Error(`${where}: cron(${argument}) needs six fields`);
  const [minutes, hours, daysOfMonth, months, daysOfWeek, years] = [
    parseField(fields[0]!, 0, 59, [], where),
    parseField(fields[1]!, 0, 23, [], where),
    parseField(fields[2]!, 1, 31, [], where),
    parseField(fields[3]!, 1, 12, MONTHS, where),
    // 1 is Sunday.
    parseField(fields[4]!, 1, 7, DAYS, where),
    parseField(fields[5]!, 1970, 2199, [], where),
  ];
  const isDay = (day: Date): boolean =>
    months!.has(day.getUTCMonth() + 1) &&
    daysOfMonth!.has(day.getUTCDate()) &&
    daysOfWeek!.has(day.getUTCDay() + 1) &&
    years!.has(day.getUTCFullYear());
  return (after) => {
    const firstDay = Math.floor(after / UNIT_MS['day']!) * UNIT_MS['day']!;
    for (let count = 0; count < LOOK_AHEAD_DAYS; count++) {
      const day = firstDay + count * UNIT_MS['day']!;
      if (!isDay(new Date(day))) continue;
      for (const hour of hours!) {
        for (const minute of minutes!) {
          const instant = day + hour * UNIT_MS['hour']! + minute * UNIT_MS['minute']!;
          if (instant > after) return instant;
        }
      }
    }
    return undefined;
  };
}

/** Values of one field, in ascending order. */
function parseField(field: string, least: number, most: number, names: string[], where: string): Set<number> {
  const values = new Set<number>();
  const number = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const value = named >= 0 ? named + 1 : Number(text);
    if (!Number.isInteger(value) || value < least || value > most)
      throw new Error(`${where}: ${text} in a cron expression must be from ${least} to ${most}`);
    return value;
  };
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [from, to] =
      range === '*' || range === '?'
        ? [least, most]
        : range.includes('-')
          ? range.split('-').map(number)
          : [number(range), step ? most : number(range)];
    for (let value = from!; value <= to!; value += Number(step ?? 1)) values.add(value);
  }
  return new Set([...values].sort((a, b) => a - b));
}
