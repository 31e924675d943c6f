import type { MeasuredRow } from '../measured.ts';
import type { Part } from '../part.ts';
import { countedBefore } from '../store.ts';
import { mustDiffer, unmeasured } from '../table.ts';

/** Of what comes alone: an invocation with ten records waits for the longest of them, and for what they share. */
const ids = [
  'event.inert.known.1',
  'event.trait.known.1',
  'event.computed.known.1',
  'event.enters.known.1',
  'event.resumes.known.1',
  'event.inert.late.1',
  'reference.fixed.1',
];

const meanOf = (row: MeasuredRow, name: string): number => (row.roundTrips[name] ?? 0) / row.invocations[name]!;

/** How many calls to AWS an invocation waits for one after the other; read from what other parts have counted. */
export const tripsPart: Part = {
  name: 'trips',
  isDerived: true,
  async count() {
    const evaluate = (id: string) => meanOf(countedBefore(id), 'evaluate');
    mustDiffer(
      ...([
        'round trips of a repetition, which is looked up, against the event',
        evaluate('event.inert.known.1'),
      ] as const),
      evaluate('event.inert.late.1'),
    );
    return [];
  },
  text() {
    const lines = ids.map(countedBefore).flatMap((row) =>
      Object.keys(row.invocations)
        .filter((name) => row.roundTrips[name] !== undefined && row.invocations[name]! > 0)
        .map((name) => {
          const cells = [row.invocations[name]!.toFixed(2), meanOf(row, name).toFixed(2), row.longestChain[name]];
          return `| ${row.what} | ${name} | ${cells.join(' | ')} |`;
        }),
    );
    return render(lines);
  },
};

const render = (lines: readonly string[]): string => `## Calls to AWS that an invocation waits for

Written by \`npm run bench:cost -- --only trips\`, from what the parts \`events\` and \`rates\` have counted. A call counts where it began after another of its
invocation had been answered, seen inside the function: what is asked side by side counts once. Latency of an invocation is about this many
round trips, and nothing shortens it but fewer of them. The mean has what a container reads of the catalog every few seconds in it, and the most what it reads at its start.

| what | function | invocations | round trips, mean | most |
| --- | --- | --: | --: | --: |
${lines.join('\n')}

The control: a repetition that is looked up in the journal must wait for more than the event that is not.

${unmeasured(['How long a round trip takes on AWS.', 'The calls of Lambda itself: polling, deleting, logs.'])}
`;
