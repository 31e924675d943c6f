import { expect, it } from 'vitest';
import { run } from '../../cli/run.ts';
import { bill } from '../../shared/cost/bill.ts';
import { loadOf } from '../../shared/cost/load.ts';

const paint = { red: String, green: String, yellow: String, bold: String, dim: String };
const refuse = () => Promise.reject(new Error('nothing is asked'));
const terminal = { paint, canAsk: false, note: () => {}, show: () => {}, confirm: refuse, readSecret: refuse };
/** In a folder that is none of documents: nothing of it is needed. */
const cost = (line: string) => run(['cost', ...line.split(' ')], { cwd: '/', env: {}, terminal });

it('says each line, the sum, and between what it lies', async () => {
  const { exit, stdout } = await cost('--profiles 1000000 --events 20000000 --messages 4000000');
  const lines = stdout.split('\n');
  expect([exit, lines[0]]).toEqual([0, '1,000,000 profiles, 20,000,000 events and 4,000,000 messages a month']);
  const { dollars, lines: own } = bill(loadOf({ profiles: 1_000_000 }));
  expect(stdout).toMatch(new RegExp(`all in +\\$${dollars.toFixed(2).replace('.', '\\.')}`));
  expect(stdout).toMatch(/between \$\d+\.\d\d and \$\d+\.\d\d/);
  for (const { what } of own) expect(stdout).toContain(what);
});

it('is plain data with --json', async () => {
  const { exit, stdout } = await cost('--profiles 10 --sms 100 --sms-price 0.0075 --journal-days 120 --json');
  const said = JSON.parse(stdout);
  expect([exit, said.load]).toMatchObject([0, { profiles: 10, journalDays: 120, messageDays: 120, events: 200 }]);
  expect(said.lines.at(-1)).toMatchObject({ what: 'text messages of one part', count: 100, dollars: 0.75 });
  expect(said.range[0]).toBeLessThan(said.dollars);
  expect(said.dollars).toBeLessThan(said.range[1]);
});

it('refuses claims that are shorter than the journal', async () => {
  const { exit, stderr } = await cost('--profiles 10 --journal-days 100 --message-days 60');
  expect([exit, stderr]).toEqual([1, expect.stringContaining("60 days, which is less than the journal's 100")]);
});
