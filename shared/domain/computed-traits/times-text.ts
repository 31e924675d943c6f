/** Instants, newest first, as the first one and the differences between neighbours, in base 36: `mf8k2w1c.jfwq8.0`. */
export function printTimes(newestFirst: readonly number[]): string {
  let before: number | undefined;
  const parts: string[] = [];
  for (const at of newestFirst) {
    parts.push((before === undefined ? at : before - at).toString(36));
    before = at;
  }
  return parts.join('.');
}

export function readTimes(text: string): number[] {
  if (text === '') return [];
  let at = 0;
  return text.split('.').map((part, i) => {
    const number = Number.parseInt(part, 36);
    at = i === 0 ? number : at - number;
    return at;
  });
}
