import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run as runInside } from '../../cli/run.ts';
import type { World } from '../../cli/verb.ts';
import { splitCode } from '../docs/markdown.ts';
import { bootEnvironment, type Environment, HOUR } from './environment.ts';

const root = join(import.meta.dirname, '../..');
const command = join(root, 'cli/godwit.mjs');

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let home: string;
let environment: Environment;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'godwit-cli-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The environment of a process of somebody who has just installed it: no keys, no state, no colours to strip. */
function processEnv(more: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env['PATH']!, HOME: home, ...more };
}

function run(file: string, args: string[], cwd: string, input = '', more: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: processEnv(more) });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject).on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}

describe('the session of docs/cli.md', () => {
  beforeAll(async () => {
    environment = await bootEnvironment();
  });
  afterAll(() => environment?.stop());

  it('runs as it is written, and says what it promises', async () => {
    const { blocks } = splitCode(readFileSync(join(root, 'docs/cli.md'), 'utf8'));
    const typed = blocks.filter(({ language }) => language === 'bash').map(({ text }) => text);
    const script = `set -euo pipefail\ngodwit() { echo "\\$ godwit $*"; "${process.execPath}" "${command}" "$@"; }\n${typed.join('\necho\n')}`;
    const { cloud, adminKey, ingestKey } = environment;
    const ended = await run('bash', ['-c', script], home, '', {
      API: cloud.api,
      LOCAL: cloud.inbox.replace(/\/inbox$/, ''),
      API_KEY: adminKey,
      WRITE_KEY: ingestKey,
    });
    const output = `${ended.stdout}\n${ended.stderr}`;
    expect(ended.code, output).toBe(0);
    for (const words of [
      '3 documents: 0 errors, 0 warnings',
      'published journey welcome as version 1',
      'no difference to local',
      '~ /steps/two-days/for: "PT48H" → "PT24H"',
      'exit code 1',
      'welcome in local: the draft would be version 2',
      'nobody is in flight',
      'published journey welcome as version 2',
      '5 files written',
      'Subject: Ada, welcome',
      'entry.entered',
      'message.decided',
      'stands at two-days of version 2',
      'yes: did "Signed Up" in last 7 days and profile.firstName = "Ada"',
      'saw 1 times',
      'welcome in local is paused',
      'welcome in local is live',
      'switch journey:welcome in local is on',
      '2 accepted, 0 refused',
      '1 of 1 rows are in the collections of local',
      'jacket-7  {"name":"Rain jacket","price":{"amount":89.5,"currency":"EUR"}}',
      'welcome in local is draining',
    ]) {
      expect(output).toContain(words);
    }
    // The key is tried out and kept, and shown nowhere.
    expect(output).not.toContain(adminKey);
    const file = join(home, '.config/godwit/keys.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ [cloud.api]: adminKey });
  }, 180_000);
});

describe('a team with documents of all kinds', { timeout: 180_000 }, () => {
  let folder: string;
  /** In this process: that the command starts as one of its own is shown above, with every verb that docs/cli.md names. */
  async function godwit(
    args: string[],
    { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
  ) {
    let [shown, noted] = ['', ''];
    const terminal: World['terminal'] = {
      paint: { red: String, green: String, yellow: String, bold: String, dim: String },
      canAsk: false,
      note: (line) => {
        noted += `${line}\n`;
      },
      show: (line) => {
        shown += `${line}\n`;
      },
      confirm: () => Promise.reject(new Error('nobody is there')),
      readSecret: async () => input.trim(),
    };
    const { exit, stdout, stderr } = await runInside(args, { cwd: folder, env: processEnv(env), terminal });
    return { code: exit, stdout: shown + stdout, stderr: noted + stderr };
  }
  const endWhen = (args: string[], said: string) =>
    new Promise<NodeJS.Signals | null>((resolve, reject) => {
      const child = spawn(process.execPath, [command, ...args], { cwd: folder, env: processEnv() });
      child.stdin.end();
      child.stdout.resume();
      child.stderr.on('data', (chunk) => String(chunk).includes(said) && child.kill('SIGTERM'));
      child.on('error', reject).on('close', (_code, signal) => resolve(signal));
    });
  const json = async (args: string[]) => {
    const ended = await godwit([...args, '--json']);
    return { code: ended.code, body: JSON.parse(ended.stdout) };
  };
  const files = () =>
    Object.fromEntries(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== 'godwit.yaml')
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
    );

  beforeAll(async () => {
    environment = await bootEnvironment();
    folder = join(home, 'team');
    cpSync(join(root, 'examples/shop'), folder, { recursive: true });
    writeFileSync(join(folder, 'godwit.yaml'), `environments: { local: { api: "${environment.cloud.api}" } }\n`);
    writeFileSync(join(folder, 'journeys/hint.ts'), hint);
    expect((await godwit(['login'], { input: `${environment.adminKey}\n` })).code).toBe(0);
  });
  afterAll(() => environment?.stop());

  it('is refused without --yes when nobody can be asked, and nothing has changed', async () => {
    const refused = await godwit(['push', '--publish']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('add --yes');
    expect((await environment.call('GET', '/v1/journeys')).body.data).toEqual([]);
  });

  it('pushes the examples and a journey in TypeScript; then nothing differs, and nothing is written again', async () => {
    const { code, stdout } = await run(process.execPath, [command, 'push', '--publish', '--yes', '--json'], folder);
    const body = JSON.parse(stdout);
    expect(code, stdout).toBe(0);
    expect(
      body.done.filter((one: { done: string }) => one.done === 'published').map((one: { id: string }) => one.id),
    ).toEqual([
      'birthday',
      'browse-abandonment',
      'cart-abandonment',
      'hint',
      'post-purchase',
      'replenishment',
      'welcome',
      'win-back',
    ]);
    expect((await json(['diff'])).body.documents.every((one: { action: string }) => one.action === 'none')).toBe(true);
    const again = await json(['push', '--publish', '--yes']);
    expect(again.body.done).toEqual([]);
  });

  it('pulls back what it pushed: into an empty folder the same documents, into its own not a letter', async () => {
    const before = files();
    expect((await godwit(['pull', '--yes'])).code).toBe(0);
    const own = files();
    expect(Object.fromEntries(Object.keys(before).map((file) => [file, own[file]]))).toEqual(before);

    const empty = mkdtempSync(join(home, 'empty-'));
    writeFileSync(join(empty, 'godwit.yaml'), readFileSync(join(folder, 'godwit.yaml')));
    expect((await godwit(['pull', '--dir', empty])).code).toBe(0);
    expect(readFileSync(join(empty, 'templates/welcome/email.de.mjml'), 'utf8')).toBe(
      before['templates/welcome/email.de.mjml'],
    );
    expect(readFileSync(join(empty, 'journeys/welcome.yaml'), 'utf8')).toContain('if: did "Order Completed" ever');
    const same = await json(['diff', '--dir', empty]);
    expect([same.code, same.body.onlyThere]).toEqual([0, []]);
  });

  it('shows what somebody else changed, and does not overwrite it behind their back', async () => {
    const topic = await environment.call('GET', '/v1/topics/offers');
    const theirs = { ...topic.body, name: 'Offers' };
    await environment.call('PUT', '/v1/topics/offers', theirs, { 'if-match': topic.headers.get('etag')! });
    const { code, body } = await json(['diff']);
    expect(code).toBe(1);
    expect(body.documents.find((one: { id: string }) => one.id === 'offers').changes).toEqual([
      { pointer: '/name', change: 'changed', before: 'Offers', after: 'Offers and reminders' },
    ]);
    const before = files();
    expect((await godwit(['pull'])).code).toBe(2);
    expect(files()).toEqual(before);
    expect((await godwit(['pull', '--yes'])).code).toBe(0);
    expect(readFileSync(join(folder, 'topics/offers.yaml'), 'utf8')).toContain('name: Offers\n');
    expect((await godwit(['diff'])).code).toBe(0);
  });

  it('says file, line and fix of what is wrong, and sends none of it', async () => {
    const file = join(folder, 'journeys/welcome.yaml');
    const sound = readFileSync(file, 'utf8');
    writeFileSync(file, sound.replace('next: two-days', 'next: tow-days'));
    const { code, stdout } = await godwit(['lint']);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /journeys\/welcome\.yaml:14:11 error journey\.next-dangling \/steps\/hello\/next: .*two-days/,
    );
    expect((await godwit(['push', '--yes'])).code).toBe(1);
    writeFileSync(file, sound);
    const enumTs = join(folder, 'journeys/enum.ts');
    writeFileSync(enumTs, 'enum A { B }\nexport default A;\n');
    const notStripped = await godwit(['lint']);
    expect([notStripped.code, notStripped.stderr]).toEqual([1, expect.stringContaining('no enum, no namespace')]);
    rmSync(enumTs);
    const found = await json(['lint', '--env', 'local']);
    const inFolder = Object.keys(files()).filter((name) =>
      /^(policy|(topics|segments|computed-traits|collections|journeys)\/[^/]+|templates\/([^/]+\/template|[^/]+))\.(yaml|ts)$/.test(
        name,
      ),
    );
    expect([found.code, found.body.documents]).toEqual([0, inFolder.length]);
  });

  it('goes on with a file of customers where it broke off, and enrols nobody twice', async () => {
    // Under another name: this process has read the file of the old one, and a module is read once.
    rmSync(join(folder, 'journeys/hint.ts'));
    writeFileSync(
      join(folder, 'journeys/hint-by-request.ts'),
      hint.replace("{ on: 'event', event: 'Hinted' }", "{ on: 'api', properties: { total: { type: 'number' } } }"),
    );
    expect((await godwit(['push', '--publish', '--yes'])).code).toBe(0);
    await environment.cloud.advance(15_000);
    const rows = Array.from({ length: 30 }, (_, i) => `c${i},"c${i}@mail.example",${i === 24 ? '' : i}`);
    writeFileSync(join(folder, 'customers.csv'), `id,traits.email,properties.total\r\n${rows.join('\r\n')}\r\n`);
    const args = ['enroll', 'hint', '--file', 'customers.csv', '--yes'];
    // The first twenty are sent at once, then it waits for its minute: there it is ended.
    const broken = await endWhen([...args, '--per-minute', '20'], '20 of 30 sent');
    expect(broken).toBe('SIGTERM');
    const [rest, again] = [await json(args), await json(args)];
    expect([rest.code, rest.body.answeredBefore, rest.body.accepted]).toEqual([0, 20, 10]);
    expect([again.code, again.body.answeredBefore, again.body.accepted]).toEqual([0, 0, 30]);
    await environment.cloud.settle();
    // Sent twice under the same Idempotency-Keys, and entered once.
    const reasons = await environment.reasons('c7');
    expect(reasons.filter(({ code }) => code === 'entry.entered')).toHaveLength(1);
    expect(reasons.filter(({ code }) => code.startsWith('entry.'))).toHaveLength(1);
    await environment.cloud.advance(25 * HOUR);
    const { body } = await json(['why', 'c7', '--journey', 'hint']);
    expect(body.reasons.map(({ code }: { code: string }) => code)).toContain('message.decided');
  });

  it('publishes with a plan what the plan was made for, and nothing else', async () => {
    const file = join(folder, 'journeys/welcome.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('PT48H', 'PT24H'));
    writeFileSync(join(folder, 'moves.yaml'), 'default: same-step\nversions: { 1: { hint: { leave: late } } }\n');
    expect((await godwit(['push', '--yes'])).code).toBe(0);
    const made = await json(['plan', 'welcome', '--file', 'moves.yaml']);
    expect([made.code, made.body.version, made.body.moves.default]).toEqual([0, 2, 'same-step']);
    const pushed = await json(['push', '--publish', '--plan', made.body.id, '--yes']);
    expect(pushed.body.done).toMatchObject([{ id: 'welcome', done: 'published', version: 2 }]);
    const again = await json(['push', '--publish', '--plan', made.body.id, '--yes']);
    expect([again.code, again.body.error.detail]).toEqual([2, expect.stringContaining('for no journey')]);
  });

  it('publishes as a dry run, and the same documents for real, which ends it', async () => {
    writeFileSync(join(folder, 'journeys/rehearsal.ts'), hint.replaceAll("'hint'", "'rehearsal'"));
    const dry = await json(['push', '--publish', '--dry-run', '--yes']);
    const done = (version: number) => [{ kind: 'journey', id: 'rehearsal', done: 'published', version, warnings: [] }];
    const of = ({ documents }: { documents: { id: string }[] }) => documents.find(({ id }) => id === 'rehearsal');
    expect([dry.code, dry.body.done, of(dry.body)]).toEqual([0, done(1), expect.objectContaining({ dryRun: true })]);
    const real = await json(['push', '--publish', '--yes']);
    expect([real.code, real.body.done, of(real.body)]).toEqual([
      0,
      done(2),
      expect.objectContaining({ changes: [], notes: ['ends the dry run'] }),
    ]);
    const { journey } = (await environment.call('GET', '/v1/journeys/rehearsal/versions')).body;
    expect(journey).toMatchObject({ live: 2, dryRun: false, hasDraft: false });
  });

  it('explains refusals of the environment by their pointers, with exit code 3', async () => {
    const { code, stderr } = await godwit(['pause', 'nobody']);
    expect(code).toBe(3);
    expect(stderr).toContain('answered 404: there is no journey nobody (journey.not-found)');
    const wrongKey = await godwit(['diff'], { env: { GODWIT_API_KEY: 'gw_api_wrong' } });
    expect([wrongKey.code, wrongKey.stderr.includes('gw_api_wrong')]).toEqual([3, false]);
  });
});

const hint = `import { defineJourney } from 'godwit';

const wait: string = 'PT24H';

export default defineJourney({
  schemaVersion: 1,
  id: 'hint',
  name: 'A hint',
  topic: 'offers',
  entry: [{ on: 'event', event: 'Hinted' }],
  reentry: { again: 'after-exit', whileInside: 'ignore' },
  start: 'a-day',
  steps: {
    'a-day': { type: 'wait', for: wait, next: 'mail' },
    mail: { type: 'message', template: 'miss-you', channels: ['email'], next: 'end' },
  },
});
`;
