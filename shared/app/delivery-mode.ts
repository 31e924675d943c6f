import type { Policy } from '../domain/messaging/policy.ts';
import type { Settings } from '../settings.ts';

/**
 * May anything leave for this target, an address or a webhook's host? `sink`: no. `allowlist`: an address, a number, a
 * `@domain` (that domain alone, not those below it) or a host, compared without case. `live`: yes.
 */
export function isAllowedTarget(delivery: Settings['delivery'], target: string): boolean {
  return delivery.mode === 'allowlist' ? isListed(delivery.allow, target) : delivery.mode === 'live';
}

/** Who may get messages of test runs: whom the policy names, and whoever may get anything in an environment with an allow list. */
export function isTestRecipient(
  { testRecipients = [] }: Pick<Policy, 'testRecipients'>,
  { delivery }: Pick<Settings, 'delivery'>,
  address: string,
): boolean {
  return isListed(delivery.mode === 'allowlist' ? [...testRecipients, ...delivery.allow] : testRecipients, address);
}

function isListed(list: readonly string[], target: string): boolean {
  const wanted = target.toLowerCase();
  const domain = wanted.slice(wanted.lastIndexOf('@'));
  return list.some((entry) => {
    const allowed = entry.trim().toLowerCase();
    return allowed === wanted || (allowed.startsWith('@') && allowed.length > 1 && allowed === domain);
  });
}
