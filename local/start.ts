// `npm start`: synthesise, boot, load the examples, let made-up customers shop, print what came of it, stay up.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bootCloud, type LocalCloud } from './cloud.ts';
import { ApiClient } from './demo/api-client.ts';
import { loadExamples } from './demo/load-examples.ts';
import { printReport } from './demo/report.ts';
import { runShop } from './demo/shop.ts';
import { synthesize } from './synthesize.ts';

const usage = `npm start -- [options]
  --once            end after the table, with exit code 0
  --empty           no examples and no made-up customers
  --json            print one line of JSON on stdout when ready (all else goes to stderr)
  --port N          port of the API (default: a free one)
  --data DIR        keep the state there between starts
  --customers N     made-up customers (default 300)
  --days N          days that pass (default 18)
  --verbose         what functions log, on stderr
  --seed N          the same seed gives the same table (default 1)
`;

const root = join(import.meta.dirname, '..');
/** A Monday morning in Berlin: the demo's figures depend on the weekday and the hour, so it always begins here. */
const demoStart = Date.parse('2026-11-23T08:00:00Z');

function readOptions() {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      empty: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      port: { type: 'string' },
      data: { type: 'string' },
      customers: { type: 'string', default: '300' },
      days: { type: 'string', default: '18' },
      seed: { type: 'string', default: '1' },
    },
  });
  const number = (name: 'customers' | 'days' | 'seed' | 'port', least: number, most: number): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < least || value > most)
      throw new Error(`--${name}: a whole number from ${least} to ${most}, not ${JSON.stringify(values[name])}`);
    return value;
  };
  return {
    ...values,
    customers: number('customers', 1, 100_000),
    days: number('days', 1, 365),
    seed: number('seed', 0, 2 ** 32 - 1),
    port: values.port === undefined ? undefined : number('port', 0, 65_535),
  };
}

interface Keys {
  readonly adminKey: string;
  readonly ingestKey: string;
}

/** New keys, or with a data directory those of the start before. */
async function issueKeys(cloud: LocalCloud, keyFile: string | undefined): Promise<Keys> {
  if (keyFile !== undefined && existsSync(keyFile)) return JSON.parse(readFileSync(keyFile, 'utf8')) as Keys;
  const issue = async (request: { name: string; kind: 'api' | 'ingest'; scopes?: string[] }) =>
    ((await cloud.invoke('issue-key', request)) as { secret: string }).secret;
  const keys = {
    adminKey: await issue({ name: 'local admin', kind: 'api', scopes: ['*'] }),
    ingestKey: await issue({ name: 'local shop', kind: 'ingest' }),
  };
  if (keyFile !== undefined) writeFileSync(keyFile, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

async function main(): Promise<void> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
  if (options.help) return void process.stdout.write(usage);
  const log = (line: string) => (options.json ? process.stderr : process.stdout).write(`${line}\n`);

  log('synthesising the stacks …');
  const work = join(root, '.godwit');
  mkdirSync(work, { recursive: true });
  const assembly = await synthesize(join(work, 'cdk.out'));
  const dataDir = options.data === undefined ? undefined : resolve(options.data);
  const keyFile = dataDir === undefined ? undefined : join(dataDir, 'keys.json');
  const isKept = keyFile !== undefined && existsSync(keyFile);
  const isDemo = !options.empty && !isKept;
  log(isKept ? `going on with the state in ${dataDir} …` : 'starting the local cloud …');
  const cloud = await bootCloud({
    assembly,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(dataDir === undefined ? {} : { dataDir }),
    // A frozen clock: what comes of the demo must not depend on how fast this machine is.
    ...(isDemo ? { startTime: demoStart, frozen: true } : {}),
    ...(options.verbose ? { log: (line: string) => process.stderr.write(`${line}\n`) } : {}),
  });
  let stopping = false;
  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    await cloud.stop();
    process.exit(code);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(0));

  try {
    const { adminKey, ingestKey } = await issueKeys(cloud, keyFile);
    if (isDemo) {
      const api = new ApiClient(cloud.api, adminKey);
      await loadExamples(api, join(root, 'examples', 'shop'), log);
      log(`${options.customers} customers shop for four days, then ${Math.max(0, options.days - 4)} days pass …`);
      const shop = await runShop(cloud, { ...options, writeKey: ingestKey, log });
      await printReport(api, cloud, shop, log);
      cloud.thaw();
    }
    if (options.json)
      process.stdout.write(
        `${JSON.stringify({ api: cloud.api, inbox: cloud.inbox, clock: cloud.clock, ingestKey, adminKey })}\n`,
      );
    else {
      log(`\n  inbox   ${cloud.inbox}\n  API     ${cloud.api}\n  docs    ${cloud.api}/docs\n  clock   ${cloud.clock}`);
      log(`\n  write key  ${ingestKey}\n  API key    ${adminKey}`);
    }
    if (options.once) await stop(0);
    else log('\nrunning until Ctrl-C');
  } catch (error) {
    process.stderr.write(`${(error as Error).stack}\n`);
    await stop(1);
  }
}

await main();
