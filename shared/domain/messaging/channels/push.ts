import type { ChannelSpec } from './spec.ts';

export const push: ChannelSpec = {
  address: {
    trait: 'pushToken',
    form: 'a token of at most 2,000 characters',
    normalise(token) {
      if (typeof token !== 'string' || token.length > 2_000) return undefined;
      const trimmed = token.trim();
      return trimmed === '' ? undefined : trimmed;
    },
  },
  reaches: 'people',
  parts: {
    title: { escaping: 'none', maxCharacters: 500 },
    body: { escaping: 'none', required: true, maxCharacters: 4_000 },
    link: { escaping: 'none', singleLine: true, maxCharacters: 2_000 },
  },
};
