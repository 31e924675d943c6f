import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../assembly/read-assembly.ts';
import type { ResolvedAssembly } from '../assembly/resolve-assembly.ts';

export interface StoredObject {
  key: string;
  size: number;
  etag: string;
  contentType: string;
  /** Epoch ms of the virtual clock. */
  at: number;
}

export interface Bucket {
  name: string;
  arn: string;
  /** ARN of the customer managed key, if the bucket names one. */
  keyArn: string | undefined;
  /** Days after which objects under a prefix are gone. */
  expires: { prefix: string; days: number }[];
}

const DAY_MS = 86_400_000;

/** Objects as files of a folder, with what is known of each beside it. */
export class BucketStore {
  readonly #buckets: Map<string, Bucket>;
  readonly #folder: string;
  readonly #now: () => number;

  constructor(assembly: ResolvedAssembly, folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
    this.#buckets = new Map(
      assembly.ofType('AWS::S3::Bucket').map(({ name, arn, properties }) => {
        const bucket = { name, arn, keyArn: keyOf(properties), expires: expiriesOf(properties) };
        return [name, bucket] as const;
      }),
    );
  }

  bucket(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  put(bucket: Bucket, key: string, body: Buffer, contentType: string): StoredObject {
    const etag = createHash('md5').update(body).digest('hex');
    const stored = { key, size: body.length, etag, contentType, at: this.#now() };
    const path = this.#path(bucket, key);
    mkdirSync(join(this.#folder, bucket.name), { recursive: true });
    writeFileSync(`${path}.new`, body);
    writeFileSync(`${path}.json`, JSON.stringify(stored));
    renameSync(`${path}.new`, path);
    return stored;
  }

  /** Undefined: there is none, or its time is over ("Expiring objects", S3 user guide: at the midnight (UTC) after the days). */
  head(bucket: Bucket, key: string): StoredObject | undefined {
    const path = this.#path(bucket, key);
    if (!existsSync(path)) return undefined;
    const stored = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as StoredObject;
    const days = bucket.expires.find(({ prefix }) => key.startsWith(prefix))?.days;
    const end = days === undefined ? Infinity : Math.ceil((stored.at + days * DAY_MS) / DAY_MS) * DAY_MS;
    return this.#now() >= end ? undefined : stored;
  }

  /** What is in all buckets, and whose time is not over. */
  objects(): { readonly key: string; readonly body: Buffer }[] {
    return [...this.#buckets.values()].flatMap((bucket) => {
      const folder = join(this.#folder, bucket.name);
      const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
      const stored = files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as StoredObject);
      return stored
        .filter(({ key }) => this.head(bucket, key) !== undefined)
        .map(({ key, size }) => ({ key, body: this.read(bucket, key, 0, size - 1) }));
    });
  }

  /** Bytes of an object from the first to the last of a range, both included. */
  read(bucket: Bucket, key: string, first: number, last: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, last - first + 1));
    const file = openSync(this.#path(bucket, key), 'r');
    try {
      readSync(file, bytes, 0, bytes.length, first);
    } finally {
      closeSync(file);
    }
    return bytes;
  }

  delete(bucket: Bucket, key: string): void {
    const path = this.#path(bucket, key);
    for (const one of [path, `${path}.json`]) rmSync(one, { force: true });
  }

  #path(bucket: Bucket, key: string): string {
    return join(this.#folder, bucket.name, createHash('sha256').update(key).digest('hex'));
  }
}

function keyOf(properties: JsonObject): string | undefined {
  const encryption = properties['BucketEncryption'] as JsonObject | undefined;
  const [rule] = (encryption?.['ServerSideEncryptionConfiguration'] ?? []) as JsonObject[];
  const key = (rule?.['ServerSideEncryptionByDefault'] as JsonObject | undefined)?.['KMSMasterKeyID'];
  return typeof key === 'string' ? key : undefined;
}

function expiriesOf(properties: JsonObject): Bucket['expires'] {
  const rules = ((properties['LifecycleConfiguration'] as JsonObject | undefined)?.['Rules'] ?? []) as JsonObject[];
  return rules.flatMap(({ Status, Prefix, ExpirationInDays }) =>
    Status === 'Enabled' && typeof ExpirationInDays === 'number'
      ? { prefix: String(Prefix ?? ''), days: ExpirationInDays }
      : [],
  );
}
