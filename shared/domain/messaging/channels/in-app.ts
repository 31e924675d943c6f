import { nominalMs, readDuration } from '../../../kernel/duration.ts';
import { isHttpsUrl, isSafeLink } from './link-form.ts';
import type { ChannelSpec } from './spec.ts';

/** Kept until the customer's app asks for it, so nothing is addressed, and storing it is all there is to deliver. */
export const inApp: ChannelSpec = {
  reaches: 'people',
  repeatable: true,
  arrivesAtHandOver: true,
  parts: {
    title: { escaping: 'none', maxCharacters: 500 },
    body: { escaping: 'html', required: true, maxCharacters: 20_000 },
    link: {
      escaping: 'none',
      singleLine: true,
      maxCharacters: 2_000,
      form: { what: 'a path, or a URL that runs no script', test: isSafeLink },
    },
    image: {
      escaping: 'none',
      singleLine: true,
      maxCharacters: 2_000,
      form: { what: 'an https URL', test: isHttpsUrl },
    },
    /** `P7D`; a step may give it: `{{ vars.keep }}`. */
    expiresAfter: {
      escaping: 'none',
      singleLine: true,
      maxCharacters: 100,
      form: { what: 'a duration of at most P1Y, above zero', test: isTime },
    },
  },
};

function isTime(text: string): boolean {
  const parts = readDuration(text);
  return typeof parts !== 'string' && nominalMs(parts) > 0;
}
