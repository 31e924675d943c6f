import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { storeKey } from '../../cli/config/keys.ts';
import { answering } from './answering.ts';

const api = 'https://one.example';
const session = `gw_session_${'x'.repeat(43)}`;
const open = {
  ...{ id: 'AAAAAAAAAAAAAAAA', who: 'arn:aws:iam::1:user/ann', roles: ['marketer'], current: true },
  ...{ createdAt: '2026-11-26T12:00:00Z', expiresAt: '2026-11-26T13:00:00Z' },
};
const other = { ...open, id: 'BBBBBBBBBBBBBBBB', current: false };

/** As login left it. */
function kept(secret: string | undefined, ...answers: Parameters<typeof answering>) {
  const project = answering(...answers);
  if (secret !== undefined) storeKey(api, secret, { HOME: project.folder });
  storeKey('https://two.example', 'gw_api_two', { HOME: project.folder });
  const file = () => JSON.parse(readFileSync(join(project.folder, '.config/godwit/keys.json'), 'utf8'));
  return { ...project, file };
}

describe('logout', () => {
  it('ends the session that login kept, also where the environment names a key for CI, and forgets it alone', async () => {
    const { run, asked, sent, file } = kept(session, { data: [other, open] }, undefined);
    expect(await run('logout')).toMatchObject({ exit: 0, stdout: expect.stringContaining('the session is ended') });
    expect(asked).toEqual(['GET /v1/sessions', 'DELETE /v1/sessions/AAAAAAAAAAAAAAAA']);
    expect(sent.map(({ authorization }) => authorization)).toEqual([`Bearer ${session}`, `Bearer ${session}`]);
    expect(file()).toEqual({ 'https://two.example': 'gw_api_two' });
  });

  it.each([
    [401, 0],
    [403, 1],
  ])('forgets it also when the answer is %i, with exit code %i', async (status, exit) => {
    const { run, file } = kept(session, status);
    expect((await run('logout')).exit).toBe(exit);
    expect(file()).toEqual({ 'https://two.example': 'gw_api_two' });
  });

  it('only forgets a key, and says that it is still good', async () => {
    const { run, asked, file } = kept('gw_api_one');
    expect(await run('logout')).toMatchObject({ exit: 0, stdout: expect.stringContaining('keys revoke') });
    expect([asked, file()]).toEqual([[], { 'https://two.example': 'gw_api_two' }]);
  });

  it('has nothing to do where nothing is kept', async () => {
    const { run, asked } = kept(undefined);
    expect(await run('logout')).toMatchObject({ exit: 0, stdout: expect.stringContaining('nothing is kept') });
    expect(asked).toEqual([]);
  });
});

describe('sessions', () => {
  it('lists who is signed in', async () => {
    const { stdout } = await answering({ data: [open, other] }).run('sessions');
    expect(stdout.split('\n')).toEqual([
      'AAAAAAAAAAAAAAAA  arn:aws:iam::1:user/ann  marketer  until 2026-11-26T13:00:00Z  this one',
      'BBBBBBBBBBBBBBBB  arn:aws:iam::1:user/ann  marketer  until 2026-11-26T13:00:00Z',
      '',
    ]);
  });

  it('ends one, after asking', async () => {
    const { run, asked } = answering(undefined);
    expect((await run('sessions end BBBBBBBBBBBBBBBB')).exit).toBe(2);
    expect((await run('sessions finish BBBBBBBBBBBBBBBB')).exit).toBe(2);
    expect(asked).toEqual([]);
    expect((await run('sessions end BBBBBBBBBBBBBBBB --yes')).exit).toBe(0);
    expect(asked).toEqual(['DELETE /v1/sessions/BBBBBBBBBBBBBBBB']);
  });
});
