import { cpSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { JsonObject } from '../assembly/read-assembly.ts';
import type { ResolvedAssembly, ResolvedResource } from '../assembly/resolve-assembly.ts';

export interface FunctionDefinition {
  name: string;
  arn: string;
  logicalId: string;
  roleArn: string;
  /** Without the `:*` at its end. */
  logGroupArn: string;
  /** File that is imported, and the name of its export. */
  file: string;
  exportName: string;
  timeoutSeconds: number;
  memoryMb: number;
  environment: Record<string, string>;
  reservedConcurrency: number | undefined;
  /** `RecursiveLoop: Allow` switches the recursion guard off [L10]. */
  mayRecurse: boolean;
}

/** Where code comes from: asset directories by key, and room for what has to be written first. */
export interface CodeSources {
  assets: Map<string, string>;
  /** A new, empty directory. */
  scratch: () => string;
}

/** Functions of the assembly, with the files they run from. */
export function readFunctions(assembly: ResolvedAssembly, sources: CodeSources): FunctionDefinition[] {
  return assembly.ofType('AWS::Lambda::Function').map((resource) => {
    const properties = resource.properties;
    const runtime = String(properties['Runtime']);
    if (!runtime.startsWith('nodejs'))
      throw new Error(`${resource.logicalId}: runtime ${runtime} does not run here, only nodejs`);
    const environment = (properties['Environment'] as JsonObject | undefined)?.['Variables'] as JsonObject | undefined;
    const { file, exportName } = entryOf(resource, sources);
    return {
      name: resource.name,
      arn: resource.arn,
      logicalId: resource.logicalId,
      roleArn: String(properties['Role']),
      logGroupArn: logGroupArnOf(resource),
      file,
      exportName,
      timeoutSeconds: Number(properties['Timeout'] ?? 3),
      memoryMb: Number(properties['MemorySize'] ?? 128),
      environment: Object.fromEntries(Object.entries(environment ?? {}).map(([key, value]) => [key, String(value)])),
      reservedConcurrency: properties['ReservedConcurrentExecutions'] as number | undefined,
      mayRecurse: properties['RecursiveLoop'] === 'Allow',
    };
  });
}

function logGroupArnOf({ properties, name, region, account }: ResolvedResource): string {
  const config = properties['LoggingConfig'] as JsonObject | undefined;
  return `arn:aws:logs:${region}:${account}:log-group:${String(config?.['LogGroup'] ?? `/aws/lambda/${name}`)}`;
}

function entryOf(resource: ResolvedResource, sources: CodeSources): { file: string; exportName: string } {
  const handler = String(resource.properties['Handler']);
  const dot = handler.lastIndexOf('.');
  const directory = codeDirectory(resource, sources);
  const base = join(directory, handler.slice(0, dot));
  const file = ['.js', '.mjs', '.cjs'].map((ending) => base + ending).find((candidate) => existsSync(candidate));
  if (!file) throw new Error(`${resource.logicalId}: handler ${handler} has no file in ${directory}`);
  return { file, exportName: handler.slice(dot + 1) };
}

function codeDirectory(resource: ResolvedResource, { assets, scratch }: CodeSources): string {
  const code = resource.properties['Code'] as JsonObject;
  if (typeof code['ZipFile'] === 'string') {
    const directory = scratch();
    writeFileSync(join(directory, 'index.js'), code['ZipFile']);
    writeFileSync(join(directory, 'package.json'), '{"type":"commonjs"}');
    return directory;
  }
  const key = String(code['S3Key']);
  const asset = assets.get(key);
  if (!asset || !existsSync(asset))
    throw new Error(`${resource.logicalId}: its code asset ${key} is not in the assembly`);
  if (!statSync(asset).isDirectory())
    throw new Error(`${resource.logicalId}: its code is a ${extname(asset)} file, not a directory`);
  if (!existsSync(join(asset, 'index.js')) || existsSync(join(asset, 'package.json'))) return asset;
  // Lambda takes a .js file without package.json for CommonJS; here a package.json further up could say otherwise.
  const copy = scratch();
  cpSync(asset, copy, { recursive: true });
  writeFileSync(join(copy, 'package.json'), '{"type":"commonjs"}');
  return copy;
}
