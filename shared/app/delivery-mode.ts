import { normaliseAddress } from '../domain/messaging/address.ts';
import type { Policy } from '../domain/messaging/policy.ts';
import { pushAddress } from '../domain/profiles/push-token.ts';
import type { Settings } from '../settings.ts';

/**
 * May anything leave for this target, an address or a webhook's host? `sink`: no. `allowlist`: an address, a number, a
 * `@domain` (that domain alone, not those below it), a device (`push:<token>`), the devices of a customer (`user:<id>`)
 * or a host, compared without case. `live`: yes.
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

export type TestChannel = 'email' | 'sms' | 'push';

/** Of an author of tests, as lists and requests name them: an e-mail address, a phone number, or `push:` and a token. */
export function readTestRecipient(
  given: string,
): { readonly channel: TestChannel; readonly address: string } | undefined {
  if (given.startsWith('push:')) {
    const token = normaliseAddress('push', given.slice('push:'.length));
    return token === undefined ? undefined : { channel: 'push', address: token };
  }
  for (const channel of ['email', 'sms'] as const) {
    const address = normaliseAddress(channel, given);
    if (address !== undefined) return { channel, address };
  }
  return undefined;
}

/** As it is compared, and stored with the test. */
export const nameOfRecipient = ({ channel, address }: NonNullable<ReturnType<typeof readTestRecipient>>): string =>
  channel === 'push' ? pushAddress(address) : address;
