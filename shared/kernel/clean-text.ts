/**
 * Characters that no name, id or text of ours may carry: control characters other than tab, line feed and carriage
 * return; U+FFFE and U+FFFF (not characters, and illegal in SQS message bodies); surrogates without their partner,
 * which do not survive UTF-8. `\p{Cs}` with the `u` flag matches lone surrogates only.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const forbidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\uFFFE\uFFFF]|\p{Cs}/u;

export const hasForbiddenCharacters = (text: string): boolean => forbidden.test(text);

/** Keys that reach an object's prototype where somebody assigns without care. */
export const isPrototypeKey = (key: string): boolean =>
  key === '__proto__' || key === 'constructor' || key === 'prototype';
