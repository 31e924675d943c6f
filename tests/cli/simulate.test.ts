import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../cli/run.ts';
import { processTerminal } from '../../cli/terminal.ts';

const shop = join(import.meta.dirname, '../../examples/shop');
const scenarios = join(shop, 'simulations');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-simulate-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
const terminal = { ...processTerminal(), note: () => {} };
const godwit = (...args: string[]) => run([...args, '--dir', shop], { cwd: folder, env: {}, terminal });

describe('godwit simulate', () => {
  it('shows what became of every message', async () => {
    const { exit, stdout } = await godwit('simulate', join(scenarios, 'two-weeks.yaml'));
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^2000 customers, 2026-11-23T07:00:00.000Z to 2026-12-07T07:00:00.000Z, seed 1$/m);
    expect(stdout).toMatch(/^cart-abandonment: \d+ entered, \d+ reached the goal/m);
    expect(stdout).toMatch(/^ {2}reminder {6}cart-reminder +\d+ .* quiet-hours \d+/m);
    expect(stdout).toMatch(/^ {2}an-hour +\d+ +100 % +█+/m);
    expect(stdout).toMatch(/^ {2}Mon 23 Nov +\d+ +█/m);
    expect(stdout).toMatch(/^cost: AWS \$\d+\.\d\d, provider \$\d+\.\d\d$/m);
  });

  it('writes a page beside it', async () => {
    const { exit, stdout } = await godwit(
      'simulate',
      join(scenarios, 'two-weeks.yaml'),
      '--days',
      '2',
      '--html',
      'page.html',
    );
    expect(exit).toBe(0);
    expect(stdout).toContain(`the page is in ${join(folder, 'page.html')}`);
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toMatch(
      /^<!DOCTYPE html>[\s\S]*What would happen: 23 Nov 2026 to 25 Nov 2026/,
    );
  });

  it('says that a page cannot be written', async () => {
    const { exit, stderr } = await godwit(
      'simulate',
      join(scenarios, 'two-weeks.yaml'),
      '--days',
      '1',
      '--html',
      'no/such/page.html',
    );
    expect([exit, stderr]).toEqual([2, expect.stringContaining('no/such/page.html cannot be written')]);
  });

  it('takes days and seed from the command, and histories from a file beside the scenario', async () => {
    const signedUp = { userId: 'ada', at: '2026-11-23T09:00:00Z', event: 'Signed Up', properties: {} };
    const traits = { userId: 'ada', at: '2026-11-23T08:00:00Z', traits: { email: 'ada@mail.example' } };
    write('told.ndjson', [traits, signedUp].map((one) => JSON.stringify(one)).join('\n'));
    const scenario = write('s.yaml', 'from: 2026-11-23T07:00:00Z\ndays: 30\nhistories: told.ndjson');
    const { exit, stdout } = await godwit('simulate', scenario, '--days', '1', '--seed', 'x', '--json');
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      customers: 1,
      until: '2026-11-24T07:00:00.000Z',
      seed: 'x',
      journeys: { welcome: { entered: 1 } },
    });
  });

  it('says where a scenario is wrong', async () => {
    const scenario = write(
      'wrong.yaml',
      'from: 2026-11-23T07:00:00Z\ndays: 30\npopulation:\n  customers: -1\n  events: []',
    );
    const { exit, stderr } = await godwit('simulate', scenario);
    expect(exit).toBe(1);
    expect(stderr).toMatch(/wrong\.yaml:4:14.*\/population\/customers/);
    expect(stderr).toContain('nothing was simulated');
  });
});

describe('godwit verify', () => {
  it('says how hard it looked', async () => {
    const { exit, stdout } = await godwit('verify', join(scenarios, 'rules.ts'), '--tries', '60');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^60 lives, and none of them breaks a rule:\n {2}never more than 2 messages per day$/m);
  });

  it('ends with 1 and the shortest story when a rule is broken, in rules that lie anywhere', () => {
    const rules = write(
      'strict.ts',
      "import { maxMessagesPer } from 'godwit/simulation';\nexport default [maxMessagesPer({ max: 0, per: 'P1D', template: 'welcome' })];",
    );
    const launcher = join(import.meta.dirname, '../../cli/godwit.mjs');
    const { status, stdout } = spawnSync(process.execPath, [launcher, 'verify', rules, '--dir', shop], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stdout).toContain('a rule is broken');
    expect(stdout).toMatch(/does "Signed Up"/);
    expect(stdout).toMatch(/gets welcome by email/);
  });

  it.each([
    ['export default [];', /not a list of rules/],
    ['export default { name: "x" };', /not a list of rules/],
    ['export const rules = [];', /has no default export/],
  ])('refuses %s', async (text, words) => {
    const { exit, stderr } = await godwit('verify', write(`r${text.length}.ts`, text));
    expect([exit, stderr]).toEqual([1, expect.stringMatching(words)]);
  });
});
