import type { Channel } from '../messaging/channel.ts';
import type { Profile } from './profile.ts';
import { countryOf, countryOfPhone, isRecord } from './reserved-traits.ts';
import { traitValue } from './set-traits.ts';

/**
 * Where the customer lives, ISO 3166-1 alpha-2, as far as it is written so: by their address, else the trait `country`. For text messages the
 * number's own country comes first, because rules on them are those of the network that brings them.
 */
export function countryIn(profile: Profile, channel: Channel): string | undefined {
  const phone = channel === 'sms' ? traitValue(profile, 'phone') : undefined;
  const byNumber = typeof phone === 'string' ? countryOfPhone(phone) : undefined;
  if (byNumber !== undefined) return byNumber;
  const address = traitValue(profile, 'address');
  const named = (isRecord(address) ? address.country : undefined) ?? traitValue(profile, 'country');
  return named === undefined ? undefined : countryOf({ country: named });
}
