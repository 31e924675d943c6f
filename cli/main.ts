// `npx godwit …`, from a checkout; godwit.mjs starts it on the project's Node.
import { run } from './run.ts';
import { processTerminal } from './terminal.ts';

// Who starts it must see that it was broken off: the launcher passes this code on.
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

const { exit, stdout, stderr } = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  env: process.env,
  terminal: processTerminal(),
});
process.stdout.write(stdout);
process.stderr.write(stderr);
// Not process.exit: a pipe may still be taking what was written.
process.exitCode = exit;
