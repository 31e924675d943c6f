import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { FileStore } from '../app/files.ts';
import { files } from '../resources.ts';
import { awsCall } from './aws-call.ts';
import type { StoredFile } from './stored-kind.ts';

/**
 * A read is a call of its own for so much: no connection has to last as long as a job that goes slowly, and a piece that
 * is cut off is asked for again.
 */
const READ_BYTES = 8 * 1024 * 1024;

/** `client` must be made with `withoutChecksums`. */
export function fileStore(client: S3Client, bucket: string): FileStore {
  const at = (name: string) => ({ Bucket: bucket, Key: name });
  return {
    async size(name) {
      try {
        return (await awsCall(client.send(new HeadObjectCommand(at(name))))).ContentLength ?? 0;
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },

    async *read(name, from) {
      for (let offset = from; ; ) {
        const range = `bytes=${offset}-${offset + READ_BYTES - 1}`;
        const read = await readPiece(client, new GetObjectCommand({ ...at(name), Range: range }));
        if (read === undefined) return;
        yield read;
        if (read.length < READ_BYTES) return;
        offset += read.length;
      }
    },

    async write(name, body, ContentType) {
      await awsCall(client.send(new PutObjectCommand({ ...at(name), Body: body, ContentType })));
    },

    uploadUrl: (name, expiresIn) => getSignedUrl(client, new PutObjectCommand(at(name)), { expiresIn }),

    downloadUrl: (name, expiresIn) => {
      const ResponseContentDisposition = `attachment; filename="${name.slice(name.lastIndexOf('/') + 1)}"`;
      return getSignedUrl(client, new GetObjectCommand({ ...at(name), ResponseContentDisposition }), { expiresIn });
    },
  };
}

/**
 * Of the client. Else the SDK signs the checksum of an empty body into an upload's URL, which no file has
 * ("Data Integrity Protections for Amazon S3", AWS SDKs reference guide); TLS and the ETag guard what is sent.
 */
export const withoutChecksums = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
} as const;

/** Undefined: the offset is at the end. */
async function readPiece(client: S3Client, command: GetObjectCommand): Promise<Buffer | undefined> {
  try {
    const { Body } = await awsCall(client.send(command));
    return Buffer.from(await awsCall(Body!.transformToByteArray()));
  } catch (error) {
    if ((error as Error).name === 'InvalidRange') return undefined;
    throw error;
  }
}

/** Who may not list is told 403 of what is not there ("HeadObject", S3 API: Permissions); HEAD has no body with a code. */
const isAbsent = (error: unknown): boolean =>
  [403, 404].includes(
    (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0,
  );

const week = { for: `${files.keptDays} days, by the bucket’s lifecycle rules` } as const;

/** All there is in the bucket; not in the registry of tables, so that whoever walks those does not load the client of S3. */
export const storedFiles: readonly StoredFile[] = [
  {
    kind: 'upload',
    folder: 'uploads',
    what: 'A file that was uploaded to be imported: profiles, events, lists, suppressions, items',
    personalData: { retain: 'a file of many customers, as somebody else wrote it, which goes after a week' },
    found: { not: 'nobody looks into files' },
    kept: week,
  },
  {
    kind: 'export',
    folder: 'exports',
    what: 'A file that was exported: profiles with all that is known of them, or who belongs to a segment',
    personalData: { retain: 'a file of many customers, fetched already or not, which goes after a week' },
    found: { not: 'nobody looks into files' },
    kept: week,
  },
];
