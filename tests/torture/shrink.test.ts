import { expect, it } from 'vitest';
import { faultKinds } from '../../local/cloud.ts';
import { summaryOf } from './report.ts';
import { commandOf, type Run, shrink } from './shrink.ts';

const options = { assembly: '', seed: 9, customers: 1_000, pages: 4, days: 12 };

it('shrinks to the fault that does it, few customers and one day; another rule is no failure', async () => {
  const tried: string[] = [];
  const run: Run = async ({ customers, kinds = faultKinds }) => {
    const fails = customers >= 20 && kinds.includes('partial-batch');
    return { findings: [{ rule: fails ? 'G1 lost' : 'G2 doubled', who: 'm', detail: '' }] };
  };
  const smallest = await shrink(options, 'G1 lost', (line) => tried.push(line), run);
  expect(commandOf(smallest)).toBe(
    'npm run torture -- --seed 9 --customers 31 --pages 4 --days 1 --kinds partial-batch',
  );
  expect(tried.length).toBeLessThan(40);
});

it('counts what was broken by guarantee', () => {
  const findings = [
    { rule: 'G1 lost', who: 'm', detail: '' },
    { rule: 'stuck', who: 'p', detail: '' },
    { rule: 'G10 cap', who: 'p', detail: '' },
  ];
  const figures = { events: 1_234_567, seconds: 60 };
  const text = summaryOf(options, { findings, figures, faults: { throttled: 2 }, ends: { sent: 3 } }, '2026-11-26');
  expect(text).toContain(
    '`npm run torture -- --seed 9 --customers 1000 --pages 4 --days 12` on 2026-11-26: 60 seconds.',
  );
  expect(text.match(/\| (G\d+[^|]*) \| 1 \|/g)).toEqual([
    '| G1 events lost | 1 |',
    '| G1, G6 profiles, queues and executions that are stuck | 1 |',
    '| G10 messages against the policy, or kept back without its reason | 1 |',
  ]);
  expect(text).toContain('| events | 1,234,567 |');
});
