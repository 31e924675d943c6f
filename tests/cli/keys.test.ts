import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashKey } from '../../shared/app/access/keys.ts';
import { answering, typing } from './answering.ts';

const secret = `gw_ingest_${'x'.repeat(43)}`;
const key = {
  ...{ id: 'AAAAAAAAAAAAAAAA', kind: 'ingest', name: 'shop', scopes: [], createdAt: '2026-11-01T00:00:00Z' },
  ...{ createdBy: 'operator', lastUsedAt: null, expiresAt: null, state: 'valid', replacedBy: null },
};

describe('keys', () => {
  it('are listed with when they were used last', async () => {
    const used = {
      ...key,
      id: 'BBBBBBBBBBBBBBBB',
      lastUsedAt: '2026-11-26T12:00:00Z',
      expiresAt: '2026-12-01T00:00:00Z',
    };
    const { run } = answering({ data: [key, { ...used, kind: 'api', scopes: ['journeys:read'], state: 'ending' }] });
    expect((await run('keys')).stdout.split('\n')).toEqual([
      'AAAAAAAAAAAAAAAA  ingest  shop  used never                 valid',
      'BBBBBBBBBBBBBBBB  api     shop  used 2026-11-26T12:00:00Z  ending (until 2026-12-01T00:00:00Z)  journeys:read',
      '',
    ]);
  });

  it.each([
    ['keys issue shop --ingest --per-minute 600', { name: 'shop', kind: 'ingest', perMinute: 600 }],
    [
      'keys issue shop --scopes journeys:read,jobs:read --expires 2027-11-26',
      { name: 'shop', kind: 'api', scopes: ['journeys:read', 'jobs:read'], expiresAt: '2027-11-26T00:00:00Z' },
    ],
  ])('%s prints the key alone, and says the rest beside', async (line, body) => {
    const { run, asked, bodies, noted } = answering({ ...key, secret });
    expect(await run(line)).toEqual({ exit: 0, stdout: `${secret}\n`, stderr: '' });
    expect([asked, bodies]).toEqual([['POST /v1/keys'], [body]]);
    expect(noted).toEqual(['the key AAAAAAAAAAAAAAAA is made, and ends only when it is revoked']);
  });

  it('put a key into a new file that only this user can read, and not on the screen', async () => {
    const { run, folder, bodies } = answering({ ...key, secret, replacedEndsAt: '2026-11-26T00:00:00Z' });
    const { exit, stdout } = await run('keys rotate AAAAAAAAAAAAAAAA --overlap-hours 0 --file key.txt --yes');
    expect([exit, bodies]).toEqual([0, [{ overlapHours: 0 }]]);
    expect(stdout).not.toContain(secret);
    const file = join(folder, 'key.txt');
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual([`${secret}\n`, 0o600]);
  });

  it('make no key where the file is there already, and leave no file where no key was made', async () => {
    const { run, folder, asked } = answering(403);
    writeFileSync(join(folder, 'old.txt'), 'mine');
    expect((await run('keys issue shop --ingest --file old.txt')).exit).toBe(2);
    expect([asked, readFileSync(join(folder, 'old.txt'), 'utf8')]).toEqual([[], 'mine']);
    expect((await run('keys issue shop --ingest --file new.txt')).exit).toBe(3);
    expect(existsSync(join(folder, 'new.txt'))).toBe(false);
  });

  it.each([
    'keys issue shop',
    'keys issue shop --ingest --scopes journeys:read',
    'keys issue shop --ingest --expires tomorrow',
    'keys issue',
    'keys rotate AAAAAAAAAAAAAAAA',
    'keys revoke AAAAAAAAAAAAAAAA',
    `keys revoke ${secret} --yes`,
    'keys destroy AAAAAAAAAAAAAAAA',
    'keys which AAAAAAAAAAAAAAAA',
  ])('%s asks nothing of the environment', async (line) => {
    const { run, asked } = answering();
    const { exit, stderr } = await run(line);
    expect([exit, asked]).toEqual([2, []]);
    expect(stderr).not.toContain(secret);
  });

  it('are revoked', async () => {
    const { run, asked } = answering(undefined);
    expect((await run('keys revoke AAAAAAAAAAAAAAAA --yes')).stdout).toBe('the key AAAAAAAAAAAAAAAA is revoked\n');
    expect(asked).toEqual(['DELETE /v1/keys/AAAAAAAAAAAAAAAA']);
  });
});

describe('keys which', () => {
  const session = `gw_session_${'y'.repeat(43)}`;

  it.each([
    [secret, 'GET /v1/keys'],
    [session, 'GET /v1/sessions'],
  ])('says whose %s is, and sends it nowhere', async (found, path) => {
    const id = hashKey(found).slice(0, 16);
    const { run, asked, sent, bodies } = typing(found, { data: [{ ...key, id }] });
    const { exit, stdout } = await run('keys which');
    expect([exit, JSON.parse(stdout)]).toEqual([0, { ...key, id }]);
    expect([asked, bodies]).toEqual([[path], []]);
    expect(JSON.stringify(sent)).not.toContain(found);
  });

  it('finds none, or is given something else', async () => {
    expect(await typing(secret, { data: [key] }).run('keys which')).toMatchObject({ exit: 1 });
    const other = typing('hunter2');
    expect(await other.run('keys which')).toMatchObject({ exit: 2, stderr: expect.not.stringContaining('hunter2') });
    expect(other.asked).toEqual([]);
  });
});
