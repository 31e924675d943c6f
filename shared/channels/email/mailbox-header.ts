/**
 * `name <address>` for a header: a display name that is not ASCII becomes encoded words (RFC 2047), which SES asks for
 * in FromEmailAddress. An encoded word has at most 75 characters, so at most 45 bytes of text.
 */
export function encodeMailbox(mailbox: string): string {
  const match = /^\s*"?([^"<]*?)"?\s*<([^<>]+)>\s*$/.exec(mailbox);
  if (match === null) return mailbox.trim();
  const [, name = '', address = ''] = match;
  if (name === '') return address.trim();
  if (/^[\x20-\x7e]*$/.test(name)) return `"${name.replace(/["\\]/g, '\\$&')}" <${address.trim()}>`;
  return `${encodedWords(name).join(' ')} <${address.trim()}>`;
}

function encodedWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > 45) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((part) => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`);
}
