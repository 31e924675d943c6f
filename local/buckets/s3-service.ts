import { AwsError } from '../gateway/aws-error.ts';
import type { AwsAnswer, AwsCall, AwsService } from '../gateway/aws-service.ts';
import type { ResourcePolicies } from '../iam/resource-policies.ts';
import type { Roles } from '../iam/roles.ts';
import type { Check } from '../iam/statement.ts';
import type { Bucket, BucketStore } from './bucket-store.ts';

/** What one PUT may carry ("Uploading objects", S3 user guide). */
const MAX_PUT_BYTES = 5 * 1024 ** 3;
const MAX_PRESIGNED_SECONDS = 604_800;

/** S3 at path-style addresses: what functions and presigned URLs need of it, and no more [S1, S2]. */
export class S3Service implements AwsService {
  readonly protocol = 'restXml';
  readonly throttleCode = 'SlowDown';
  readonly #store: BucketStore;
  readonly #policies: ResourcePolicies;
  readonly #roles: Roles;
  readonly #region: string;
  readonly #now: () => number;

  constructor(
    store: BucketStore,
    { policies, roles, region, now }: { policies: ResourcePolicies; roles: Roles; region: string; now: () => number },
  ) {
    this.#store = store;
    this.#policies = policies;
    this.#roles = roles;
    this.#region = region;
    this.#now = now;
  }

  operationOf(method: string, path: string[]): string | undefined {
    if (path.length < 2) return undefined;
    return { GET: 'GetObject', HEAD: 'HeadObject', PUT: 'PutObject', DELETE: 'DeleteObject' }[method];
  }

  checks({ operation, path }: AwsCall): Check[] {
    const resource = `arn:aws:s3:::${path.join('/')}`;
    // HeadObject is governed by the right to get (Service Authorization Reference, S3).
    const action = `s3:${operation === 'HeadObject' ? 'GetObject' : operation}`;
    const key = this.#store.bucket(path[0] ?? '')?.keyArn;
    // Uploading needs GenerateDataKey, downloading Decrypt ("Using server-side encryption with KMS keys") [S3].
    const use = { PutObject: 'kms:GenerateDataKey', GetObject: 'kms:Decrypt' }[operation];
    const context = { 'kms:viaservice': `s3.${this.#region}.amazonaws.com` };
    return [{ action, resource }, ...(key && use ? [{ action: use, resource: key, context }] : [])];
  }

  async answer(call: AwsCall): Promise<AwsAnswer> {
    this.#checkTime(call.query);
    const bucket = this.#store.bucket(call.path[0] ?? '');
    if (bucket === undefined) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
    const key = call.path.slice(1).join('/');
    for (const { action, resource } of this.checks(call)) {
      if (this.#policies.bucketDenies(bucket.name, action, resource)) throw accessDenied();
    }
    switch (call.operation) {
      case 'PutObject':
        return this.#put(bucket, key, call);
      case 'HeadObject':
      case 'GetObject':
        return this.#get(bucket, key, call);
      case 'DeleteObject':
        this.#store.delete(bucket, key);
        return { status: 204, body: undefined };
      default:
        throw new AwsError('NotImplemented', `The local cloud does not know S3 ${call.operation}`, 501);
    }
  }

  /** A presigned URL is good for so many seconds ("Download and upload objects with presigned URLs") [S2]. */
  #checkTime(query: URLSearchParams): void {
    const date = query.get('X-Amz-Date');
    if (date === null) return;
    const seconds = Number(query.get('X-Amz-Expires'));
    const from = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
    if (!(seconds >= 1 && seconds <= MAX_PRESIGNED_SECONDS)) {
      throw new AwsError('AuthorizationQueryParametersError', 'X-Amz-Expires must be from 1 to 604800', 400);
    }
    if (this.#now() > from + seconds * 1000) throw new AwsError('AccessDenied', 'Request has expired', 403);
  }

  #put(bucket: Bucket, key: string, { raw, headers }: AwsCall): AwsAnswer {
    if (raw.length > MAX_PUT_BYTES) {
      throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400);
    }
    if (headers['content-encoding']?.includes('aws-chunked')) {
      throw new AwsError('NotImplemented', 'The local cloud takes bodies as they are', 501);
    }
    const stored = this.#store.put(bucket, key, raw, headers['content-type'] ?? 'binary/octet-stream');
    return { headers: { etag: `"${stored.etag}"` }, body: undefined };
  }

  #get(bucket: Bucket, key: string, { operation, headers, caller, query }: AwsCall): AwsAnswer {
    const stored = this.#store.head(bucket, key);
    if (stored === undefined) {
      // Whoever may not list is not told that it is missing ("GetObject", Permissions).
      const list = { action: 's3:ListBucket', resource: bucket.arn };
      if (caller.role !== undefined && !this.#roles.allows(caller.role, list)) throw accessDenied();
      throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    }
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers['range'] ?? '') ?? [];
    const first = Number(from ?? 0);
    const last = Math.min(stored.size - 1, to ? Number(to) : Infinity);
    if (from !== undefined && first > last) throw new AwsError('InvalidRange', 'The range is not satisfiable', 416);
    const disposition = query.get('response-content-disposition');
    const about = {
      'content-type': stored.contentType,
      'content-length': String(last - first + 1),
      'accept-ranges': 'bytes',
      etag: `"${stored.etag}"`,
      'last-modified': new Date(stored.at).toUTCString(),
      ...(from !== undefined && { 'content-range': `bytes ${first}-${last}/${stored.size}` }),
      ...(disposition !== null && { 'content-disposition': disposition }),
    };
    const body = operation === 'HeadObject' ? undefined : this.#store.read(bucket, key, first, last);
    return { status: from === undefined ? 200 : 206, headers: about, body };
  }
}

const accessDenied = () => new AwsError('AccessDenied', 'Access Denied', 403);
