/** The environment's bucket. Names begin with a folder (resources.ts); what lies there is deleted after a week. */
export interface FileStore {
  /** Bytes; undefined: there is no such file. */
  size(name: string): Promise<number | undefined>;
  /** From an offset to its end, piece by piece. */
  read(name: string, from: number): AsyncIterable<Buffer>;
  /** Overwrites what is there. */
  write(name: string, body: Buffer, contentType: string): Promise<void>;
  /** Where one PUT may put it. */
  uploadUrl(name: string, seconds: number): Promise<string>;
  /** Where it may be fetched, under the last part of its name. */
  downloadUrl(name: string, seconds: number): Promise<string>;
}

/** "Uploading objects", S3 user guide: what a single PUT takes. */
export const MAX_UPLOAD_BYTES = 5 * 1024 ** 3;
