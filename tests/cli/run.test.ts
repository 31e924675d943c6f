import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeKey } from '../../cli/config/keys.ts';
import { run } from '../../cli/run.ts';
import { visible } from '../../cli/terminal.ts';
import type { World } from '../../cli/verb.ts';
import { verbs } from '../../cli/verbs.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-run-'));
  writeFileSync(
    join(folder, 'godwit.yaml'),
    'environments: { one: { api: "http://127.0.0.1:9" }, two: { api: "https://two.example" } }',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const world = (env: Record<string, string> = {}): World => ({
  cwd: folder,
  env: { HOME: folder, ...env },
  terminal: {
    paint: { red: String, green: String, yellow: String, bold: String, dim: String },
    canAsk: false,
    note: () => {},
    show: () => {},
    confirm: () => Promise.reject(new Error('nobody is there')),
    readSecret: async () => 'hunter2',
  },
});

describe('what is called wrongly ends with 2, and says what would be right', () => {
  it.each<[string, RegExp]>([
    ['pusj', /there is no verb "pusj"\n {2}did you mean push\? Verbs are init, login, lint/],
    ['xyzzy', /there is no verb "xyzzy"\n {2}Verbs are/],
    ['cost', /cost needs --profiles N\n {2}godwit cost --profiles 100000/],
    ['cost --profiles many', /--profiles: a whole number from 0 to 10000000000, not "many"/],
    ['cost --profiles 1e6', /--profiles: a whole number from 0 to/],
    ['cost --profiles 5 --events -1', /--events/],
    ['cost --profiles 5 --messages 1.5', /--messages: a whole number from 0 to .*, not "1.5"/],
    ['cost --profiles 5 --sms 10', /--sms needs --sms-price DOLLARS/],
    ['cost --profiles 5 --sms 10 --sms-price free', /--sms-price: dollars from 0 to 10, as 0.0075, not "free"/],
    ['cost --profiles 5 --journal-days 0', /--journal-days: a whole number from 1 to 3650/],
    ['cost --profil 5', /cost has no option --profil\n {2}did you mean --profiles\?/],
    ['plan', /plan takes 1 words, not 0/],
    ['plan j --file gone.yaml --env one', /there is no file gone.yaml/],
    ['plan j --file a --same-step --env one', /one of them/],
    ['push --plan j.x --env one', /--plan needs --publish/],
    ['simulate', /simulate needs a SCENARIO/],
    ['simulate none.yaml --days 0', /--days: a whole number from 1 to 3660/],
    ['simulate none.yaml', /there is no file .*none.yaml/],
    ['verify none.ts --tries 0', /--tries: a whole number from 1 to/],
    ['verify none.ts', /there is no file .*none.ts/],
    ['push --dry-run', /--dry-run goes with --publish/],
    ['push --publish --dry-run --plan j.x', /--dry-run touches nobody/],
    ['test-run j --profile ada', /test-run needs --to ADDRESS/],
    ['test-run j --to me@team.example', /test-run needs --profile ID, or --traits JSON/],
    ['test-send t', /test-send needs --to ADDRESS/],
    ['test-run j --to a@b.example --traits [] --env one', /--traits: a JSON object/],
    ['push --publihs', /push has no option --publihs\n {2}did you mean --publish\?/],
    ['pause', /pause takes 1 words, not 0\n {2}godwit pause JOURNEY/],
    ['segment explain s', /takes a segment and a customer, or --where and a customer/],
    ['segment explain s ada --where x', /takes a segment and a customer, or --where and a customer/],
    ['diff extra', /diff takes 0 words, not 1/],
    ['diff', /which environment\? godwit.yaml names one, two\n {2}add --env NAME/],
    ['diff --env tow', /no environment "tow".*\n {2}did you mean two\?/],
    ['diff --env one', /no key for one .*\n {2}godwit login --env one/],
    ['lint --dir gone', /there is no folder/],
    ['lint nothing.yaml', /nothing.yaml is no document/],
    ['kill everything --env one', /is nothing that can be killed\n {2}write all, channel:email/],
    ['enroll j --file gone.csv --env one', /there is no file/],
    ['enroll j --file a --per-minute 0', /--per-minute: a whole number from 1 to/],
    ['login --env one', /no API key: it must begin with gw_api_, and has 7 characters/],
    ['tail --json', /add --once/],
    ['profile forget ada', /profile forget: not in this release/],
    ['profile export ada', /takes a customer and a folder/],
    ['segment erase vip --env one', /segment erase: not in this release/],
    ['promote --from one', /needs --from NAME and --to NAME/],
    ['promote --from one --to one', /are both one/],
    ['init .', /godwit.yaml already/],
  ])('%s', async (line, words) => {
    const args = line.split(' ');
    const ended = await run(args, world());
    const said = args.includes('--json') ? JSON.parse(ended.stdout).error.fix : ended.stderr;
    expect([ended.exit, said]).toEqual([2, expect.stringMatching(words)]);
    expect(ended.stdout + ended.stderr).not.toContain('hunter2');
  });

  it('and as JSON, when JSON was asked for', async () => {
    const { exit, stdout, stderr } = await run(['pusj', '--json'], world());
    expect([exit, JSON.parse(stdout).error.code, stderr]).toEqual([2, 'usage', '']);
  });
});

it('helps with every verb', async () => {
  const overview = (await run(['--help'], world())).stdout;
  for (const [called, load] of Object.entries(verbs)) {
    const { name, summary } = await load();
    expect(name).toBe(called);
    expect(overview).toContain(summary);
    expect((await run([name, '--help'], world())).stdout).toContain(summary);
  }
});

it('an API that does not answer is no usage error: 3', async () => {
  const { exit, stderr } = await run(['pause', 'j', '--env', 'one'], world({ GODWIT_API_KEY: 'gw_api_x' }));
  expect([exit, stderr]).toEqual([
    3,
    expect.stringContaining('POST http://127.0.0.1:9/v1/journeys/j/pause answered nothing'),
  ]);
});

describe('a godwit.yaml', () => {
  it.each([
    ['environments: { a: { api: "http://example.com" } }', 'http:// on this machine'],
    ['environments: { a: { api: "https://user@example.com" } }', 'https'],
    ['environments: { A: { api: "https://example.com" } }', 'lower-case'],
    ['environment: {}', 'did you mean "environments"?'],
  ])('%s is refused at its line', async (text, words) => {
    const other = mkdtempSync(join(folder, 'project-'));
    writeFileSync(join(other, 'godwit.yaml'), text);
    const { exit, stderr } = await run(['lint', '--dir', other], world());
    expect([exit, stderr]).toEqual([1, expect.stringContaining(words)]);
    expect(stderr).toMatch(/^godwit\.yaml:1:\d+ error/);
  });
});

describe('keys', () => {
  it('belong to an address, not to a name, and are not read when others can read them', async () => {
    const env = { XDG_CONFIG_HOME: join(folder, 'config') };
    const file = storeKey('https://two.example/', 'gw_api_two', env);
    storeKey('https://three.example', 'gw_api_three', env);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      'https://two.example': 'gw_api_two',
      'https://three.example': 'gw_api_three',
    });
    expect((await run(['pause', 'j', '--env', 'one'], world(env))).stderr).toContain('no key for one');
    chmodSync(file, 0o644);
    expect((await run(['pause', 'j', '--env', 'two'], world(env))).stderr).toContain(`chmod 600 ${file}`);
  });
});

it('no document writes to the terminal what is no text; our colours do', () => {
  expect(visible('a\u001b[31mb\u001b[39m\n\t')).toBe('a\u001b[31mb\u001b[39m\n\t');
  expect(visible('\u001b]0;title\u0007\u001b[2J\r\u009b')).toBe('\ufffd]0;title\ufffd\ufffd[2J\ufffd\ufffd');
});
