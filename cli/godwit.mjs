#!/usr/bin/env node
// The command, from a checkout and without a build step: it runs TypeScript on the project's own Node, whatever Node
// is installed, in the folder where it is called.
process.argv.splice(2, 0, 'cli/main.ts');
await import('../scripts/with-node.mjs');
