import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { digest, type ProfileKey } from '../../../kernel/ids.ts';
import { hasExpired } from '../../../kernel/time-to-live.ts';
import { files } from '../../../resources.ts';
import { dueBy } from '../../erasure/certificate.ts';
import { findProfile } from '../../profiles/find-profile.ts';
import type { SubjectItem } from '../../rights/ports.ts';
import { readablePage } from '../../rights/readable-page.ts';
import { type Subject, subjectOf } from '../../rights/subject.ts';
import { type ExportLine, tellCarried, tellIdentity, tellItem, tellProfile } from '../../rights/tell-item.ts';
import { type JobOf, type PageSource, type ScanPorts, scanKind } from '../scan-kind.ts';
import type { ExportedFile } from './export.ts';

export type ExportProfileParams = {
  /** Of the customer's profile when it was asked for. */
  readonly key: ProfileKey;
  /** As the environment was configured; absent: the default. */
  readonly answerDays?: number;
};

/** A part is held in memory, twice; most customers have one. */
const PART_BYTES = 4_000_000;

/**
 * Writes all that is stored of one customer into files, each part twice: as lines for programs, and as a page for people.
 *
 * 1. What is found is what the registry of stored kinds finds, and so what an erasure would find.
 * 2. A part that is done again overwrites its files. Items are told as they are when the walk comes by.
 * 3. When the customer's keys change on the way (a merge), the walk begins anew behind the parts that are there: something may
 *    then stand there twice, and nothing is left out.
 */
export const exportProfileKind = scanKind<ExportProfileParams>({
  kind: 'export-profile',
  open: openSubject,
  result: ({ job: { at, params }, counts }) => ({
    ...{ items: counts['scanned'] ?? 0, bytes: counts['bytes'] ?? 0 },
    dueBy: dueBy(at, params.answerDays),
  }),
});

async function openSubject(
  job: JobOf<ExportProfileParams>,
  from: string | undefined,
  ports: ScanPorts,
): Promise<PageSource> {
  const subject = await subjectOf(ports.profiles, await findProfile(ports.profiles, job.params.key));
  const keys = digest('subject', canonicalJson(subject as never));
  let { cursor, part } = placeOf(from, keys);
  return {
    async next() {
      const at = ports.clock();
      const lines: string[] = [];
      const told: ExportLine[] = [];
      let bytes = 0;
      do {
        const page = await ports.subjects.page(subject, cursor);
        for (const item of page.items.filter(({ item: { ttl } }) => !hasExpired(ttl, at))) {
          for (const line of [await lineOf(item, subject, ports), ...tellCarried(item)]) {
            told.push(line);
            lines.push(`${JSON.stringify(line)}\n`);
            bytes += lines.at(-1)!.length;
          }
        }
        cursor = page.cursor;
      } while (cursor !== undefined && bytes < PART_BYTES);
      part += 1;
      const page = readablePage(told, { at, part, isLast: cursor === undefined });
      const kept = [
        await write(`${job.id}/${part}.ndjson`, lines.join(''), 'application/x-ndjson', told.length, ports),
        await write(`${job.id}/${part}.html`, page, 'text/html; charset=utf-8', told.length, ports),
      ];
      const counts = { scanned: told.length, bytes: kept.reduce((sum, one) => sum + one.bytes, 0) };
      return {
        ...{ counts, keep: kept },
        ...(cursor !== undefined && { cursor: JSON.stringify({ keys, part, cursor }) }),
      };
    },
  };
}

function placeOf(from: string | undefined, keys: string): { cursor: string | undefined; part: number } {
  if (from === undefined) return { cursor: undefined, part: 0 };
  const place = JSON.parse(from) as { readonly keys: string; readonly part: number; readonly cursor: string };
  return { cursor: place.keys === keys ? place.cursor : undefined, part: place.part };
}

async function lineOf(item: SubjectItem, subject: Subject, ports: ScanPorts): Promise<ExportLine> {
  if (item.kind !== 'profile' && item.kind !== 'identity') return tellItem(item, ports.clock());
  const stored = await ports.profiles.read(item.key['pk']!);
  // Erased in between.
  if (stored === undefined) return { kind: item.kind, key: item.key['pk']! };
  if (item.kind === 'identity') return tellIdentity(stored, subject);
  const catalog = await ports.catalogs.current(stored.epoch, []);
  return tellProfile(stored, { profile: stored.profile, catalog, now: Math.max(stored.at, ports.clock()) });
}

async function write(
  name: string,
  text: string,
  contentType: string,
  lines: number,
  ports: ScanPorts,
): Promise<ExportedFile> {
  const body = Buffer.from(text);
  await ports.files.write(files.exports + name, body, contentType);
  return { name, lines, bytes: body.length };
}
