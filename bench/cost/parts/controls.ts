import { bootCloud } from '../../../local/cloud.ts';
import { assembly, DAY } from '../bench-cloud.ts';
import type { MeasuredRow } from '../measured.ts';
import { type Part, Rows } from '../part.ts';
import { countedBefore } from '../store.ts';
import { mustDiffer, table, unmeasured } from '../table.ts';

const CUSTOMERS = 50;
const controls = [
  ['steps', 'an execution per customer, a state per step'],
  ['interpreter', 'an execution per customer, one task that interprets'],
] as const;

/** The same journey as people build it on Step Functions by hand. */
export const controlsPart: Part = {
  name: 'controls',
  async count() {
    const rows = new Rows('controls');
    for (const [machine, what] of controls) await measureControl(rows, machine, what);
    const ours = countedBefore('reference.fixed.100');
    for (const { transitions } of rows.rows)
      mustDiffer('transitions of a control against ours', ours.transitions, transitions, 100);
    for (const { dollarsPerMillion } of rows.rows)
      mustDiffer('dollars of a control against ours', ours.dollarsPerMillion, dollarsPerMillion, 2);
    return rows.rows;
  },
  text: (rows) => render(rows, countedBefore('reference.fixed.100')),
};

async function measureControl(rows: Rows, machine: string, what: string): Promise<void> {
  const cloud = await bootCloud({ assembly: await assembly('bench/controls/app.ts'), frozen: true, seed: 1 });
  try {
    cloud.meter.reset();
    for (let i = 0; i < CUSTOMERS; i++) {
      const response = await fetch(`${cloud.api}/enter/${machine}`, {
        method: 'POST',
        body: JSON.stringify({ userId: `customer-${i}`, messageId: `${machine}-${i}` }),
      });
      if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
    }
    await cloud.advance(13 * DAY);
    const sent = cloud.messages().length;
    if (sent !== 3 * CUSTOMERS) throw new Error(`${machine}: ${sent} messages, not ${3 * CUSTOMERS}`);
    const open = cloud.executions().filter(({ status }) => status !== 'SUCCEEDED').length;
    if (open > 0) throw new Error(`${machine}: ${open} executions have not succeeded`);
    rows.add(`control.${machine}`, what, 'customer', CUSTOMERS, cloud.meter.read());
  } finally {
    await cloud.stop();
  }
}

function render(rows: readonly MeasuredRow[], ours: MeasuredRow): string {
  return `## The same journey without cohorts

Written by \`npm run bench:cost -- --only controls\`. Two state machines of \`bench/controls/\`, run by the same interpreter of Step Functions, metered by the same
meter, with the same call to SES: ${CUSTOMERS} customers each, event → message → wait a day → message → wait three days → message → wait a week → check → exit. They are as
bare as they can be: no consent, no caps, no journal, no claim before a message, no receipts. What Godwit does beside them is in its row.

${table([...rows, { ...ours, what: 'Godwit, 100 a second' }])}

| transitions, per million customers | | |
| --- | --: | --: |
${[...rows, { ...ours, what: 'Godwit, 100 a second' }].map(({ what, transitions }) => `| ${what} | ${Math.round(transitions * 1e6).toLocaleString('en-US')} | $${(transitions * 25).toFixed(2)} |`).join('\n')}

The control is the point: both must cost at least a hundred times as many transitions, and twice the dollars.

${unmeasured([
  'Errors and their retries, which are a transition each.',
  'The limit of a million open executions, which one execution per customer meets at 90,909 customers a day who stay eleven days.',
  "Lambda's gigabyte-seconds, logs, SES.",
])}
`;
}
