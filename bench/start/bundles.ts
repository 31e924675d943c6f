import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle } from '../../infra/bundle.ts';

const root = join(import.meta.dirname, '..', '..');
/** Inside the repository: sources are looked up from there. */
const folder = join(root, '.godwit', 'bench-start');

const clients: Readonly<Record<string, string>> = {
  'client-dynamodb': 'DynamoDBClient',
  'client-s3': 'S3Client',
  'client-sesv2': 'SESv2Client',
  'client-sfn': 'SFNClient',
  'client-sqs': 'SQSClient',
};

/** Names of the packages of AWS's clients among what a function reads at its start. */
export function clientsIn(inputs: readonly string[]): string[] {
  return [
    ...new Set(inputs.flatMap((path) => /node_modules\/@aws-sdk\/(client-[^/]+)\//.exec(path)?.[1] ?? [])),
  ].sort();
}

/** A bundle that makes one of each of these clients, and does nothing else. */
export function bundleOfClients(packages: readonly string[]): string {
  const made = packages.map((one) => {
    const client = clients[one];
    if (client === undefined) throw new Error(`which client is made of @aws-sdk/${one}?`);
    return [`import { ${client} } from '@aws-sdk/${one}';`, `new ${client}({});`] as const;
  });
  return bundleOf(packages.join('-'), [
    ...made.map(([load]) => load),
    ...made.map(([, make]) => make),
    'export const handler = () => {};',
  ]);
}

/** Bundled as the functions are; answers the file that Lambda would load. */
export function bundleOf(name: string, lines: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const source = join(folder, `${name}.ts`);
  writeFileSync(source, `${lines.join('\n')}\n`);
  bundle({ [name]: source }, folder);
  return join(folder, name, 'index.mjs');
}

/** Of all files, each compressed alone as in a zip file. */
export function gzipBytes(directory: string): number {
  const files = readdirSync(directory).filter((file) => file.endsWith('.mjs'));
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(join(directory, file))).length, 0);
}
