// `npm run bench:start`: how large each function is, and what CPU it takes until it can be called, beside Node alone and Node
// with the clients of AWS that it needs. Written down in BENCHMARKS.md; `-- 31` takes another number of processes than 11.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildFunctions } from '../infra/bundle.ts';
import { bundleSizes, readAtStart } from '../infra/bundle-size.ts';
import { deployedFunctions } from '../infra/functions.ts';
import { readAssembly } from '../local/assembly/read-assembly.ts';
import { resolveAssembly } from '../local/assembly/resolve-assembly.ts';
import { readFunctions } from '../local/functions/function-definition.ts';
import { lambdaEnvironment } from '../local/functions/lambda-environment.ts';
import { synthesizeBench } from './cpu/workload.ts';
import { bundleOf, bundleOfClients, clientsIn, gzipBytes } from './start/bundles.ts';
import { measureStarts, type Start } from './start/measure-start.ts';
import { type ControlRow, INGEST_RATIO, ratioOf, renderStart, type StartRow } from './start/report.ts';
import { writeSection } from './write-section.ts';

const ROUNDS = Number(process.argv[2] ?? 11);
const EMPTY = 'Node alone';

/** What the one bundle of `send` loads for its channel while it starts (functions/edge/send-ports.ts). */
const partsAtStart: Readonly<Record<string, readonly string[]>> = {
  'send-email': ['shared/channels/email/ses-email.ts', 'shared/domain/messaging/render/text-of-html.ts'],
  'send-webhook': ['shared/channels/webhook/webhook.ts'],
};

/** Each with what it is compared to. */
const controls = {
  'ingest, and the compiler of mails at once': ['ingest', [`import 'mjml';`]],
  'ingest, and all that is known of phone numbers': [
    'ingest',
    [`export { parsePhoneNumberFromString } from 'libphonenumber-js/max';`],
  ],
  "ingest, and `import { z } from 'zod'`": [
    "ingest, and `import * as z from 'zod'`",
    [`import { z } from 'zod';`, 'export const schema = z.string();'],
  ],
  "ingest, and `import * as z from 'zod'`": [
    'ingest',
    [`import * as z from 'zod';`, 'export const schema = z.string();'],
  ],
} as const satisfies Record<string, readonly [than: string, lines: readonly string[]]>;

async function main(): Promise<void> {
  const assembly = await synthesizeBench();
  const functions = functionsOf(assembly);
  const metafiles = buildFunctions();
  const sizes = bundleSizes(metafiles);
  const read = new Map(
    deployedFunctions.map(({ name, deployed }) => [deployed, readAtStart(metafiles, name, partsAtStart[deployed])]),
  );
  const needed = new Map([...read.values()].map(({ inputs }) => [clientsIn(inputs).join(', '), clientsIn(inputs)]));
  const baselines = [...needed].map(([names, packages]) => [names, bundleOfClients(packages)] as const);
  const { environment } = functions.get('ingest')!;
  const ofControls = Object.entries(controls).map(([what, [, lines]], index) => {
    const ingest = join(import.meta.dirname, '..', 'functions', 'ingest', 'handler.ts');
    return [what, bundleOf(`control-${index}`, [...lines, `export * from '${ingest}';`])] as const;
  });
  process.stderr.write('bundled\n');

  const micros = measureStarts<string>(
    {
      [EMPTY]: { environment: {} },
      ...Object.fromEntries(baselines.map(([names, file]) => [names, { file, environment }])),
      ...Object.fromEntries(functions),
      ...Object.fromEntries(ofControls.map(([what, file]) => [what, { file, environment }])),
    },
    ROUNDS,
  );
  const rows = deployedFunctions.map(({ name, deployed }): StartRow => {
    const { bytes, inputs } = read.get(deployed)!;
    const clients = clientsIn(inputs);
    return {
      name: deployed,
      start: bytes,
      package: sizes[name]!.package,
      gzip: gzipBytes(dirname(functions.get(deployed)!.file!)),
      clients,
      clientsMicros: micros[clients.join(', ')]!,
      micros: micros[deployed]!,
    };
  });
  const controlRows = ofControls.map(([what, file]): ControlRow => {
    return { what, bytes: readFileSync(file).length, micros: micros[what]! };
  });
  const report = renderStart({ rounds: ROUNDS, emptyMicros: micros[EMPTY]!, rows, controls: controlRows });
  process.stdout.write(report);
  requireControls(rows, controlRows);
  writeSection('start', report);
}

/** By deployed name, with the variables of its template and credentials that are good for nothing. */
function functionsOf(directory: string): Map<string, Start> {
  const source = readAssembly(directory);
  const nowhere = 'http://127.0.0.1:1';
  const resolved = resolveAssembly(source, { gateway: nowhere, api: nowhere });
  const definitions = readFunctions(resolved, {
    assets: source.assets,
    scratch: () => {
      throw new Error('all code comes from bundles');
    },
  });
  return new Map(
    definitions.map((definition) => {
      const credentials = { AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench' };
      const environment = { ...lambdaEnvironment(definition, resolved.region), ...credentials };
      return [definition.name.replace('godwit-local-', ''), { file: definition.file, environment }];
    }),
  );
}

/** What must come out different, whatever the machine. */
function requireControls(rows: readonly StartRow[], measured: readonly ControlRow[]): void {
  const ingest = rows.find(({ name }) => name === 'ingest')!;
  const all = [{ what: 'ingest', bytes: ingest.start, micros: ingest.micros }, ...measured];
  const known = new Map(all.map((one) => [one.what, one]));
  for (const [what, [than]] of Object.entries(controls)) {
    const [more, less] = [known.get(what)!, known.get(than)!];
    if (more.bytes <= less.bytes) throw new Error(`not as it must be: "${what}" is larger than "${than}"`);
    if (more.micros <= less.micros) throw new Error(`not as it must be: "${what}" takes more CPU than "${than}"`);
  }
  const ratio = ratioOf(ingest);
  if (ratio > INGEST_RATIO)
    throw new Error(`ingest takes ${ratio.toFixed(2)} of its clients, more than ${INGEST_RATIO}`);
}

await main();
