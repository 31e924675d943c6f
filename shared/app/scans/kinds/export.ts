import { gzipSync } from 'node:zlib';
import type { Json } from '../../../kernel/canonical-json.ts';
import { files } from '../../../resources.ts';
import { profileLine, segmentsOf } from '../../exports/profile-line.ts';
import type { StoredProfile } from '../../ports.ts';
import { allStatements, type ToldStatement } from '../../profiles/consent-history.ts';
import { isSomebody } from '../is-somebody.ts';
import { type ScanPorts, scanKind } from '../scan-kind.ts';

export const exportKinds = ['profiles', 'memberships'] as const;

export type ExportParams = {
  readonly what: (typeof exportKinds)[number];
  /** Only its members. */
  readonly segment?: string;
  /** Of the catalog that knows the segment. */
  readonly epoch: number;
};

/** One part of an export: a packed file of lines. */
export type ExportedFile = {
  /** Below `exports/`. */
  readonly name: string;
  readonly lines: number;
  readonly bytes: number;
};

/**
 * Writes everybody into files, one per page of the table. A person stands there once, at the root of what was merged, as
 * they were when the scan came by. A page that is done again overwrites its file.
 */
export const exportKind = scanKind<ExportParams>({
  kind: 'export',
  async page(profiles, job, ports, _room, _before, place) {
    const { what, segment, epoch } = job.params;
    const newest = profiles.reduce((most, one) => Math.max(most, one.epoch), epoch);
    const catalog = await ports.catalogs.current(newest, []);
    const now = ports.clock();
    const lines: Json[] = [];
    for (const stored of profiles) {
      const { key, profile } = stored;
      if (!isSomebody(profile)) continue;
      const standpoint = { profile, catalog, now };
      const asked = segmentsOf(standpoint, segment);
      if (segment !== undefined && asked.length === 0) continue;
      if (what === 'profiles') lines.push(profileLine(key, standpoint, await statementsIn(stored, ports)));
      else for (const one of asked) lines.push({ ...one, key, ids: profile.ids as Json });
    }
    if (lines.length === 0) return { counts: { exported: 0 } };
    const name = `${job.id}/${place.segment}-${place.page}.ndjson.gz`;
    const body = gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await ports.files.write(files.exports + name, body, 'application/gzip');
    const file: ExportedFile = { name, lines: lines.length, bytes: body.length };
    return { counts: { exported: lines.length, bytes: body.length }, keep: file };
  },
  result: ({ counts }) => ({ exported: counts['exported'] ?? 0, bytes: counts['bytes'] ?? 0 }),
});

/** Somebody whose profile holds no consent has never made a statement that was taken, and costs no read. */
async function statementsIn(stored: StoredProfile, { consents }: ScanPorts): Promise<readonly ToldStatement[]> {
  if (Object.keys(stored.profile.consents).length === 0) return [];
  return (await allStatements(consents, stored)).statements;
}
