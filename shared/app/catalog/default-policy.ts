import type { Policy } from '../../domain/messaging/policy.ts';
import type { Settings } from '../../settings.ts';

/**
 * What holds until somebody saves a policy: the zone and locale of the deployment, no quiet hours, no caps. Customers are found
 * by e-mail and phone, which costs 2 write units for each new address (ADR 20).
 */
export const defaultPolicy = ({ zone, locale }: Pick<Settings, 'zone' | 'locale'>): Policy => ({
  schemaVersion: 1,
  zone,
  locale,
  quietHours: [],
  caps: [],
  identities: { email: { merge: 'never' }, phone: { merge: 'never' } },
});
