import { expect, it } from 'vitest';
import { answering } from './answering.ts';

const one = (id: string, more: object = {}) => ({
  ...{ id, at: '2026-11-26T09:00:00.000Z', who: 'key:one', method: 'PUT', route: '/v1/topics/{id}' },
  ...{ resource: '/v1/topics/news', outcome: { status: 200 } },
  ...more,
});

it('says who did what to what, what became of it and what differs', async () => {
  const changes = [{ pointer: '/name', before: '"A"', after: '"B"' }, { pointer: '' }];
  const { run, asked } = answering({
    data: [
      one('a', { outcome: { status: 200, changes, moreChanges: 3 } }),
      one('b', { fields: ['traits', 'traits.plan'], outcome: null }),
      one('c', { outcome: { status: 422, code: 'journey.lint', noted: { key: 'k1' } } }),
    ],
    nextCursor: null,
  });
  const { exit, stdout } = await run('audit --from 2026-11-01 --to 2026-11-26 --who key:one --resource /v1/topics');
  const at = '2026-11-26T09:00:00.000Z';
  expect([exit, stdout.trimEnd().split('\n')]).toEqual([
    0,
    [
      'one: 3 entries',
      `${at}  PUT /v1/topics/news by key:one: 200`,
      '  /name: "A" → "B"',
      '  (the document): nothing → nothing',
      '  and 3 more places',
      `${at}  PUT /v1/topics/news (traits, traits.plan) by key:one: nobody knows what became of it`,
      `${at}  PUT /v1/topics/news by key:one: 422 journey.lint key=k1`,
    ],
  ]);
  expect(asked).toEqual([
    'GET /v1/audit?limit=200&from=2026-11-01T00%3A00%3A00.000Z&to=2026-11-26T23%3A59%3A59.999Z&who=key%3Aone&resource=%2Fv1%2Ftopics',
  ]);
});

it('goes on over pages that are empty, and stops at the limit', async () => {
  const { run, asked } = answering(
    { data: [one('a')], nextCursor: 'c1' },
    { data: [], nextCursor: 'c2' },
    { data: [one('b'), one('c')], nextCursor: null },
  );
  const { stdout } = await run('audit --limit 2 --json');
  expect(JSON.parse(stdout)).toMatchObject({ data: [{ id: 'a' }, { id: 'b' }], complete: false });
  expect(asked).toEqual([
    'GET /v1/audit?limit=2',
    'GET /v1/audit?limit=2&cursor=c1',
    'GET /v1/audit?limit=2&cursor=c2',
  ]);
});

it.each(['--from yesterday', '--to 2026-11', '--limit 0', '--limit 20000'])('asks nobody about %s', async (options) => {
  const { run, asked } = answering();
  expect((await run(`audit ${options}`)).exit).toBe(2);
  expect(asked).toEqual([]);
});
