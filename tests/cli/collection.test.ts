import { expect, it } from 'vitest';
import { answering } from './answering.ts';

it('deletes an item, also one with a slash in its id', async () => {
  const { run, asked } = answering(undefined);
  expect(await run('collection delete products boots/3')).toMatchObject({ exit: 0, stdout: 'boots/3 is gone\n' });
  expect(asked).toEqual(['DELETE /v1/collections/products/items/by?item=boots%2F3']);
});

it('deletes a collection when it is told so twice', async () => {
  const { run, asked } = answering({ id: 'clear-products-1' });
  const refused = await run('collection delete products --all');
  expect([refused.exit, asked]).toEqual([2, []]);
  const { exit, stdout } = await run('collection delete products --all --yes');
  expect([exit, stdout]).toEqual([0, 'products is gone; job clear-products-1 deletes its items\n']);
  expect(asked).toEqual(['DELETE /v1/collections/products']);
});

it.each([
  ['collection delete products', /delete takes 2 words behind it/],
  ['collection delete products boots --all', /delete takes 1 words behind it/],
  ['collection get products boots --all', /--all goes with delete/],
  ['collection drop products', /there is list, get, put and delete/],
])('asks nobody when it is called wrongly: %s', async (line, words) => {
  const { run, asked } = answering();
  const { exit, stderr } = await run(line);
  expect([exit, stderr, asked]).toEqual([2, expect.stringMatching(words), []]);
});
