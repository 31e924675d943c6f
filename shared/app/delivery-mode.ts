import type { Settings } from '../settings.ts';

/**
 * May anything leave for this target, an e-mail address or a webhook's host? `sink`: no. `allowlist`: an address, a
 * `@domain` (that domain alone, not those below it) or a host, compared without case. `live`: yes.
 */
export function isAllowedTarget(delivery: Settings['delivery'], target: string): boolean {
  if (delivery.mode !== 'allowlist') return delivery.mode === 'live';
  const wanted = target.toLowerCase();
  const domain = wanted.slice(wanted.lastIndexOf('@'));
  return delivery.allow.some((entry) => {
    const allowed = entry.trim().toLowerCase();
    return allowed === wanted || (allowed.startsWith('@') && allowed.length > 1 && allowed === domain);
  });
}
