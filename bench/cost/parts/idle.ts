import { DAY, MINUTE, withCloud } from '../bench-cloud.ts';
import { invocationsOf, type MeasuredRow } from '../measured.ts';
import { type Part, Rows, rowOf } from '../part.ts';
import { mustDiffer, table, unmeasured } from '../table.ts';

const DAYS = 30;
const FLIGHTS = 6;
const FLIGHTS_A_MONTH = (DAYS * DAY) / (5 * MINUTE);

/** An environment in which nothing happens. */
export const idlePart: Part = {
  name: 'idle',
  count: () =>
    withCloud(async ({ cloud, meter }) => {
      const rows = new Rows('idle');
      // The first sweep does not know how large the table is.
      await cloud.advance(DAY);
      const month = await meter(() => cloud.advance(DAYS * DAY));
      rows.add('idle.month', 'a month with nobody in it', 'month', 1, month);
      const hour = await meter(() => cloud.advance(60 * MINUTE));
      const flights = await meter(async () => {
        for (let i = 0; i < FLIGHTS; i++) {
          await cloud.invoke('canary', {});
          await cloud.advance(5 * MINUTE);
        }
      });
      rows.add('idle.canary', 'one flight of the canary', 'flight', FLIGHTS, flights);
      mustDiffer('invocations of a month against an hour', invocationsOf(hour) + 1, invocationsOf(month));
      return rows.rows;
    }),
  text: render,
};

function render(rows: readonly MeasuredRow[]): string {
  const [month, canary] = [rowOf(rows, 'idle.month'), rowOf(rows, 'idle.canary')];
  const flights = (canary.dollarsPerMillion / 1e6) * FLIGHTS_A_MONTH;
  const named = Object.entries(month.invocations)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
  return `## A month in which nothing happens

Written by \`npm run bench:cost -- --only idle\`: the clock goes on by ${DAYS} days, with an empty environment and all that its schedules start.

${table(rows)}

A month costs $${(month.dollarsPerMillion / 1e6).toFixed(4)}: invocations of ${named}. The canary, which the local cloud leaves out, flies ${FLIGHTS_A_MONTH.toLocaleString('en-US')} times a month:
$${flights.toFixed(4)} more. Both rows read "per million" of months and of flights.

The control: a month must show more than an hour.

**What is not near zero, and what the meter cannot see:** the pollers of its queues, which ask whether somebody wrote; alarms, custom metrics and dashboards; the
keys of KMS. They are most of the bill of an environment without customers.

${unmeasured(['Idle polling, logs, KMS, metrics and alarms.', 'Schedules of EventBridge, which cost nothing for rules.'])}
`;
}
