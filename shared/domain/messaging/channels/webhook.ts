import type { ChannelSpec } from './spec.ts';

/** Goes to an endpoint that the step names. JSON with Liquid: `{"name": {{ profile.name }}}`; each output is a whole JSON value. */
export const webhook: ChannelSpec = {
  reaches: 'systems',
  parts: { body: { escaping: 'json', required: true, maxCharacters: 100_000 } },
};
