import type { Channel } from '../channel.ts';
import type { Escaping } from './liquid.ts';

export interface ContentPart {
  readonly escaping: Escaping;
  readonly required?: true;
  /** Goes into a header: one line. */
  readonly singleLine?: true;
  readonly maxCharacters: number;
}

/** The parts that a variant of each channel may have. `mjml` is compiled into `html` when the template is published. */
export const contentParts: Record<Channel, { readonly [part: string]: ContentPart }> = {
  email: {
    /** RFC 5322 2.1.1: a header line has at most 998 characters. */
    subject: { escaping: 'none', required: true, singleLine: true, maxCharacters: 900 },
    preheader: { escaping: 'none', maxCharacters: 1_000 },
    html: { escaping: 'html', maxCharacters: 300_000 },
    mjml: { escaping: 'html', maxCharacters: 200_000 },
    text: { escaping: 'none', maxCharacters: 100_000 },
  },
  sms: { text: { escaping: 'none', required: true, maxCharacters: 1_600 } },
  push: {
    title: { escaping: 'none', maxCharacters: 500 },
    body: { escaping: 'none', required: true, maxCharacters: 4_000 },
    link: { escaping: 'none', singleLine: true, maxCharacters: 2_000 },
  },
  'in-app': {
    title: { escaping: 'none', maxCharacters: 500 },
    body: { escaping: 'html', required: true, maxCharacters: 20_000 },
    link: { escaping: 'none', singleLine: true, maxCharacters: 2_000 },
  },
  /** JSON with Liquid: `{"name": {{ profile.name }}}`; each output is a whole JSON value. */
  webhook: { body: { escaping: 'json', required: true, maxCharacters: 100_000 } },
};

/** Words beside the refs and `vars.*` that every part may use. */
export const builtInWords = ['unsubscribe_url', 'postal_address', 'preheader'] as const;
