import type { Policy } from '../../domain/messaging/policy.ts';
import type { Settings } from '../../settings.ts';

/** What holds until somebody saves a policy: the zone and locale of the deployment, no quiet hours, no caps. */
export const defaultPolicy = ({ zone, locale }: Pick<Settings, 'zone' | 'locale'>): Policy => ({
  schemaVersion: 1,
  zone,
  locale,
  quietHours: [],
  caps: [],
});
