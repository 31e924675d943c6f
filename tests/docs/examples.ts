import { readFileSync } from 'node:fs';

/** The JavaScript of a page under docs/, as whoever copies it would run it: it must be one module. */
export async function exampleOf<T>(page: string): Promise<T> {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code!);
  if (blocks.length !== 1) throw new Error(`${page} has ${blocks.length} examples in JavaScript, not one`);
  const url = `data:text/javascript;base64,${Buffer.from(blocks[0]!).toString('base64')}`;
  return (await import(/* @vite-ignore */ url)) as T;
}
