import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * Runs `local/app.ts` and returns the cloud assembly it wrote. A process of its own: aws-cdk-lib and the bundler need
 * several hundred megabytes that the running cloud should not carry.
 *
 * @throws Error with what the synthesis printed.
 */
export async function synthesize(directory: string, app = 'local/app.ts'): Promise<string> {
  const child = spawn(process.execPath, [join(root, app)], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  child.stderr.on('data', (chunk) => (printed += chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve));
  if (code !== 0) throw new Error(`synthesis failed:\n${printed}`);
  return directory;
}
