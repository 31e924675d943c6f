// `npm run bench:scale`: what happens under AWS's quotas at 10 million events a day, a billion, and a broadcast to 100 million. Simulated;
// docs/scale.md reads it. The same bytes every time.
import { writePlot } from './plot/write-plot.ts';
import { simulateDay } from './scale/day.ts';
import { assumptions, atNine, broadcastVariants, oneLeverBack } from './scale/levers.ts';
import { limitsTable } from './scale/limits.ts';
import { costPlot, dayPlots, eventAgePlot } from './scale/plots.ts';
import { billTable, daysTable, nineTable, variantsTable } from './scale/report.ts';
import { scenarios } from './scale/scenarios.ts';
import { work } from './scale/work.ts';
import { writeSection } from './write-section.ts';

const runs = scenarios.map(simulateDay);
const billions = oneLeverBack();
const days = `${daysTable(runs)}\n\n${billTable(runs)}`;
const sections = {
  'scale-days': days,
  'scale-limits': limitsTable(work),
  'scale-levers': `${variantsTable('a billion events a day, one lever back', 'events', billions)}

${variantsTable('a broadcast to 100 million', 'messages', broadcastVariants())}`,
  'scale-nine': nineTable(atNine()),
  'scale-assumptions': variantsTable('a billion events a day, levers pulled', 'events', assumptions()),
};
for (const [name, text] of Object.entries(sections)) writeSection(name, text, 'docs/scale.md');
for (const [name, plot] of Object.entries(dayPlots(runs))) writePlot(name, plot);
writePlot('scale-event-age', eventAgePlot(runs[2]!, billions));
writePlot('scale-cost', costPlot());

const summary = `## Under AWS's quotas, simulated

Written by \`npm run bench:scale\`; plots, levers, assumptions and what is not simulated: [docs/scale.md](docs/scale.md).

${days}

The controls: each load before and after the levers, and in docs/scale.md each lever put back alone.

### What it does not measure
- Anything on AWS: calls take what is assumed of them, AWS does what its documents say, and quotas of SES are assumed too.
- Failures and what comes again after them, cold starts, hot profiles, uneven partitions, anything below a second.
- In the bill: logs, KMS, storage, backups, empty receives, metrics, data transfer.
`;
writeSection('scale', summary);
process.stdout.write(`${summary}\n${Object.values(sections).join('\n\n')}\n`);
