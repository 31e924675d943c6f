import { defineConfig } from 'vitest/config';

const common = {
  // Node itself loads tests and code, as it does in use: nothing is transformed, and calls between modules take no detour.
  experimental: { viteModuleRunner: false },
  // Only to end what hangs: a busy machine takes several times as long as an idle one.
  testTimeout: 240_000,
  hookTimeout: 240_000,
  setupFiles: ['tests/keep-compiled.ts'],
  env: {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    // CDK's own, which only warns, and takes two thirds of a synthesis.
    CDK_VALIDATION: 'false',
  },
};

const core = [
  'tests/{app,aws,bench,channels,cli,cost,data,docs,domain,golden,kernel,local,messaging,policy,protocol,simulation,stacks,torture,wire}/**/*.test.ts',
  'examples/**/*.test.ts',
];

// Each file has a handler with emulators of its own. Where logs and metrics go is settled once per process, so the test of
// the logs is not among them.
const http = ['tests/http/!(problem).test.ts'];

export default defineConfig({
  test: {
    // For machines with two cores: the third works while the others wait for a process or a time-out.
    maxWorkers: 3,
    projects: [
      {
        // None of them leaves anything behind in its process, so they share what they import.
        test: { ...common, name: 'core', include: core, isolate: false },
      },
      {
        test: { ...common, name: 'http', include: http, isolate: false },
      },
      {
        test: {
          ...common,
          name: 'rooms',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/scenarios/**', ...core, ...http],
        },
      },
      {
        // On the local cloud, which runs what the synthesis wrote once for all of them. Each boots clouds of its own, and
        // the gateway that answers them is compiled and warm from the second file on.
        test: {
          ...common,
          name: 'scenarios',
          isolate: false,
          include: ['tests/scenarios/**/*.test.ts'],
          globalSetup: ['tests/scenarios/synthesize-once.ts'],
        },
      },
    ],
  },
});
