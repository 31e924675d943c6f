/**
 * How long a text message is, as carriers count and charge it.
 *
 * - GSM-7 (3GPP TS 23.038, 6.2.1: default alphabet and its extension table): 160 septets in one part. A character of the
 *   extension table takes two, because an escape comes before it.
 * - UCS-2 (23.038, 6.2.3), as soon as one character is in neither table: 70 units of 16 bits in one part. What lies beyond
 *   the basic plane, as most emoji do, takes two.
 * - Longer texts are cut, and each part gives up six octets to a header that puts them together (3GPP TS 23.040, 9.2.3.24.1):
 *   153 or 67 are left. Neither an escape and its character nor a surrogate pair is ever torn, so a part may end one short.
 *
 * Written here and not taken from a library: those that count (sms-segments-calculator, split-sms) are CommonJS and keep
 * the text of each part, and their tables are the same 137 characters.
 */
export interface SmsLength {
  readonly encoding: 'GSM-7' | 'UCS-2';
  /** Septets, or units of 16 bits. */
  readonly units: number;
  readonly parts: number;
}

const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const extension = '\f^{}\\[~]|€';

const septets = new Map([
  ...[...basic].map((character) => [character, 1] as const),
  ...[...extension].map((character) => [character, 2] as const),
]);

const sizes = { 'GSM-7': { single: 160, part: 153 }, 'UCS-2': { single: 70, part: 67 } } as const;

export function smsLength(text: string): SmsLength {
  const characters = [...text];
  const encoding = characters.every((character) => septets.has(character)) ? 'GSM-7' : 'UCS-2';
  const unitsOf = (character: string) => (encoding === 'GSM-7' ? septets.get(character)! : character.length);
  const units = characters.reduce((sum, character) => sum + unitsOf(character), 0);
  const { single, part } = sizes[encoding];
  if (units <= single) return { encoding, units, parts: 1 };
  let parts = 1;
  let used = 0;
  for (const character of characters) {
    const wanted = unitsOf(character);
    if (used + wanted > part) {
      parts += 1;
      used = 0;
    }
    used += wanted;
  }
  return { encoding, units, parts };
}

/**
 * What alone makes a text UCS-2 that could be GSM-7: emoji, typographic quotes, dashes, spaces. Empty for a text whose
 * letters are in no GSM table, because then its language needs it.
 */
export function needlessCharacters(text: string): string[] {
  const foreign = [...new Set(text)].filter((character) => !septets.has(character));
  return foreign.some((character) => /\p{L}/u.test(character)) ? [] : foreign;
}

/** SendTextMessage takes a MessageBody of at most 1,600 characters (API reference of End User Messaging SMS and Voice v2). */
export const MAX_SMS_CHARACTERS = 1_600;

/** From here on it is worth a warning: each part is paid, and long messages arrive less surely. */
export const MANY_SMS_PARTS = 3;
