import type { Count } from '../domain/decision.ts';

/** The words of `Count.what`: `step/a-day/port/next` is a `step`, `a-day`, its `port`, `next`. */
export interface CountWords {
  readonly kind: string;
  /** Of a step; else the rest: a code, an exit's reason. */
  readonly id: string;
  readonly more: string;
  readonly rest: string;
}

/** The same few words come millions of times; there are as many as documents have steps, ports and reasons. */
const known = new Map<string, CountWords>();
const MAX_KNOWN = 100_000;

export function readCount(what: Count['what']): CountWords {
  let words = known.get(what);
  if (words === undefined) {
    const [kind = '', ...parts] = what.split('/');
    const hasMore = kind === 'step' || kind === 'message';
    words = hasMore
      ? { kind, id: parts[0] ?? '', more: parts[1] ?? '', rest: parts.slice(2).join('/') }
      : { kind, id: parts.join('/'), more: '', rest: '' };
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(what, words);
  }
  return words;
}
