import { expect, it } from 'vitest';
import { answering } from './answering.ts';

const job = { id: 'erase-1', kind: 'erase', progress: {} };
const result = {
  dueBy: '2026-12-24T09:00:00.000Z',
  doneAt: '2026-11-26T09:05:00.000Z',
  erased: [
    {
      erasedAt: '2026-11-26T09:00:01.000Z',
      profiles: 2,
      identities: 1,
      addresses: 3,
      suppressions: 'salted-hash',
      kinds: [{ kind: 'journal-entry', items: 7, sha256: 'ab' }],
    },
  ],
  notShortened: { backups: { days: 35, holds: 'tables' }, providers: { days: null, holds: 'lists' } },
};

it('erases whom it was told to with --yes, waits, and prints the certificate', async () => {
  const { run, asked } = answering({ ...job, state: 'queued' }, { ...job, state: 'done', result });
  const { exit, stdout } = await run('profile erase ada@mail.example --id-type email --yes');
  expect([exit, stdout.trimEnd().split('\n')]).toEqual([
    0,
    [
      'erased 2026-11-26T09:05:00.000Z  job erase-1',
      'since 2026-11-26T09:00:01.000Z: 2 profiles, 1 identities, 3 addresses',
      '  7 journal-entry  ab',
      '  suppressions stay, as salted hashes',
      'what stays elsewhere',
      '  backups: 35 days: tables',
      '  providers: until it is deleted there: lists',
    ],
  ]);
  expect(asked).toEqual(['DELETE /v1/profiles/by?idType=email&id=ada%40mail.example', 'GET /v1/jobs/erase-1']);
});

it('does nothing where nobody can be asked', async () => {
  const { run, asked } = answering();
  expect([(await run('profile erase ada')).exit, asked]).toEqual([2, []]);
});

it('says that it is not done where the job has failed', async () => {
  const { run } = answering({ ...job, state: 'queued' }, { ...job, state: 'failed', error: 'x' });
  expect((await run('profile erase ada --yes')).exit).toBe(3);
});
