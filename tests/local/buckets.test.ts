import { DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fileStore, withoutChecksums } from '../../shared/data/file-store.ts';
import { bootFixture, DAY, type FixtureCloud, MINUTE, removeFixture } from './fixture/fixture-cloud.ts';

let cloud: FixtureCloud;
let client: S3Client;
let bucket: string;
beforeAll(async () => {
  cloud = await bootFixture();
  bucket = cloud.assembly.ofType('AWS::S3::Bucket')[0]!.name;
  client = new S3Client({ ...cloud.operator, ...withoutChecksums });
}, 60_000);
afterAll(async () => {
  await cloud.stop();
  removeFixture();
});

const files = () => fileStore(client, bucket);
async function readAll(name: string, from = 0): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of files().read(name, from)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('the file store', () => {
  it('reads what it wrote, from anywhere, piece by piece', async () => {
    const body = Buffer.alloc(17 * 1024 * 1024, 'Grüße ');
    await files().write('a/b c.txt', body, 'text/plain');
    expect(await files().size('a/b c.txt')).toBe(body.length);
    expect((await readAll('a/b c.txt')).equals(body)).toBe(true);
    expect((await readAll('a/b c.txt', 16 * 1024 * 1024)).equals(body.subarray(16 * 1024 * 1024))).toBe(true);
    expect(await readAll('a/b c.txt', body.length)).toEqual(Buffer.alloc(0));
  });

  it('knows what is not there', async () => {
    expect(await files().size('nothing')).toBeUndefined();
    await expect(readAll('nothing')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('overwrites and deletes', async () => {
    await files().write('one', Buffer.from('1'), 'text/plain');
    await files().write('one', Buffer.from('two'), 'text/plain');
    expect((await readAll('one')).toString()).toBe('two');
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'one' }));
    expect(await files().size('one')).toBeUndefined();
  });
});

describe('presigned URLs', () => {
  it('take one file, and give it, while they are good', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: cloud.now() });
    const to = await files().uploadUrl('in/file.ndjson', 60);
    const put = await fetch(to, {
      method: 'PUT',
      body: '{"a":1}\n',
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect(put.status).toBe(200);
    const from = await files().downloadUrl('in/file.ndjson', 60);
    vi.useRealTimers();
    const got = await fetch(from);
    expect([got.status, await got.text()]).toEqual([200, '{"a":1}\n']);
    expect(got.headers.get('content-disposition')).toBe('attachment; filename="file.ndjson"');
    await cloud.advance(2 * MINUTE);
    const late = await fetch(from);
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  });

  it('are no good for somebody whom nobody knows', async () => {
    const url = new URL(await files().downloadUrl('in/file.ndjson', 60));
    url.searchParams.set('X-Amz-Credential', 'somebody/20261123/us-east-1/s3/aws4_request');
    expect((await fetch(url)).status).toBe(403);
  });
});

it('what its time is over for is gone', async () => {
  await files().write('week/a', Buffer.from('1'), 'text/plain');
  await files().write('ever/a', Buffer.from('1'), 'text/plain');
  await cloud.advance(6 * DAY);
  expect(await files().size('week/a')).toBe(1);
  await cloud.advance(2 * DAY);
  expect([await files().size('week/a'), await files().size('ever/a')]).toEqual([undefined, 1]);
});
