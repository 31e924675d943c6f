import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { ImportKind, Mapping } from '../../shared/app/imports/mapping.ts';
import { openRows } from '../../shared/app/imports/open-rows.ts';
import { type BadRow, fileOnDisk } from './check-file.ts';

/** Rows that were left out, with reasons and as they stand in the file, so that they can be mended and imported. */
export async function writeRejected(
  path: string,
  target: string,
  [kind, mapping]: readonly [ImportKind, Mapping],
  rejected: readonly BadRow[],
): Promise<void> {
  const byLine = new Map(rejected.map((one) => [one.line, one]));
  // It holds customers: nobody else on this machine needs to read it.
  const out = createWriteStream(target, { mode: 0o600 });
  for await (const { line, text } of (await openRows(kind, mapping, fileOnDisk(path))).rows()) {
    const found = byLine.get(line);
    if (found === undefined) continue;
    const row = { line, errors: found.errors, ...(text !== undefined && { row: text }) };
    if (!out.write(`${JSON.stringify(row)}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}
