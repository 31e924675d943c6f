// `npx godwit …`, from a checkout; godwit.mjs starts it on the project's Node.
import { run } from './run.ts';
import { processTerminal } from './terminal.ts';

const { exit, stdout, stderr } = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  terminal: processTerminal(),
});
process.stdout.write(stdout);
process.stderr.write(stderr);
// Not process.exit: a pipe may still be taking what was written.
process.exitCode = exit;
