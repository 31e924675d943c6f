import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesize } from '../../local/synthesize.ts';

declare module 'vitest' {
  interface ProvidedContext {
    assembly: string;
    /** The same environment with rates and a warm-up (pace.ts). */
    pacedAssembly: string;
  }
}

export default async function synthesizeOnce(project: TestProject): Promise<void> {
  const directory = join(import.meta.dirname, '../../.godwit/cdk.out.tests');
  await synthesize(directory, 'tests/scenarios/app.ts');
  project.provide('assembly', join(directory, 'assembly-godwit-local'));
  project.provide('pacedAssembly', join(directory, 'assembly-godwit-paced'));
}
