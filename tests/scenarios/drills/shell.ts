import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run as runGodwit } from '../../../cli/run.ts';
import type { World } from '../../../cli/verb.ts';
import { readDocument } from '../../docs/documents.ts';
import { splitCode } from '../../docs/markdown.ts';
import type { Environment } from '../environment.ts';
import { AwsCli } from './aws.ts';
import type { Figures } from './figures.ts';

export interface Shown {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Requests of curl that were answered with 400 or more. */
  readonly refused: readonly string[];
}

/**
 * A shell as an operator has it, after the functions of docs/runbooks/README.md were loaded: bash, curl and jq are the
 * machine's, `godwit` and `aws` are answered here, and `date +%s` is the clock of the local cloud.
 */
export class Shell {
  readonly #environment: Environment;
  readonly #aws: AwsCli;
  readonly #home = mkdtempSync(join(tmpdir(), 'godwit-drills-'));
  readonly #server = createServer((socket) => this.#hear(socket));
  #port = 0;

  constructor(environment: Environment, figures: Figures) {
    this.#environment = environment;
    this.#aws = new AwsCli(environment.cloud, figures);
    writeFileSync(join(this.#home, 'godwit.yaml'), `environments: { local: { api: "${environment.cloud.api}" } }`);
    // Pages show bodies; a drill must also see that a request was refused.
    writeFileSync(join(this.#home, '.curlrc'), 'write-out = "%{stderr}HTTP %{http_code} %{url}\\n"\n');
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#aws.close();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#home, { recursive: true, force: true });
  }

  run(commands: string, input = ''): Promise<Shown> {
    const seconds = Math.floor(this.#environment.cloud.now() / 1_000);
    const env = { PATH: process.env['PATH']!, HOME: this.#home, CURL_HOME: this.#home, NOW_SECONDS: `${seconds}` };
    return new Promise((resolve, reject) => {
      const script = [stand(this.#port), this.#loaded(), 'set -eu -o pipefail', commands].join('\n');
      const child = spawn('bash', ['-c', script], { cwd: this.#home, env });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk) => (stdout += chunk));
      child.stderr.on('data', (chunk) => (stderr += chunk));
      child.on('error', reject).on('close', (code) => {
        const refused = stderr.split('\n').filter((line) => /^HTTP [45]/.test(line));
        resolve({ code, stdout, stderr, refused });
      });
      child.stdin.end(input);
    });
  }

  /** What the README says to load, filled in as an operator would. */
  #loaded(): string {
    const block = splitCode(readDocument('docs/runbooks/README.md')).blocks[0]!.text;
    const filled = block
      .replace('PREFIX=godwit ENVIRONMENT=dev ', 'PREFIX=godwit ENVIRONMENT=local ')
      .replace('KEY=gw_api_ ', `KEY=${this.#environment.adminKey} `);
    if (!filled.includes('ENVIRONMENT=local') || !filled.includes(this.#environment.adminKey)) {
      throw new Error('docs/runbooks/README.md asks for something else than it did');
    }
    return filled;
  }

  /** How many words there are, then the words: which command, from which folder, and what stands behind it. */
  #hear(socket: Socket): void {
    let heard = '';
    socket.setEncoding('utf8').on('data', async (chunk) => {
      heard += chunk;
      const [count, ...words] = heard.split('\0');
      if (words.length <= Number(count)) return;
      const [command, folder, ...rest] = words.slice(0, Number(count)) as [string, string, ...string[]];
      const { code, text } = await (command === 'aws' ? this.#runAws(rest) : this.#runGodwit(folder, rest));
      socket.end(`${code}\n${text}`);
    });
    socket.on('error', () => socket.destroy());
  }

  async #runAws(words: readonly string[]): Promise<{ code: number; text: string }> {
    try {
      return { code: 0, text: await this.#aws.run(words) };
    } catch (error) {
      // As the AWS CLI ends when a service says no.
      return { code: 254, text: `aws ${words.join(' ')}: ${(error as Error).message}` };
    }
  }

  /** In this process: how the command starts as one of its own is tests/scenarios/cli.test.ts's. */
  async #runGodwit(cwd: string, words: readonly string[]): Promise<{ code: number; text: string }> {
    const said: string[] = [];
    const terminal: World['terminal'] = {
      paint: { red: String, green: String, yellow: String, bold: String, dim: String },
      canAsk: true,
      note: (line) => void said.push(`${line}\n`),
      show: (line) => void said.push(`${line}\n`),
      confirm: async () => true,
      readSecret: async () => '',
    };
    const env = { HOME: this.#home, GODWIT_API_KEY: this.#environment.adminKey };
    const { exit, stdout, stderr } = await runGodwit([...words], { cwd, env, terminal });
    return { code: exit, text: [...said, stdout, stderr].join('') };
  }
}

/** Without a process of its own for each word that is answered here: pages have hundreds. */
const stand = (port: number): string => `
through() {
  local code reply line
  exec {line}<>/dev/tcp/127.0.0.1/${port}
  printf '%s\\0' "$(($# + 1))" "$1" "$PWD" "\${@:2}" >&$line
  IFS= read -r code <&$line; IFS= read -r -d '' reply <&$line || true
  exec {line}>&-
  reply="\${reply%$'\\n'}"
  if [ "$code" = 0 ]; then [ -z "$reply" ] || printf '%s\\n' "$reply"; return 0; fi
  printf '%s\\n' "$reply" >&2; return "$code"
}
aws() { through aws "$@" || { echo "FAILED aws $1 $2" >&2; return 254; }; }
godwit() { through godwit "$@"; }
date() { if [ "$*" = +%s ]; then echo "$NOW_SECONDS"; else command date "$@"; fi; }
`;
