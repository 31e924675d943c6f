import { flushCompileCache } from 'node:module';
import { afterAll } from 'vitest';

/** Vitest ends its workers before they would keep what they compiled (node:module, "Module compile cache"). */
afterAll(() => flushCompileCache());
