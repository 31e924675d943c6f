import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { synthesize } from '../../local/synthesize.ts';

declare module 'vitest' {
  interface ProvidedContext {
    assembly: string;
  }
}

export default async function synthesizeOnce(project: TestProject): Promise<void> {
  const directory = join(import.meta.dirname, '../../.godwit/cdk.out.tests');
  project.provide('assembly', await synthesize(directory));
}
