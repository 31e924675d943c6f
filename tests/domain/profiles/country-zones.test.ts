import { describe, expect, it } from 'vitest';
import { zoneOf } from '../../../shared/domain/journeys/engine/scope.ts';
import { zoneOfCountry } from '../../../shared/domain/profiles/country-zones.ts';
import { emptyProfile } from '../../../shared/domain/profiles/profile.ts';
import type { Json } from '../../../shared/kernel/canonical-json.ts';
import { isZone } from '../../../shared/kernel/zone-name.ts';

describe('the zone of a country', () => {
  it.each([
    ['DE', 'Europe/Berlin'],
    [' gb ', 'Europe/London'],
    ['IN', 'Asia/Kolkata'],
    ['JP', 'Asia/Tokyo'],
    ['AR', 'America/Argentina/Buenos_Aires'],
    ['ES', 'Europe/Madrid'],
    ['CN', 'Asia/Shanghai'],
    ['US', undefined],
    ['BR', undefined],
    ['AU', undefined],
    ['Germany', undefined],
    ['', undefined],
  ])('%s: %s', (country, zone) => {
    expect(zoneOfCountry(country)).toBe(zone);
  });

  it('is one that this runtime knows, for nearly all countries', () => {
    const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i));
    const zones = letters.flatMap((a) => letters.flatMap((b) => zoneOfCountry(a + b) ?? []));
    expect(zones.length).toBeGreaterThan(225);
    expect(zones.filter((zone) => !isZone(zone))).toEqual([]);
  });
});

describe('the zone of a customer', () => {
  const policy = { zone: 'UTC', locale: 'en' };
  const profileWith = (traits: { readonly [name: string]: Json }) => ({
    ...emptyProfile,
    traits: Object.fromEntries(
      Object.entries(traits).map(([name, value]) => [name, { value, at: 0, source: 'identify' as const }]),
    ),
  });
  const london = { zone: 'Europe/London' };
  it.each<[why: string, traits: { readonly [name: string]: Json }, journey: typeof london | undefined, zone: string]>([
    ['their own', { timezone: 'Asia/Tokyo', address: { country: 'DE' } }, london, 'Asia/Tokyo'],
    ['their country', { address: { country: 'de' } }, london, 'Europe/Berlin'],
    ['their country, when their own is none', { timezone: 'Mars/Olympus', country: 'FR' }, london, 'Europe/Paris'],
    ['that of the address before the trait', { address: { country: 'FR' }, country: 'DE' }, london, 'Europe/Paris'],
    [
      'the trait, when the address names no country',
      { address: { city: 'Ulm' }, country: 'DE' },
      london,
      'Europe/Berlin',
    ],
    ['the journey, when their country has many', { country: 'US' }, london, 'Europe/London'],
    ['the journey, when nothing is known', {}, london, 'Europe/London'],
    ['the environment', { country: 7 }, undefined, 'UTC'],
  ])('%s', (_why, traits, journey, zone) => {
    expect(zoneOf({ profile: profileWith(traits), now: 0, catalog: { policy } }, journey)).toBe(zone);
  });
});
