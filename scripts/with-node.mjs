// Runs a TypeScript entry point on the Lambda runtime's Node, whatever Node is installed, and installs
// what is missing first, so that `npm start` and `npm test` work in a fresh clone. Progress goes to
// stderr: stdout belongs to the program that is started.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import Module from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installedLock = join(root, 'node_modules', '.package-lock.json');
const nodeBinary = join(root, 'node_modules', 'node', 'bin', 'node');

/** True when every package of the lockfile that is not optional is installed in the locked version. */
function isInstalled() {
  if (!existsSync(installedLock) || !existsSync(nodeBinary)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(installedLock, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, p]) => path === '' || p.optional || p.peer || found[path]?.version === p.version,
  );
}

if (!isInstalled()) {
  process.stderr.write('godwit: installing packages (npm ci); this happens once\n');
  const progress = process.stderr.isTTY ? [] : ['--progress=false'];
  const install = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=warn', ...progress], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (install.status !== 0) {
    process.stderr.write('godwit: npm ci failed; see above\n');
    process.exit(install.status ?? 1);
  }
}

const [entry, ...args] = process.argv.slice(2);
// Compiled code is kept (node:module, "Module compile cache"): it halves the time that a command takes.
process.env.NODE_COMPILE_CACHE ??= join(root, '.godwit', 'compiled');

const { version } = JSON.parse(readFileSync(join(root, 'node_modules', 'node', 'package.json'), 'utf8'));
if (process.versions.node === version) {
  // It runs already: another process of it would take 0.1 s to say the same.
  Module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  process.argv = [process.execPath, join(root, entry), ...args];
  Module.runMain();
} else {
  const child = spawn(nodeBinary, [join(root, entry), ...args], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // What was broken off has not succeeded; who ends in good order on a signal says so with a code of its own.
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
