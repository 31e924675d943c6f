import { MAX_PUSH_TOKEN, normalisePushToken } from '../../../kernel/addresses.ts';
import { DAY_MS } from '../../../kernel/time.ts';
import { durationPart, imagePart, linkPart } from './app-parts.ts';
import type { ChannelSpec } from './spec.ts';

/** What services keep a message for at most (FCM, "Set the lifespan of a message": 28 days). */
export const MAX_PUSH_KEPT_MS = 28 * DAY_MS;

/** To every device of the customer. What an app sees is made of it in render/push-payload.ts. */
export const push: ChannelSpec = {
  address: {
    /** Before profiles had devices; it is written to as well. */
    trait: 'pushToken',
    ofDevices: true,
    form: `a token of at most ${MAX_PUSH_TOKEN} characters, without spaces`,
    normalise: normalisePushToken,
  },
  reaches: 'people',
  anyOf: ['body', 'data'],
  parts: {
    title: { escaping: 'none', maxCharacters: 500 },
    body: { escaping: 'none', maxCharacters: 4_000 },
    link: linkPart,
    image: imagePart,
    badge: {
      escaping: 'none',
      singleLine: true,
      maxCharacters: 200,
      form: { what: 'a whole number, 0 to 99999', test: (text) => /^\d{1,5}$/.test(text) },
    },
    sound: {
      escaping: 'none',
      singleLine: true,
      maxCharacters: 200,
      form: { what: "'default' or the name of a file of the app", test: (text) => /^[\w.-]{1,100}$/.test(text) },
    },
    /** JSON with Liquid, each output a whole value: what the app gets besides. */
    data: {
      escaping: 'json',
      maxCharacters: 8_000,
      form: { what: 'a JSON object without names that services keep to themselves', test: isData },
    },
    /** A later message with the same one takes the place of an earlier one. */
    collapseKey: {
      escaping: 'none',
      singleLine: true,
      maxCharacters: 500,
      form: { what: 'at most 64 bytes', test: (text) => Buffer.byteLength(text) <= 64 },
    },
    /** `PT2H`: what is not delivered by then is of no use. */
    expiresAfter: durationPart('P28D'),
    /** The app gets it, and nothing is shown. */
    silent: {
      escaping: 'none',
      singleLine: true,
      maxCharacters: 200,
      form: { what: 'true or false', test: (text) => text === 'true' || text === 'false' },
    },
  },
};

/** Names of ours and of the services: FCM refuses a message with one of its own ("Data messages"). */
const reserved = /^(aps|link|image|godwit_message|from|message_type|collapse_key|notification|google.*|gcm.*)$/;

export function isData(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    return !Object.keys(value).some((name) => reserved.test(name));
  } catch {
    return false;
  }
}
