import { expect, it } from 'vitest';
import { answering } from './answering.ts';

it('approves the draft that was reviewed, and says who did', async () => {
  const { run, asked } = answering({ journey: 'hello', draftEtag: 'e1', who: 'key:two', at: 'now', note: null });
  const { exit, stdout } = await run('approve hello --etag e1 --yes');
  expect([exit, stdout]).toEqual([0, 'key:two approves the draft e1 of hello in one\n']);
  expect(asked).toEqual(['POST /v1/journeys/hello/approvals']);
});

it('asks before it does', async () => {
  const { run, asked } = answering();
  expect((await run('approve hello --etag e1')).exit).toBe(2);
  expect(asked).toEqual([]);
});
