import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface TemplateResource {
  Type: string;
  Properties?: JsonObject;
  Condition?: string;
}

export interface Template {
  Metadata?: JsonObject;
  Parameters?: Record<string, { Type: string; Default?: Json }>;
  Mappings?: Record<string, Record<string, Record<string, Json>>>;
  Conditions?: Record<string, Json>;
  Resources?: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: Json; Export?: { Name: Json }; Condition?: string }>;
}

export interface AssemblyStack {
  /** The deployed name, which CloudFormation puts before generated names. */
  name: string;
  account: string;
  region: string;
  template: Template;
}

export interface Assembly {
  stacks: AssemblyStack[];
  /** Object key in the asset bucket → directory or file on this machine. */
  assets: Map<string, string>;
}

interface Manifest {
  artifacts?: Record<
    string,
    {
      type: string;
      environment?: string;
      properties?: { templateFile?: string; stackName?: string; directoryName?: string; file?: string };
    }
  >;
}

interface AssetManifest {
  files?: Record<string, { source: { path?: string }; destinations: Record<string, { objectKey: string }> }>;
}

const STAND_IN_ACCOUNT = '000000000000';
const STAND_IN_REGION = 'us-east-1';

/** Reads a cloud assembly with the assemblies nested in it (a CDK Stage each). */
export function readAssembly(directory: string): Assembly {
  const assembly: Assembly = { stacks: [], assets: new Map() };
  readInto(assembly, resolve(directory));
  if (assembly.stacks.length === 0) throw new Error(`No stack in the cloud assembly ${directory}; was it synthesised?`);
  return assembly;
}

function readInto(assembly: Assembly, directory: string): void {
  const manifestFile = join(directory, 'manifest.json');
  if (!existsSync(manifestFile)) throw new Error(`${manifestFile} is missing: this is not a cloud assembly`);
  const manifest = readJson<Manifest>(manifestFile);
  for (const [id, artifact] of Object.entries(manifest.artifacts ?? {})) {
    const properties = artifact.properties ?? {};
    if (artifact.type === 'cdk:cloud-assembly') {
      readInto(assembly, join(directory, properties.directoryName!));
    } else if (artifact.type === 'aws:cloudformation:stack') {
      const [account, region] = (artifact.environment ?? '').replace('aws://', '').split('/');
      assembly.stacks.push({
        name: properties.stackName ?? id,
        account: !account || account === 'unknown-account' ? STAND_IN_ACCOUNT : account,
        region: !region || region === 'unknown-region' ? STAND_IN_REGION : region,
        template: readJson<Template>(join(directory, properties.templateFile!)),
      });
    } else if (artifact.type === 'cdk:asset-manifest') {
      const assets = readJson<AssetManifest>(join(directory, properties.file!));
      for (const file of Object.values(assets.files ?? {})) {
        if (file.source.path === undefined) continue;
        for (const destination of Object.values(file.destinations)) {
          assembly.assets.set(destination.objectKey, resolve(directory, file.source.path));
        }
      }
    }
  }
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
