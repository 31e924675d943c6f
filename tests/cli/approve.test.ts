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

const proposal = {
  id: 'p-1',
  what: 'template hello',
  method: 'PUT',
  path: '/v1/templates/hello',
  who: 'key:one',
  at: 'now',
};

it('approves a proposal, and says who may carry it out', async () => {
  const { run, asked, bodies } = answering(proposal, { ...proposal, approvals: [{ who: 'key:two' }] });
  const { exit, stdout } = await run('approve --proposal p-1 --note fine --yes');
  expect([exit, stdout]).toEqual([0, 'PUT template hello is approved in one; key:one may do it again\n']);
  expect([asked, bodies]).toEqual([['GET /v1/proposals/p-1', 'POST /v1/proposals/p-1/approvals'], [{ note: 'fine' }]]);
});

it.each(['approve', 'approve hello --proposal p-1', 'approve --proposal p-1 --etag e1'])(
  '%s is neither',
  async (line) => {
    const { run, asked } = answering();
    expect((await run(`${line} --yes`)).exit).toBe(2);
    expect(asked).toEqual([]);
  },
);

it('lists proposals, and who approved them', async () => {
  const data = [
    { ...proposal, approvals: [] },
    { ...proposal, id: 'p-2', approvals: [{ who: 'key:two' }] },
  ];
  expect((await answering({ data }).run('proposals')).stdout.split('\n')).toEqual([
    'p-1  PUT template hello  by key:one  now  not approved',
    'p-2  PUT template hello  by key:one  now  approved by key:two',
    '',
  ]);
  expect((await answering({ ...proposal, body: { id: 'hello' } }).run('proposals p-1')).stdout).toContain(
    '"id": "hello"',
  );
});
