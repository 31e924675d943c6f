import { nominalMs, readDuration } from '../../../kernel/duration.ts';
import type { ContentPart } from './spec.ts';

/** What messages to apps have in common, in their inbox or as a notification. */
const oneLine = { escaping: 'none', singleLine: true } as const;

/** A value of a customer's may stand in it, and apps follow it: no `javascript:`, whatever stands before it. */
function isSafeLink(text: string): boolean {
  if (/^\/(?![/\\])/.test(text)) return true;
  return URL.canParse(text) && !/^(javascript|data|vbscript|blob|file):$/.test(new URL(text).protocol);
}

const isHttpsUrl = (text: string): boolean => URL.canParse(text) && new URL(text).protocol === 'https:';

/** Where a tap leads to: a path of the app, or a URL. */
export const linkPart: ContentPart = {
  ...oneLine,
  maxCharacters: 2_000,
  form: { what: 'a path, or a URL that runs no script', test: isSafeLink },
};

export const imagePart: ContentPart = {
  ...oneLine,
  maxCharacters: 2_000,
  form: { what: 'an https URL', test: isHttpsUrl },
};

/** `P7D`; a step may give it: `{{ vars.keep }}`. */
export const durationPart = (most: string): ContentPart => ({
  ...oneLine,
  maxCharacters: 100,
  form: {
    what: `a duration of at most ${most}, above zero`,
    test: (text) => {
      const parts = readDuration(text);
      if (typeof parts === 'string') return false;
      const ms = nominalMs(parts);
      return ms > 0 && ms <= nominalMs(most);
    },
  },
});
