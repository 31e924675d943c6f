/**
 * The budgets that are counts. One that is missed fails the benchmark, unless it stands in `missed` with its reason; one that
 * stands there and is met fails it too, so that the list stays true.
 */
export interface Verdict {
  readonly what: string;
  readonly most: number;
  readonly found: number;
  readonly unit: string;
}

const durable =
  'each message is two writes, its claim and its receipt, and each record of a customer one of the profile and mostly one of the journal: these writes alone are most of it (table above)';

const missed: Readonly<Record<string, string>> = {
  'the same, the aim after that': durable,
};

const amount = (value: number, unit: string): string =>
  unit === '$' ? `$${value.toFixed(2)}` : `${value} ${unit}`.trim();

export function budgetTable(verdicts: readonly Verdict[]): string {
  const lines = verdicts.map(({ what, most, found, unit }) => {
    const word = found <= most ? 'met' : `missed: ${missed[what] ?? 'not explained'}`;
    return `| ${what} | ≤ ${amount(most, unit)} | ${amount(found, unit)} | ${word} |`;
  });
  return ['| budget | | counted | |', '| --- | --: | --: | --- |', ...lines].join('\n');
}

/** What is wrong with the list or with the figures. */
export function brokenBudgets(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.flatMap(({ what, most, found, unit }) => {
    const isMet = found <= most;
    if (isMet === !(what in missed)) return [];
    return isMet ? [`${what}: is met by now, take it off the list`] : [`${what}: ${found} ${unit}, of at most ${most}`];
  });
}
