import type { Journey } from '../shared/domain/journeys/journey.ts';
import type { SimulationResult } from '../shared/simulation/index.ts';
import { daysOf } from './simulation-page/day-chart.ts';
import { dayWords, percent, sumOf } from './simulation-page/figures.ts';
import { percentOf } from './simulation-page/flow.ts';
import { columns } from './terminal.ts';

type Counts = Readonly<Record<string, number>>;

/** A simulation as tables and plots for the terminal. */
export function simulationText(result: SimulationResult, journeys: readonly Journey[]): string[] {
  const { from, until, seed, customers, messages, peakSendsPerMinute, cost } = result;
  const dollars = (amount: number) => `$${amount.toFixed(2)}`;
  const { count, minute } = peakSendsPerMinute;
  return [
    `${customers} customers, ${from} to ${until}, seed ${seed}`,
    ...journeys.flatMap((journey) => journeyText(journey, result)),
    '',
    `${messages.sent} messages; at most ${count} in a minute${minute === null ? '' : ` (${minute})`}`,
    ...dayPlot(result),
    `cost: AWS ${dollars(cost.awsDollars)}, provider ${dollars(cost.providerDollars)}`,
  ];
}

function journeyText({ id, steps: documents }: Journey, { journeys, messages }: SimulationResult): string[] {
  const figures = journeys[id];
  if (figures === undefined) return [];
  const { insideAtStart, entered, notEntered, exits, stillInside, goals, steps } = figures;
  const inside = insideAtStart + entered;
  const before = insideAtStart === 0 ? '' : `${insideAtStart} were inside, `;
  const funnel = Object.keys(documents).map((step): [string, number] => [step, steps[step]?.visits ?? 0]);
  const most = Math.max(inside, ...funnel.map(([, visits]) => visits));
  const own = messages.byStep.filter(({ journey }) => journey === id);
  return [
    '',
    `${id}: ${before}${entered} entered, ${goals} reached the goal, ${stillInside} still inside`,
    ...reasons('not entered', notEntered),
    ...reasons('left', exits),
    ...columns([
      ['came to', '', '', ''],
      ...funnel.map(([step, visits]) => [
        step,
        String(visits),
        percent(percentOf(visits, inside)).padStart(5),
        bar(visits, most, 30),
      ]),
    ]),
    ...(own.length === 0
      ? []
      : columns([
          ['step', 'template', 'sent', 'opened', 'clicked', 'bounced', 'not sent, or later'],
          ...own.map((one) => [
            one.step,
            one.template,
            ...[one.sent, one.opened, one.clicked, one.bounced].map(String),
            listed(sumOf([one.held, one.skipped, one.failed])),
          ]),
        ])),
  ];
}

/** More days than this become weeks, so that a year fits on a screen. */
const MAX_DAYS = 62;

function dayPlot({ messages }: SimulationResult): string[] {
  const days = daysOf(messages.byDayChannelStep);
  if (days.length === 0) return [];
  const long = days.length > MAX_DAYS ? 7 : 1;
  const spans = Array.from({ length: Math.ceil(days.length / long) }, (_, index) => {
    const span = days.slice(index * long, (index + 1) * long);
    return { day: span[0]!.day, total: span.reduce((sum, { total }) => sum + total, 0) };
  });
  const most = Math.max(...spans.map(({ total }) => total));
  return columns([
    [long === 1 ? 'day' : 'week from', 'sent', ''],
    ...spans.map(({ day, total }) => [dayWords(day), String(total), bar(total, most, 50)]),
  ]);
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** To the eighth of a character; what is more than nothing shows. */
function bar(value: number, most: number, width: number): string {
  if (value === 0 || most === 0) return '';
  const length = Math.max(1, Math.round((8 * width * value) / most));
  return '█'.repeat(Math.floor(length / 8)) + eighths[length % 8]!;
}

const listed = (counts: Counts): string =>
  Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');

const reasons = (title: string, counts: Counts): string[] =>
  Object.keys(counts).length === 0 ? [] : [`  ${title}: ${listed(counts)}`];
