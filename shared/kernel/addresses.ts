import { domainToASCII } from 'node:url';

/** Characters of anything that may be an address; what is longer is not looked at. */
const MAX_TEXT = 2_000;

/**
 * An e-mail address as it is compared; undefined for what is none. Trimmed, lower case, the domain in ASCII. SES takes
 * ASCII local parts only (no SMTPUTF8), at most 64 characters, 320 in all (RFC 5321 4.5.3.1).
 */
export function normaliseEmail(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_TEXT) return undefined;
  const text = value.trim();
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const domain = domainIn(text.slice(at + 1));
  if (at < 1 || local.length > 64 || domain === '') return undefined;
  if (!/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(local)) return undefined;
  return `${local.toLowerCase()}@${domain}`;
}

/** Most addresses are at one of a few domains. */
const MAX_KNOWN = 1_000;
const known = new Map<string, string>();

/** As it is compared; empty for what is none. */
function domainIn(text: string): string {
  let domain = known.get(text);
  if (domain === undefined) {
    domain = asciiDomain(text);
    if (domain.length > 253 || !isDomain.test(domain)) domain = '';
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(text, domain);
  }
  return domain;
}

const isDomain = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Most are what they become: small letters, no number at the end (that would be an IP address), nothing encoded. */
const plain = /^(?!.*xn--)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$/;
const asciiDomain = (domain: string): string => (plain.test(domain) ? domain : domainToASCII(domain));

/** A phone number in E.164 form, without the marks that people set between digits; undefined for what is none. */
export function normalisePhone(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_TEXT) return undefined;
  const digits = value.trim().replace(/[\s().-]/g, '');
  return /^\+[1-9]\d{6,14}$/.test(digits) ? digits : undefined;
}

/**
 * What looks like an e-mail address within a text. Its parts are as long as those of an address may be (RFC 5321, 4.5.3.1), so
 * that a text without a space is looked through once, and not from each of its places.
 */
export const emailInText = /[^\s"',;<>@]{1,64}@[^\s"',;<>@]{1,255}\.[^\s"',;<>@]{1,63}/g;

/** Enough to know one's own again, not enough to learn somebody else's: `a•••@e•••.org`, `•••55`. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 1) return `•••${address.slice(-2)}`;
  const domain = address.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  return `${address[0]}•••@${domain[0]}•••${domain.slice(dot)}`;
}

/** No service says how long its tokens are; those seen have 64 to some 200 characters. */
export const MAX_PUSH_TOKEN = 1_024;

/** The token as it is compared; undefined for what is none. */
export function normalisePushToken(token: unknown): string | undefined {
  if (typeof token !== 'string') return undefined;
  const trimmed = token.trim();
  return trimmed.length <= MAX_PUSH_TOKEN && /^[\x21-\x7E]+$/.test(trimmed) ? trimmed : undefined;
}
