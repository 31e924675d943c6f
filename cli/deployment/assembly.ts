import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../verb.ts';

const root = join(import.meta.dirname, '../..');

export interface TemplateResource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** Of one stack, as CloudFormation gets it. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

/** By name of the stack. */
export type Templates = Readonly<Record<string, Template>>;

/**
 * What `cdk synth` would write for an environment of godwit.config.ts. A process of its own: the command knows nothing
 * of infrastructure, and a configuration that is refused says so there.
 */
export function synthesize(environment: string): Templates {
  const out = mkdtempSync(join(tmpdir(), 'godwit-synth-'));
  try {
    const env = {
      ...process.env,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify({ env: environment, 'templates-only': true }),
      // CDK's own, which warns.
      CDK_VALIDATION: 'false',
    };
    const run = spawnSync(process.execPath, ['infra/app.ts'], { cwd: root, env, encoding: 'utf8' });
    if (run.status !== 0) throw new UsageError(`the configuration cannot be synthesised:\n${reasonOf(run.stderr)}`);
    return readTemplates(out);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

const reasonOf = (printed: string): string => /Error: ([\s\S]*?)\n {4}at /.exec(printed)?.[1] ?? printed.slice(-2_000);

function readTemplates(folder: string): Templates {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const manifests = files.filter((file) => file.endsWith('manifest.json'));
  const found: Record<string, Template> = {};
  for (const manifest of manifests) {
    const { artifacts = {} } = JSON.parse(readFileSync(join(folder, manifest), 'utf8')) as Manifest;
    for (const [id, { type, properties }] of Object.entries(artifacts)) {
      if (type !== 'aws:cloudformation:stack' || properties?.templateFile === undefined) continue;
      const file = join(folder, manifest, '..', properties.templateFile);
      found[properties.stackName ?? id] = JSON.parse(readFileSync(file, 'utf8')) as Template;
    }
  }
  return found;
}

interface Manifest {
  readonly artifacts?: Readonly<
    Record<string, { readonly type: string; readonly properties?: { templateFile?: string; stackName?: string } }>
  >;
}
