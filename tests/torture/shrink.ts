import { type FaultKind, faultKinds } from '../../local/cloud.ts';
import { type TortureOptions, type TortureResult, torture } from './torture.ts';

type Size = Pick<TortureOptions, 'customers' | 'days'> & { readonly kinds: readonly FaultKind[] };

/** What runs one size; a test puts another in its place. */
export type Run = (options: TortureOptions) => Promise<Pick<TortureResult, 'findings'>>;

const FEWEST = 12;

/**
 * A smaller run that breaks the same rule: half the customers, half the days, half the kinds of faults, as long as it
 * still does. Where threads race the same seed does not always fail again, so what is found may not be the smallest.
 */
export async function shrink(
  options: TortureOptions,
  rule: string,
  log: (line: string) => void,
  run: Run = torture,
): Promise<TortureOptions & Size> {
  let best = { ...options, kinds: options.kinds ?? faultKinds };
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const smaller of smallerThan(best)) {
      const { findings } = await run({ ...best, ...smaller });
      const fails = findings.some((finding) => finding.rule === rule);
      log(`${fails ? 'still fails' : 'holds      '} ${commandOf({ ...best, ...smaller })}`);
      if (!fails) continue;
      best = { ...best, ...smaller };
      isSmaller = true;
      break;
    }
  }
  return best;
}

function smallerThan({ customers, days, kinds }: Size): Partial<Size>[] {
  const half = Math.ceil(kinds.length / 2);
  return [
    ...(customers > FEWEST ? [{ customers: Math.max(FEWEST, Math.floor(customers / 2)) }] : []),
    ...(days > 1 ? [{ days: Math.ceil(days / 2) }] : []),
    ...(kinds.length > 1 ? [{ kinds: kinds.slice(0, half) }, { kinds: kinds.slice(half) }] : []),
  ];
}

/** What repeats it. */
export function commandOf({ kinds, severity = 1, ...options }: Omit<TortureOptions, 'assembly'>): string {
  const named = (['seed', 'customers', 'pages', 'days', 'events', 'minutes'] as const).flatMap((name) =>
    options[name] === undefined ? [] : [` --${name} ${options[name]}`],
  );
  const only = kinds === undefined || kinds.length === faultKinds.length ? '' : ` --kinds ${kinds.join()}`;
  const more = severity === 1 ? '' : ` --severity ${severity}`;
  return `npm run torture --${named.join('')}${more}${only}`;
}
