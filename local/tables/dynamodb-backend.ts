import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Agent, createServer, request, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';

export interface DynamodbBackend {
  kind: 'dynoxide' | 'dynalite' | 'endpoint';
  /** Of its own process, if it has one here. */
  pid: number | undefined;
  call(operation: string, body: string | Buffer): Promise<{ status: number; body: string }>;
  stop(): Promise<void>;
}

const require = createRequire(import.meta.url);
const START_LIMIT_MS = 10_000;

/**
 * dynoxide where its binary is installed, dynalite elsewhere, or the endpoint that GODWIT_DYNAMODB_ENDPOINT names.
 * `file` keeps the tables between starts (dynoxide only; dynalite gets a directory beside it).
 */
export async function startDynamodb(
  file: string | undefined,
  choice?: 'dynalite' | 'dynoxide',
): Promise<DynamodbBackend> {
  const endpoint = process.env['GODWIT_DYNAMODB_ENDPOINT'];
  if (endpoint && !choice)
    return { kind: 'endpoint', pid: undefined, ...forwardTo(new URL(endpoint)), stop: async () => {} };
  const binary = dynoxideBinary();
  return binary && choice !== 'dynalite' ? startDynoxide(binary, file) : startDynalite(file);
}

function dynoxideBinary(): string | undefined {
  try {
    const binary = join(dirname(require.resolve('@dynoxide/linux-x64/package.json')), 'dynoxide');
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** Runs the emulator until its own stdin closes, so that not even a killed parent leaves it behind. */
const untilStdinCloses = '"$0" "$@" & child=$!; cat > /dev/null; kill "$child"; wait "$child"';

async function startDynoxide(binary: string, file: string | undefined): Promise<DynamodbBackend> {
  const port = await freePort();
  const words = [binary, '--port', String(port), ...(file ? ['--db-path', `${file}.sqlite`] : [])];
  const child = spawn('sh', ['-c', untilStdinCloses, ...words], { stdio: ['pipe', 'ignore', 'ignore'] });
  await untilListening(port, child);
  const { call, close } = forwardTo(new URL(`http://127.0.0.1:${port}`));
  return {
    kind: 'dynoxide',
    pid: child.pid,
    call,
    async stop() {
      close();
      if (child.exitCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      await gone;
    },
  };
}

async function startDynalite(file: string | undefined): Promise<DynamodbBackend> {
  const dynalite = require('dynalite') as (options: object) => Server;
  const server = dynalite({ createTableMs: 0, ...(file && { path: `${file}.dynalite` }) });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { call, close } = forwardTo(new URL(`http://127.0.0.1:${port}`));
  return {
    kind: 'dynalite',
    pid: undefined,
    call,
    async stop() {
      close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forwardTo(endpoint: URL): Pick<DynamodbBackend, 'call'> & { close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return {
    close: () => agent.destroy(),
    call: (operation, body) =>
      new Promise((resolve, reject) => {
        const outgoing = request(
          endpoint,
          {
            agent,
            method: 'POST',
            headers: {
              'content-type': 'application/x-amz-json-1.0',
              'content-length': Buffer.byteLength(body),
              'x-amz-target': `DynamoDB_20120810.${operation}`,
              // Both emulators want a signature to be there, and check nothing in it.
              'x-amz-date': '20260101T000000Z',
              authorization:
                'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
            },
          },
          (incoming) => {
            const chunks: Buffer[] = [];
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
            incoming.on('error', reject);
            incoming.on('end', () =>
              resolve({ status: incoming.statusCode ?? 500, body: Buffer.concat(chunks).toString('utf8') }),
            );
          },
        );
        outgoing.on('error', reject);
        outgoing.end(body);
      }),
  };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const giveUpAt = performance.now() + START_LIMIT_MS;
  for (;;) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (isUp) return;
    if (child.exitCode !== null || performance.now() > giveUpAt) {
      throw new Error(`dynoxide did not start (exit code ${child.exitCode})`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
