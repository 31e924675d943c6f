import { isList } from '../../../domain/audiences/segment-kind.ts';
import type { Json } from '../../../kernel/canonical-json.ts';
import { InvalidInput, Permanent } from '../../../kernel/errors.ts';
import { files } from '../../../resources.ts';
import type { ImportKind, Mapping } from '../../imports/mapping.ts';
import { openRows, type Row } from '../../imports/open-rows.ts';
import type { Place, RowFault } from '../../imports/raw-rows.ts';
import { sendRows } from '../../imports/send-rows.ts';
import { tellRow } from '../../imports/tell-row.ts';
import type { ImportContext, Told } from '../../imports/told.ts';
import type { JobOf, PageSource, ScanPorts } from '../scan-kind.ts';
import { scanKind } from '../scan-kind.ts';

export type ImportParams = {
  readonly what: ImportKind;
  /** Id of the upload: the file is `uploads/<id>`. */
  readonly upload: string;
  /** As it lies there. */
  readonly bytes: number;
  readonly mapping: Mapping;
  /** What is imported may begin journeys. */
  readonly trigger: boolean;
};

/** One row that was left out. */
export type Rejected = { readonly line: number; readonly errors: readonly RowFault[] };

/** So many that a page is done within seconds, and that what it rejects fits into an item: 300 KB. */
const PAGE_ROWS = 500;
const MAX_REJECTED_BYTES = 300_000;

/**
 * Reads an uploaded file row by row and tells profiles what it says.
 *
 * 1. In the order of the file, by one reader: what is true of a customer comes in the order in which it was written.
 * 2. A page that is done again (its call died before its progress was written) tells the same under the same ids.
 * 3. A bad row is kept by line and reason, without its content, and costs no other one.
 */
export const importKind = scanKind<ImportParams>({
  kind: 'import',
  crowds: true,
  async open(job, cursor, ports) {
    try {
      return await openImport(job, cursor, ports);
    } catch (error) {
      return broken(error);
    }
  },
  result: ({ counts }) => ({
    rows: counts['scanned'] ?? 0,
    accepted: counts['accepted'] ?? 0,
    rejected: counts['rejected'] ?? 0,
  }),
});

async function openImport(job: JobOf<ImportParams>, cursor: string | undefined, ports: ScanPorts): Promise<PageSource> {
  const { what, upload, mapping, trigger } = job.params;
  const source = await openRows(what, mapping, (from) => ports.files.read(files.uploads + upload, from));
  const { topics, segments, epoch } = await ports.catalogs.current(0, []);
  const context: ImportContext = {
    ...{ job: job.id, at: job.begin, quiet: !trigger, epoch },
    topics: new Set(topics.keys()),
    lists: new Set([...segments.values()].filter(isList).map(({ id }) => id)),
    ...(what === 'items' && { collections: await ports.collections() }),
  };
  const rows = source.rows(cursor === undefined ? undefined : readPlace(cursor));
  return {
    async next(room) {
      try {
        const page = await readPage(rows, Math.min(room, PAGE_ROWS), (row) => judge(what, row, context));
        const refused = await sendRows(page.told, job, ports);
        const rejected = [...page.rejected, ...refused].sort((a, b) => a.line - b.line);
        const { end, count } = page;
        return {
          counts: { scanned: count, accepted: count - rejected.length, rejected: rejected.length },
          told: count,
          ...(rejected.length > 0 && { keep: fitting(rejected) }),
          ...(end !== undefined && { cursor: `${end.offset}:${end.line}` }),
        };
      } catch (error) {
        return broken(error).next(room, { segment: 0, page: 0 }, {});
      }
    },
    async close() {
      await rows.return(undefined);
    },
  };
}

function readPlace(cursor: string): Place {
  const [offset, line] = cursor.split(':').map(Number);
  return { offset: offset!, line: line! };
}

interface Page {
  readonly told: readonly { readonly line: number; readonly told: Told }[];
  readonly rejected: readonly Rejected[];
  readonly count: number;
  /** Where the next page begins; undefined: there is none. */
  readonly end: Place | undefined;
}

async function readPage(
  rows: AsyncGenerator<Row>,
  most: number,
  judged: (row: Row) => Told | readonly RowFault[],
): Promise<Page> {
  const told: { line: number; told: Told }[] = [];
  const rejected: Rejected[] = [];
  let end: Place | undefined;
  let count = 0;
  while (count < most) {
    const { value: row, done } = await rows.next();
    if (done === true) return { told, rejected, count, end: undefined };
    count += 1;
    end = row.next;
    const said = judged(row);
    if (Array.isArray(said)) rejected.push({ line: row.line, errors: said as readonly RowFault[] });
    else told.push({ line: row.line, told: said as Told });
  }
  return { told, rejected, count, end };
}

const judge = (what: ImportKind, { object, faults, line }: Row, context: ImportContext) =>
  object === undefined ? (faults ?? []) : tellRow[what](object, line, context);

/** All of them, with fewer words where they are too many: the command says the rest from the file itself. */
function fitting(rejected: readonly Rejected[]): Json {
  if (JSON.stringify(rejected).length <= MAX_REJECTED_BYTES) return rejected as unknown as Json;
  return rejected.map(({ line, errors: [first] }) => ({
    line,
    errors: [{ code: first!.code, detail: first!.detail.slice(0, 100), pointer: first!.pointer.slice(0, 100) }],
  }));
}

/** What no second try makes better. Anything else is tried again. */
function broken(error: unknown): PageSource {
  if (!(error instanceof InvalidInput || error instanceof Permanent || (error as Error).name === 'NoSuchKey'))
    throw error;
  const code = error instanceof InvalidInput || error instanceof Permanent ? error.code : 'import.file-gone';
  return { next: async () => ({ counts: {}, broken: code }) };
}
