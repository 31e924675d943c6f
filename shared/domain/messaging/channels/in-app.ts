import type { ChannelSpec } from './spec.ts';

/** The app asks for its customer's own messages, so nothing is addressed. */
export const inApp: ChannelSpec = {
  reaches: 'people',
  parts: {
    title: { escaping: 'none', maxCharacters: 500 },
    body: { escaping: 'html', required: true, maxCharacters: 20_000 },
    link: { escaping: 'none', singleLine: true, maxCharacters: 2_000 },
  },
};
