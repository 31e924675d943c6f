import { durationPart, imagePart, linkPart } from './app-parts.ts';
import type { ChannelSpec } from './spec.ts';

/** Kept until the customer's app asks for it, so nothing is addressed, and storing it is all there is to deliver. */
export const inApp: ChannelSpec = {
  reaches: 'people',
  repeatable: true,
  arrivesAtHandOver: true,
  parts: {
    title: { escaping: 'none', maxCharacters: 500 },
    body: { escaping: 'html', required: true, maxCharacters: 20_000 },
    link: linkPart,
    image: imagePart,
    expiresAfter: durationPart('P1Y'),
  },
};
