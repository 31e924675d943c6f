import { Conflict, InvalidInput, NotFound } from '../../kernel/errors.ts';
import { files } from '../../resources.ts';
import { type FileStore, MAX_UPLOAD_BYTES } from '../files.ts';
import type { Job, JobStore } from '../scans/job.ts';
import { importKind } from '../scans/kinds/import.ts';
import type { ScanMachine } from '../scans/scan-kind.ts';
import type { StartScan } from '../scans/start-scan.ts';
import { resumeJob, stopJob } from '../scans/stop-job.ts';
import type { ImportKind, Mapping } from './mapping.ts';
import { rowReader } from './row-reader.ts';

export interface ImportRequest {
  /** Asked again with the same id, it is the same import. */
  readonly id: string;
  readonly kind: ImportKind;
  readonly upload: string;
  readonly mapping: Mapping;
  readonly trigger: boolean;
  readonly perMinute: number;
}

interface StartPorts {
  readonly startScan: StartScan;
  readonly files: () => Promise<Pick<FileStore, 'size'>>;
}

export async function startImport(
  { startScan, files: open }: StartPorts,
  { id, kind, upload, mapping, trigger, perMinute }: ImportRequest,
  by: string,
): Promise<Job> {
  // What is wrong with the mapping by itself; the header is looked at by the job.
  rowReader(kind, mapping, undefined);
  const bytes = await (await open()).size(files.uploads + upload);
  if (bytes === undefined) {
    throw new NotFound('import.not-uploaded', 'nothing was uploaded under this id, or more than a week ago');
  }
  if (bytes === 0 || bytes > MAX_UPLOAD_BYTES) {
    const problem = { pointer: '/upload', code: 'import.size', detail: 'too small or too large', actual: bytes };
    const detail = `a file has 1 to ${MAX_UPLOAD_BYTES} bytes; this one has ${bytes}`;
    throw new InvalidInput('import.size', detail, [{ ...problem, limit: MAX_UPLOAD_BYTES }], 'invalid');
  }
  const params = { what: kind, upload, bytes, mapping, trigger };
  const job = await startScan({ id, kind: importKind.kind, params, by, segments: 1, perMinute });
  if (job.kind === importKind.kind) return job;
  throw new Conflict('import.id', `there is a job ${id} already, and it is no import`);
}

export async function findImport(jobs: Pick<JobStore, 'read'>, id: string): Promise<Job> {
  const job = await jobs.read(id);
  if (job?.kind !== importKind.kind) throw new NotFound('import.not-found', `there is no import ${id}`);
  return job;
}

/** A new pace holds from the next page on. One that failed goes on too: what made it fail may have been mended. */
export async function changeImport(
  ports: { readonly jobs: JobStore; readonly machine: ScanMachine },
  id: string,
  { state, perMinute }: { readonly state?: 'stopped' | 'running'; readonly perMinute?: number },
  now: number,
): Promise<Job> {
  const job = await findImport(ports.jobs, id);
  if (perMinute !== undefined) await ports.jobs.change(id, ['queued', 'running', 'stopped', 'failed'], { perMinute });
  if (state === 'stopped') return stopJob(ports.jobs, job, now);
  if (state === 'running') return resumeJob(ports, job, ['stopped', 'failed']);
  return findImport(ports.jobs, id);
}
