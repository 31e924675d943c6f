import { bill, groups, type Line } from '../../shared/cost/bill.ts';
import { estimates } from '../../shared/cost/estimates.ts';
import { type Figures, rowOf } from '../../shared/cost/figures.ts';
import { type CountName, countsOf, type Load, loadOf } from '../../shared/cost/load.ts';
import { CHECKED, type Price, priceTable } from '../../shared/cost/prices.ts';
import { unseen } from '../../shared/cost/unseen.ts';
import { others } from './others.ts';
import { inTens, TENS } from './tens.ts';

const SIZES = [100_000, 1_000_000, 100_000_000];
const MIDDLE = 1_000_000;

const whole = (count: number): string => Math.round(count).toLocaleString('en-US');
/** Cents where they say something. */
const dollars = (amount: number): string =>
  amount < 0.005 ? '$0.00' : `$${amount < 100 ? amount.toFixed(2) : whole(amount)}`;
const percent = (part: number, of: number): string => `${Math.round((part / of) * 100)} %`;
const table = (head: readonly string[], rows: readonly (readonly string[])[], right = 1): string =>
  [head, head.map((_, i) => (i < right ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

/** What stands between the marks of docs/cost.md. */
export function billPage(figures: Figures): Readonly<Record<string, string>> {
  return {
    bills: bills(figures),
    parts: partsOf(figures),
    unseen: unseenOf(figures),
    sensitivity: sensitivity(figures),
    others: othersOf(figures),
    prices: pricesOf(),
  };
}

/** What stands between its marks in BENCHMARKS.md. */
export function billSection(figures: Figures): string {
  const all = SIZES.map((profiles) => bill(loadOf({ profiles }), 'likely', figures));
  const head = ['a month of', ...SIZES.map((size) => `${whole(size)} profiles`)];
  return `## A month, all in

Written by \`npm run bench:bill\`, which counts an event of each kind, a customer through the reference journey, a message of a broadcast, an opened one, a day of the daily jobs and a probe, each
alone: units, requests, bytes of logs, bytes added to tables, CPU of the worker threads. [docs/cost.md](docs/cost.md) makes three bills of it, line by line, with what no meter sees.

${table(head, [
  ['AWS', ...all.map((one) => dollars(one.awsDollars))],
  ['all in, with SES', ...all.map((one) => dollars(one.dollars))],
])}

Controls, without which the command fails: ten events in one request need less than a fifth of the FIFO requests that they need alone; an event that moves a trait writes more than one that does not; a
month without anybody costs less. Units are the same on every machine, requests of journeys and broadcasts nearly so, CPU is not.

Not measured: anything on AWS. Time on Lambda, KMS, polling and compression of logs are reckoned, with a range ([ADR 46](docs/adr/0046-the-monthly-bill-is-counted-and-reckoned.md)).`;
}

function bills(figures: Figures): string {
  const loads = SIZES.map((profiles) => loadOf({ profiles }));
  const all = loads.map((load) => bill(load, 'likely', figures));
  const [low, high] = (['low', 'high'] as const).map((certainty) =>
    loads.map((load) => bill(load, certainty, figures)),
  );
  const lines = all[0]!.lines;
  const row = ({ group, what, seen }: Line, i: number) => [
    group,
    `${what}${seen === 'estimated' ? ' *' : ''}`,
    ...all.map((one) => dollars(one.lines[i]!.dollars)),
  ];
  const total = (name: string, of: (one: (typeof all)[number]) => number) => [
    `**${name}**`,
    '',
    ...all.map((one) => `**${dollars(of(one))}**`),
  ];
  const range = loads.map((_, i) => `${dollars(low![i]!.dollars)} – ${dollars(high![i]!.dollars)}`);
  const middle = all[SIZES.indexOf(MIDDLE)]!;
  const shares = groups
    .filter((group) => group !== 'provider')
    .map((group) => ({
      group,
      sum: middle.lines.filter((line) => line.group === group).reduce((sum, line) => sum + line.dollars, 0),
    }))
    .sort((a, b) => b.sum - a.sum)
    .slice(0, 4)
    .map(({ group, sum }) => `${group} ${percent(sum, middle.awsDollars)}`);
  return `Written by \`npm run bench:bill\` from counts of ${figures.at}, at prices checked on ${CHECKED}. Lines with * are reckoned, the others were counted.

${table(
  ['', 'a month of', ...SIZES.map((size) => `${whole(size)} profiles`)],
  [
    ...lines.map(row),
    total('AWS', (one) => one.awsDollars),
    total('all in', (one) => one.dollars),
    ['', 'if all that is reckoned is at its least, and at its most', ...range],
    ['', 'for a profile', ...all.map((one, i) => `$${(one.dollars / SIZES[i]!).toFixed(6)}`)],
  ],
  2,
)}

Of the month of ${whole(MIDDLE)} profiles, SES takes ${percent(middle.dollars - middle.awsDollars, middle.dollars)}. Of what AWS takes beside it: ${shares.join(', ')}.`;
}

function partsOf(figures: Figures): string {
  const counts = countsOf(loadOf({ profiles: MIDDLE }));
  const rows = figures.rows.map((one) => {
    const times = one.id.endsWith(TENS) ? '' : whole(counts[one.id as CountName]);
    const invocations = Object.values(one.invocations).reduce((sum, count) => sum + count, 0);
    return [
      one.what,
      times,
      ...[one.writeUnits, one.readUnits, one.fifoRequests, one.standardRequests, one.transitions, invocations].map(
        (count) => count.toFixed(2),
      ),
      whole(one.logBytes),
      one.cpuMilliseconds.toFixed(1),
      whole(one.storedBytes['journal'] ?? 0),
    ];
  });
  const head = [
    ...['one of', `in a month of ${whole(MIDDLE)} profiles`, 'write units', 'read units', 'FIFO requests'],
    ...['standard requests', 'transitions', 'invocations', 'bytes of logs', 'CPU, ms', 'bytes in the journal'],
  ];
  return `${table(head, rows)}

${figures.customers} customers, one after another, one event in each request. A profile has ${whole(figures.profileBytes)} bytes in the end, identities included.
CPU is that of this machine's worker threads, this time.`;
}

function unseenOf(figures: Figures): string {
  const load = loadOf({ profiles: MIDDLE });
  const counts = countsOf(load);
  const all = bill(load, 'likely', figures);
  const known = {
    rows: (Object.keys(counts) as CountName[]).map((id) => [rowOf(figures, id), counts[id]] as const),
    ...{ deployed: figures.deployed, customMetrics: figures.customMetrics.length, logDays: load.logDays },
    tableGigabytes: all.lines.find(({ what }) => what === 'point-in-time recovery')!.count,
  };
  const [low, likely, high] = (['low', 'likely', 'high'] as const).map((certainty) =>
    unseen(known, estimates[certainty]),
  );
  const rows = likely!.map(({ id, what, how, source }, i) => [
    what,
    how,
    ...[low, likely, high].map((lines) => dollars(lines![i]!.count * priceTable[id].dollars)),
    source,
  ]);
  return `For ${whole(MIDDLE)} profiles.

| what | how it is reckoned | at least | likely | at most | source |
| --- | --- | --: | --: | --: | --- |
${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`;
}

function sensitivity(figures: Figures): string {
  const base = loadOf({ profiles: MIDDLE });
  const { email } = base.messages;
  const of = (load: Load, counted = figures) => bill(load, 'likely', counted);
  const cases: [string, ReturnType<typeof bill>][] = [
    ['as above', of(base)],
    ['twice the events', of({ ...base, events: base.events * 2 })],
    [
      'events that enter no journey come in tens, of ten customers in one request, and share batches',
      of(base, inTens(figures)),
    ],
    ['twice the messages', of({ ...base, messages: { ...base.messages, email: email * 2 } })],
    [
      'half of the messages are push notifications',
      of({ ...base, messages: { ...base.messages, email: email / 2, push: email / 2 } }),
    ],
    ['the journal is kept for 30 days, not 90', of({ ...base, journalDays: 30 })],
    ['the journal and messages are kept for a year', of({ ...base, journalDays: 365, messageDays: 365 })],
    ['twice the profiles, and no event or message more', of({ ...base, profiles: base.profiles * 2 })],
    ['nobody does anything', of(loadOf({ profiles: MIDDLE, newProfiles: 0, events: 0, messages: { email: 0 } }))],
    ['nobody is there', of(loadOf({ profiles: 0 }))],
  ];
  const first = cases[0]![1];
  return table(
    [`${whole(MIDDLE)} profiles`, 'AWS', 'all in', 'difference'],
    cases.map(([what, one], i) => [
      what,
      dollars(one.awsDollars),
      dollars(one.dollars),
      i === 0 ? '' : `${one.dollars < first.dollars ? '−' : '+'}${dollars(Math.abs(one.dollars - first.dollars))}`,
    ]),
  );
}

function othersOf(figures: Figures): string {
  const own = SIZES.map((profiles) => dollars(bill(loadOf({ profiles }), 'likely', figures).dollars));
  const sums = others.map(({ name, dollars: of }) => [
    name,
    ...SIZES.map((profiles) => {
      const { messages, events } = loadOf({ profiles });
      const sum = of({ profiles, emails: messages.email, events });
      return sum === undefined ? 'on request' : dollars(sum);
    }),
  ]);
  const lists = others.map(({ name, page, says, read }) => `- **${name}**: ${says}. [List](${page}); ${read}.`);
  return `${table(['a month', ...SIZES.map((size) => `${whole(size)} profiles`)], [['**Godwit in your own account, SES included**', ...own.map((one) => `**${one}**`)], ...sums])}

${lists.join('\n')}`;
}

function pricesOf(): string {
  const rows = Object.values(priceTable as Readonly<Record<string, Price>>).map(
    ({ dollars: each, per, page, against, read, beyond = [] }) => [
      per,
      // A price of a thousandth of a cent is read by the million.
      each === 0 ? 'your own' : each < 0.001 ? `$${Number((each * 1e6).toPrecision(6))} a million` : `$${each}`,
      beyond
        .map(([count, then]) => `${whole(count)}: $${Number((then < 0.001 ? then * 1e6 : then).toPrecision(6))}`)
        .join('; '),
      `[AWS](${page})`,
      `${against} (${read})`,
    ],
  );
  return table(['one', 'price', 'beyond', 'page', 'read in'], rows, 5);
}
