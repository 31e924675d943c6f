import { normaliseEmail } from '../../../kernel/addresses.ts';
import type { ChannelSpec } from './spec.ts';

/** `mjml` is compiled into `html` when the template is published. */
export const email: ChannelSpec = {
  address: { trait: 'email', form: 'a whole address', normalise: normaliseEmail },
  reaches: 'people',
  isToldOf: true,
  parts: {
    /** RFC 5322 2.1.1: a header line has at most 998 characters. */
    subject: { escaping: 'none', required: true, singleLine: true, maxCharacters: 900 },
    preheader: { escaping: 'none', maxCharacters: 1_000 },
    html: { escaping: 'html', maxCharacters: 300_000 },
    mjml: { escaping: 'html', maxCharacters: 200_000 },
    text: { escaping: 'none', maxCharacters: 100_000 },
  },
};
