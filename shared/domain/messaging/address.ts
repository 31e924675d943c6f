import { domainToASCII } from 'node:url';
import { digest } from '../../kernel/ids.ts';
import type { Channel } from './channel.ts';

/**
 * An address as it is compared and hashed; undefined for what is none.
 *
 * E-mail: trimmed, lower case, the domain in ASCII. SES takes ASCII local parts only (no SMTPUTF8), at most 64
 * characters, 320 in all (RFC 5321 4.5.3.1). Phone numbers: E.164. Everything else is taken as it is.
 */
export function normaliseAddress(channel: Channel, address: unknown): string | undefined {
  if (typeof address !== 'string' || address.length > 2_000) return undefined;
  const trimmed = address.trim();
  if (channel === 'email') return normaliseEmail(trimmed);
  if (channel === 'sms') {
    const digits = trimmed.replace(/[\s().-]/g, '');
    return /^\+[1-9]\d{6,14}$/.test(digits) ? digits : undefined;
  }
  return trimmed === '' ? undefined : trimmed;
}

/** What stands for an address in tables, effects and links: nobody can read the address from it without guessing it. */
export function addressHash(channel: Channel, address: string): string {
  return digest(channel, normaliseAddress(channel, address) ?? address);
}

function normaliseEmail(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  const domain = asciiDomain(text.slice(at + 1));
  if (at < 1 || local.length > 64 || domain.length > 253) return undefined;
  if (!/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/.test(local)) return undefined;
  if (!/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(domain)) return undefined;
  return `${local.toLowerCase()}@${domain}`;
}

/** Most are what they become: small letters, no number at the end (that would be an IP address), nothing encoded. */
const plain = /^(?!.*xn--)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$/;
const asciiDomain = (domain: string): string => (plain.test(domain) ? domain : domainToASCII(domain));
