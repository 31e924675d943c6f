import { S3Client } from '@aws-sdk/client-s3';
import type { FileStore } from '../../shared/app/files.ts';
import { fileStore, withoutChecksums } from '../../shared/data/file-store.ts';
import { variables } from '../../shared/resources.ts';
import { required } from './environment.ts';

/** The environment's bucket; a file of its own, because few requests need the client. */
export const filesFrom = (): FileStore => fileStore(new S3Client(withoutChecksums), required(variables.filesBucket));
